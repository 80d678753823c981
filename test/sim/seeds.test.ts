/**
 * Seeds that once failed, each named after what it found.
 *
 * A seed is only a number: when the simulation learns a new habit, the same number lives another
 * life. What was found therefore also has a test of its own in test/core; these lives are kept because
 * they are lived in a few milliseconds and were unlucky once.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { live } from "./life.ts";

const found: readonly [seed: number, what: string][] = [
  [3, "a queue emptied of expired jobs was never listed as idle"],
  [22, "a client that waited again sat at a queue listed as idle"],
  [112, "a job given out twice in a millisecond was taken back from the wrong client"],
  [251, "a reply lost after NACK and DEQUEUE brought its job back too early"],
  [252, "a job that expired in a reply that got lost was queued once more"],
  [279, "a client whose promised job was gone waited beyond its time"],
  [659, "a promised job's lease ran out while the node stood still"],
  [996, "a promise made while answers were sent was broken by a stall"],
  [3162, "a promise made behind a tick expired before the next, and its waiter was passed over"],
  [100_020, "two facts about a job shared one bit"],
  [3_002_060, "a promise that fell through hid a queued job behind a pause"],
  [2_002_995, "a broken promise made WORKING one, too"],
];

for (const [seed, what] of found) {
  test(`seed ${seed}: ${what}, and does so no longer`, () => {
    const { failure, lastLines } = live(seed);
    assert.equal(failure, undefined, `${lastLines.slice(-20).join("\n")}\n${failure?.stack}`);
  });
}
