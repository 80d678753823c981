/** A node is asked for a copy of a job that it has sent away, and has not heard of its arrival. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 30;

/** Jobs are to go to these, as all others leave. */
function stay(fabric: Fabric, ...staying: number[]): void {
  for (const { number } of fabric.nodes) fabric.node(number).setLeaving(!staying.includes(number));
  fabric.run(SOON_MS);
}

/** Node 0 has sent a job to node 1, whose answer is late; by now node 2 keeps it, and asks node 0 for a copy. */
function askedOnItsWay() {
  const fabric = new Fabric(4);
  stay(fabric, 0, 1);
  const added = fabric.node(0).add({ replicate: 2, retry: 1000 });
  fabric.run(SOON_MS);
  assert.equal(added.outcome, "added");
  fabric.silence(1, 0);
  stay(fabric, 1);
  stay(fabric, 1, 2, 3);
  stay(fabric, 2, 3);
  assert.equal(fabric.whereabouts(added.id), "0 own lent, 2 copy, 3 own queued");
  fabric.node(3).setLeaving(true);
  fabric.sent.length = 0;
  fabric.node(0).setLeaving(false);
  fabric.until(() => fabric.sent.includes("0>2 stored"), SOON_MS);
  return { fabric, id: added.id };
}

test("nobody counts on it when its arrival is heard of before its new keeper", () => {
  const { fabric, id } = askedOnItsWay();
  fabric.silence(2, 0);
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  fabric.endSilence(2, 0);
  fabric.run(60_000);
  assert.equal(fabric.whereabouts(id), "0 copy, 2 own queued");
  assert.deepEqual(fabric.node(2).listOf(id), [2, 0]);
});

test("it becomes a copy when its new keeper is heard of first", () => {
  const { fabric, id } = askedOnItsWay();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 copy, 2 own queued");
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 copy, 2 own queued");
  assert.deepEqual(fabric.node(2).listOf(id), [2, 0]);
});
