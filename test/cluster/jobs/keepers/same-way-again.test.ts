/** A job is back, and goes once more to the node from which nothing was heard of its first way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 30;
const ALL = [0, 1, 2, 3, 4, 5, 6];
/** A queue that has other owners on the ring than nodes 0 and 1. */
const QUEUE = "c";
/** The level of memory at which no job is taken in. */
const FULL = 3;

/** Jobs are to go to these, as all others leave. */
function stay(fabric: Fabric, ...staying: number[]): void {
  for (const number of staying) fabric.node(number).setLeaving(false);
  for (const number of ALL) if (!staying.includes(number)) fabric.node(number).setLeaving(true);
  fabric.run(SOON_MS);
}

/** It went from node 0 to node 1, whose answers are late, to node 2, back, and is pushed to node 1 for a client there. */
function pushedTo1Again(retry: number) {
  const fabric = new Fabric(ALL.length, { maxMemoryBytes: 200_000 });
  fabric.silence(1, 0);
  const { id } = fabric.node(0).add({ retry, queue: QUEUE });
  for (const number of [1, 2, 0]) stay(fabric, number);
  stay(fabric, ...ALL);
  assert.equal(fabric.whereabouts(id), "0 own queued");
  fabric.node(1).take(QUEUE);
  fabric.until(() => fabric.sent.includes("0>1 push"), SOON_MS);
  return { fabric, id };
}

for (const retry of [0, 1000]) {
  test(`it is not lost when that has no memory for it, with RETRY ${retry}`, () => {
    const { fabric, id } = pushedTo1Again(retry);
    while (fabric.node(1).broker.memory.level < FULL) fabric.node(1).add({ queue: "other" });
    fabric.run(SOON_MS);
    assert.equal(fabric.whereabouts(id), "0 own lent");
    fabric.endSilence(1, 0);
    fabric.run(SOON_MS);
    assert.equal(fabric.whereabouts(id), "0 own queued");
  });
}

test("it stays a loan of its keeper, which hears of both at once", () => {
  const { fabric, id } = pushedTo1Again(1000);
  fabric.run(SOON_MS);
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent, 1 borrowed active");
});

test("with RETRY 0 it is handed out there once", () => {
  const { fabric, id } = pushedTo1Again(0);
  fabric.run(SOON_MS);
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own active");
});

test("nor is one with RETRY 0 lost that was pushed there first, and is given there for good, where there is no memory for it", () => {
  const fabric = new Fabric(4, { maxMemoryBytes: 200_000 });
  const [first, second, third] = [fabric.node(0), fabric.node(1), fabric.node(2)];
  second.take("q", 1, 0);
  fabric.run(SOON_MS);
  fabric.silence(1, 0);
  const { id } = first.add({ retry: 0 });
  fabric.node(3).setLeaving(true);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent, 1 own queued");
  first.setLeaving(true);
  second.setLeaving(true);
  fabric.run(SOON_MS);
  first.setLeaving(false);
  third.setLeaving(true);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own queued");
  second.setLeaving(false);
  while (second.broker.memory.level < FULL) second.add({ queue: "other" });
  first.setLeaving(true);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent");
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own queued");
});

for (const [way, whenTaken, inTheEnd] of [
  // It has a copy by its arrival, and becomes keeper by the push.
  ["arrived", "0 own lent, 1 own active", "0 copy, 1 own active"],
  [
    "was refused for lack of memory",
    "0 own lent, 1 borrowed active",
    "0 own lent, 1 borrowed active",
  ],
] as const) {
  test(`a job that a client called back, and that a client there has now, stays there when it is heard that it ${way}`, () => {
    const fabric = new Fabric(ALL.length, { maxMemoryBytes: 200_000 });
    const [first, second] = [fabric.node(0), fabric.node(1)];
    fabric.silence(1, 0);
    const { id } = first.add({ retry: 1000, queue: QUEUE });
    if (way !== "arrived") second.broker.memory.maxBytes = 1;
    stay(fabric, 1);
    first.jobs.requeue(first.find(id), "client");
    second.broker.memory.maxBytes = 200_000;
    stay(fabric, ...ALL);
    assert.match(fabric.whereabouts(id), /^0 own queued/);
    second.take(QUEUE);
    fabric.run(SOON_MS);
    assert.equal(fabric.whereabouts(id), whenTaken);
    fabric.endSilence(1, 0);
    fabric.run(SOON_MS);
    assert.equal(fabric.whereabouts(id), inTheEnd);
  });
}
