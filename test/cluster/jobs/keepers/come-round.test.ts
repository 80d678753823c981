/** A job comes round, because nodes leave and stay, to one that has not heard that it arrived where it was sent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 30;
/** So long it takes at most until who waits is sent a job if an owner of the queue cannot say so. */
const PUSHED_MS = 2500;

interface Round {
  readonly fabric: Fabric;
  readonly id: string;
}

/** Node 0 sends a job to node 1, whose answer is late; node 1 has passed it on to node 2. */
function passedOn(retry: number, isAskedFor: boolean): Round {
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
  return { fabric, id };
}

/** Node 2 gives it back, as it leaves. */
function comeRound(retry: number, isAskedFor: boolean): Round {
  const round = passedOn(retry, isAskedFor);
  round.fabric.node(2).setLeaving(true);
  round.fabric.run(SOON_MS);
  return round;
}

/** It is in the queue of node 0, and in no other place when the late answer has come. */
function stays({ fabric, id }: Round): void {
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

  test(`nor is what is sent back to who waits, with RETRY ${retry}`, () => {
    const { fabric, id } = passedOn(retry, false);
    fabric.node(0).take();
    fabric.run(PUSHED_MS);
    assert.deepEqual(fabric.node(0).delivered, [id]);
    fabric.endSilence(1, 0);
    fabric.run(5000);
    assert.equal(fabric.whereabouts(id), "0 own active");
    assert.deepEqual(fabric.node(0).listOf(id), [], "nobody else is thought to have it");
  });
}
