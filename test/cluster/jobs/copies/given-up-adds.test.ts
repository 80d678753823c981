/** Clients that go while their ADDJOB waits at a node that leaves, and who comes after them in the same turn. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";
import { addJob } from "../support/fabric-add.ts";

const SOON_MS = 50;

test("an ADDJOB at a leaving node is answered, whoever has just given up one that was to be given away", () => {
  const fabric = new Fabric(4);
  const node = fabric.node(0);
  node.setLeaving(true);
  const given = addJob(node.jobs, node.queue(), { replicate: 1 }, fabric.nowMs);
  node.jobs.cancelAdd(given.receiver);
  const added = node.add({ replicate: 2 });
  fabric.until(() => added.outcome === "added", SOON_MS);
  const others = fabric.nodes.filter((other) => other !== node);
  const copies = others.filter((other) => other.roleOf(added.id) === "copy");
  assert.equal(copies.length, 2, fabric.whereabouts(added.id));
});
