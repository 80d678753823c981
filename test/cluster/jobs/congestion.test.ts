/** A peer that does not get rid of what is sent to it: what is for it waits where it is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "./support/fabric.ts";

const SOON_MS = 50;

/** Nodes of which node 0 cannot get anything more through to node 1. */
function congested(count: number): Fabric {
  const fabric = new Fabric(count);
  fabric.congested.add("0>1");
  return fabric;
}

function relieve(fabric: Fabric): void {
  fabric.congested.delete("0>1");
  fabric.run(SOON_MS);
}

test("requests for copies wait, and are answered when the peer is relieved", () => {
  const fabric = congested(2);
  const added = [1, 2, 3].map(() => fabric.node(0).add({ replicate: 2 }));
  fabric.run(1000);
  assert.equal(fabric.count("store"), 0);
  relieve(fabric);
  assert.equal(fabric.count("store"), 1);
  for (const { id, outcome } of added) {
    assert.equal(outcome, "added");
    assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy");
  }
});

test("a job whose client has given up is not copied later", () => {
  const fabric = congested(2);
  const added = fabric.node(0).add({ replicate: 2, timeoutMs: 100 });
  fabric.run(1000);
  assert.equal(added.outcome, "timeout");
  relieve(fabric);
  fabric.run(2000);
  assert.equal(fabric.count("store"), 0);
  assert.equal(fabric.records, 0);
});

test("jobs that are wanted there stay in their queue until the peer is relieved", () => {
  const fabric = congested(2);
  fabric.node(1).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(0).add();
  fabric.run(1000);
  assert.equal(fabric.whereabouts(id), "0 own queued");
  relieve(fabric);
  assert.deepEqual(fabric.node(1).delivered, [id]);
});

test("a leaving node waits with its jobs until the peer is relieved", () => {
  const fabric = congested(2);
  const ids = [1, 2, 3].map(() => fabric.node(0).add().id);
  fabric.node(0).setLeaving(true);
  fabric.run(1000);
  assert.equal(fabric.count("keep"), 0);
  relieve(fabric);
  fabric.run(1000);
  for (const id of ids) assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("what is wanted is said when the peer is relieved, and not before", () => {
  const fabric = congested(2);
  fabric.sent.length = 0;
  for (let i = 0; i < 100; i++) fabric.node(0).take(`q${i}`);
  fabric.run(1000);
  assert.equal(fabric.sent.filter((line) => line === "0>1 want").length, 0);
  const { id } = fabric.node(1).add({ queue: "q50" });
  fabric.run(SOON_MS);
  fabric.congested.delete("0>1");
  fabric.until(() => fabric.node(0).delivered.length > 0, 500);
  assert.deepEqual(fabric.node(0).delivered, [id]);
});
