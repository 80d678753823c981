/** A queue that is paused in input takes no new jobs; those that were accepted get their copies. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

/** Three nodes, on all of which the queue is paused in input. */
function pausedFabric(): Fabric {
  const fabric = new Fabric(3);
  for (const node of fabric.nodes) node.broker.pause(node.queue(), true, false);
  return fabric;
}

test("what was added without waiting for copies gets them at once though all have paused its queue", () => {
  const fabric = pausedFabric();
  const { id } = fabric.node(0).add({ replicate: 3, isAsync: true });
  fabric.run(20);
  assert.deepEqual(fabric.node(0).listOf(id).toSorted(), [0, 1, 2]);
  assert.equal(fabric.count("store"), 2);
});

test("what waits for its copies gets none while all have paused its queue, and then all", () => {
  const fabric = pausedFabric();
  const added = fabric.node(0).add({ replicate: 3 });
  fabric.run(2000);
  assert.equal(added.outcome, "waiting");
  for (const node of fabric.nodes) node.broker.pause(node.queue(), false, false);
  fabric.until(() => added.outcome === "added", 600);
});

test("a node that begins to leave while a job waits for its other copy is rid of its own when that is there (cluster seed 1184227)", () => {
  const fabric = new Fabric(3);
  fabric.node(2).broker.pause(fabric.node(2).queue(), true, false);
  const added = fabric.node(0).add({ replicate: 3 });
  fabric.run(20);
  assert.equal(fabric.whereabouts(added.id), "0 own replicating, 1 copy");
  fabric.node(1).setLeaving(true);
  fabric.run(20);
  fabric.node(2).broker.pause(fabric.node(2).queue(), false, false);
  fabric.until(() => added.outcome === "added", 600);
  fabric.run(5000);
  assert.equal(fabric.whereabouts(added.id), "0 own queued, 2 copy");
});
