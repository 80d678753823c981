/** A leaving node gives a job away of which it has asked for a copy, and no answer comes from anybody for a while. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

test("no node is asked for a copy that the next keeper would not know of", () => {
  const fabric = new Fabric(6);
  const leaving = fabric.node(0);
  for (const other of fabric.nodes.slice(1)) fabric.silence(other.number, 0);
  const { id } = leaving.add({ replicate: 2, retry: 300, isAsync: true });
  leaving.setLeaving(true);
  fabric.run(500);
  const [heir = leaving] = fabric.nodes.filter((node) => node.roleOf(id) === "own queued");
  fabric.heal();
  fabric.run(10_000);
  assert.equal(leaving.roleOf(id), "");
  heir.ack(id);
  fabric.run(5000);
  assert.equal(fabric.whereabouts(id), "");
});
