/** Who looks for the job of an acknowledgement has asked a node before that had the job, and its keeper when that has it no more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 50;
const ALL = [0, 1, 2, 3];

/** The others leave, and nodes that stay have all jobs. */
function stay(fabric: Fabric, ...staying: number[]): void {
  for (const number of staying) fabric.node(number).setLeaving(false);
  for (const number of ALL) if (!staying.includes(number)) fabric.node(number).setLeaving(true);
  fabric.run(SOON_MS);
}

/** Acknowledged at node 3, which cannot reach node 0, and nodes 1 and 2 have answered: node 0 gives it to 1, and that to 2. */
function movedTwice(fabric: Fabric, forMs: number, isNextCut = false): string {
  const { id } = fabric.node(0).add({ retry: 1000 });
  fabric.cut(0, 3);
  fabric.node(3).ack(id);
  fabric.run(forMs);
  for (const number of [1, 2]) stay(fabric, number);
  assert.equal(fabric.whereabouts(id), "2 own queued, 3 dummy");
  stay(fabric, ...ALL);
  if (isNextCut) fabric.cut(1, 3);
  fabric.join(0, 3);
  fabric.run(SOON_MS);
  return id;
}

for (const forMs of [SOON_MS, 20_000]) {
  test(`the job is over that has moved twice meanwhile, ${forMs} ms later`, () => {
    const fabric = new Fabric(ALL.length);
    assert.equal(fabric.whereabouts(movedTwice(fabric, forMs)), "");
  });
}

test("so it is when the answer of the first one comes when all others have answered", () => {
  const fabric = new Fabric(ALL.length);
  fabric.silence(1, 3);
  const id = movedTwice(fabric, SOON_MS);
  fabric.endSilence(1, 3);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "");
});

test("so it is when that one cannot be reached just when all others have answered", () => {
  const fabric = new Fabric(ALL.length);
  const id = movedTwice(fabric, SOON_MS, true);
  assert.equal(fabric.whereabouts(id), "2 own queued, 3 tombstone");
  fabric.join(1, 3);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "");
});
