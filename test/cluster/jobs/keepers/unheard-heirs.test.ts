/** A node is given a job for good, and dies before a holder has heard of that. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

test("the holder does not follow for ever who has given the job away and lives on", () => {
  const fabric = new Fabric(4, { repairDelayMs: 300 });
  const leaving = fabric.node(0);
  const { id } = leaving.add({ replicate: 2, retry: 300 });
  fabric.run(50);
  const holder = fabric.node(leaving.listOf(id)[1] as number);
  const others = fabric.nodes.filter((node) => node !== leaving && node !== holder);
  for (const other of others) fabric.silence(other.number, holder.number);
  leaving.setLeaving(true);
  fabric.until(() => leaving.roleOf(id) === "", 100);
  leaving.setLeaving(false);
  const heir = others.find((other) => other.roleOf(id) === "own queued");
  assert.ok(heir !== undefined);
  fabric.crash(heir.number);
  fabric.setLive(heir.number, false);
  fabric.heal();
  fabric.setLive(heir.number, false);
  fabric.run(250);
  assert.equal(holder.roleOf(id), "copy");
  fabric.run(5000);
  assert.equal(holder.roleOf(id), "own queued");
});
