/** A node leaves that knows more nodes than the keepers of its copies do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

/** Nodes 0 and 2 do not know each other; node 1, which knows both and leaves, has a copy of a job of node 0. */
function withStrangers(): { fabric: Fabric; id: string } {
  const fabric = new Fabric(3);
  fabric.node(0).removed(2);
  fabric.node(2).removed(0);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  assert.equal(fabric.node(1).roleOf(id), "copy");
  fabric.node(1).setLeaving(true);
  return { fabric, id };
}

test("it keeps its copies until they meet, so that no job has one less (cluster seed 891325)", () => {
  const { fabric, id } = withStrangers();
  fabric.run(20_000);
  assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy");
  fabric.node(0).introduced(2);
  fabric.node(2).introduced(0);
  fabric.run(10_000);
  assert.equal(fabric.whereabouts(id), "0 own queued, 2 copy");
  assert.equal(fabric.node(1).broker.jobs.count, 0);
});

test("it is relieved when nobody is left whom the keeper does not know", () => {
  const { fabric, id } = withStrangers();
  fabric.run(5000);
  fabric.node(1).removed(2);
  fabric.until(() => fabric.node(1).broker.jobs.count === 0, 5000);
  assert.equal(fabric.whereabouts(id), "0 own queued");
});
