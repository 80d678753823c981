/** A job with RETRY 0 has come round, and its first way is heard of when it goes the next one, or not at all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 30;
const ALL = [0, 1, 2, 3];
/** The level of memory at which no job is taken in. */
const FULL = 3;

/** Jobs are to go to these, as all others leave. */
function stay(fabric: Fabric, ...staying: number[]): void {
  for (const number of ALL) {
    if (staying.includes(number)) fabric.node(number).setLeaving(false);
  }
  for (const number of ALL) {
    if (!staying.includes(number)) fabric.node(number).setLeaving(true);
  }
  fabric.run(SOON_MS);
}

/** It went from node 0 to another one, whose answer is late, to node 2, back, and is under way to the next for a client there. */
function onItsNextWay(first = 1, next = 3) {
  const fabric = new Fabric(ALL.length, { maxMemoryBytes: 200_000 });
  fabric.silence(first, 0);
  const { id } = fabric.node(0).add({ retry: 0 });
  for (const number of [first, 2, 0]) stay(fabric, number);
  stay(fabric, ...ALL);
  assert.equal(fabric.whereabouts(id), "0 own queued");
  fabric.node(next).take("q", 1, 0);
  fabric.until(() => fabric.sent.includes(`0>${next} push`), SOON_MS);
  fabric.silence(next, 0);
  return { fabric, id };
}

test("it comes round once more, though its first arrival was heard of after its second way had begun", () => {
  const { fabric, id } = onItsNextWay();
  fabric.run(SOON_MS);
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent, 3 own queued");
  for (const number of [2, 0]) stay(fabric, number);
  fabric.endSilence(3, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "3 own queued", "it went to that client once more");
});

test("it is not forgotten because its first arrival is never heard of when it goes another way", () => {
  const { fabric, id } = onItsNextWay();
  while (fabric.node(3).broker.memory.level < FULL) fabric.node(3).add({ queue: "other" });
  fabric.run(SOON_MS);
  fabric.breakStream(0, 1);
  assert.equal(fabric.whereabouts(id), "0 own lent");
  fabric.endSilence(3, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own queued", "it was refused for lack of memory");
});

test("its ADDJOB, which waits to hear that it has arrived, is answered when it has come round before that", () => {
  const fabric = new Fabric(3);
  fabric.silence(1, 0);
  for (const number of [0, 2]) fabric.node(number).setLeaving(true);
  const added = fabric.node(0).add({ retry: 0 });
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(added.id), "0 own lent, 1 own queued");
  fabric.node(2).setLeaving(false);
  fabric.node(1).setLeaving(true);
  fabric.run(SOON_MS);
  fabric.node(0).setLeaving(false);
  fabric.node(2).setLeaving(true);
  fabric.run(SOON_MS);
  assert.equal(added.outcome, "waiting");
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.equal(added.outcome, "added");
  assert.equal(fabric.whereabouts(added.id), "0 own queued");
});

for (const [first, next] of [
  [1, 3],
  [3, 1],
]) {
  test(`DELJOB at node 0 deletes it at node ${next}, not only where it was before`, () => {
    const { fabric, id } = onItsNextWay(first, next);
    const node = fabric.node(0);
    fabric.run(SOON_MS);
    assert.equal(fabric.whereabouts(id), `0 own lent, ${next} own queued`);
    assert.equal(node.jobs.delete(node.find(id)), true);
    fabric.run(SOON_MS);
    assert.equal(fabric.whereabouts(id), "");
  });
}
