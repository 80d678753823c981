/** A job comes round, because nodes leave and stay, to one that has not heard that it arrived where it was sent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 30;

/** Node 0 sends a job to node 1, whose answer is late; node 1 has passed it on to node 2, and that one back. */
function comeRound(retry: number, isAskedFor: boolean) {
  const fabric = new Fabric(3);
  const [first, second, third] = [fabric.node(0), fabric.node(1), fabric.node(2)];
  if (isAskedFor) second.take("q", 1, 0);
  fabric.run(SOON_MS);
  fabric.silence(1, 0);
  const { id } = first.add({ retry });
  third.setLeaving(true);
  first.setLeaving(!isAskedFor);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent, 1 own queued");
  first.setLeaving(true);
  third.setLeaving(false);
  second.setLeaving(true);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent, 2 own queued");
  first.setLeaving(false);
  third.setLeaving(true);
  fabric.run(SOON_MS);
  return { fabric, id };
}

/** It is in the queue of node 0, and in no other place when the late answer has come. */
function stays({ fabric, id }: { fabric: Fabric; id: string }): void {
  assert.equal(fabric.whereabouts(id), "0 own queued");
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own queued");
  fabric.run(5000);
  assert.deepEqual(fabric.node(0).listOf(id), [], "nobody else is thought to have it");
  fabric.node(0).take();
  assert.deepEqual(fabric.node(0).delivered, [id]);
}

test("what moved to who waited is not forgotten when its first move is heard of late", () => {
  stays(comeRound(0, true));
});

for (const retry of [0, 1000]) {
  test(`nor is what went as its node left, with RETRY ${retry}`, () => {
    stays(comeRound(retry, false));
  });
}
