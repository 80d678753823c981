/** Hundreds of simulated lives of a node keep every promise, and nothing is left out of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeConfig, HABITS } from "./config.ts";
import { type LifeReport, live } from "./life.ts";

const SEEDS = 200;

/** What must have happened beside every habit, so that a promise is not kept for lack of trying. */
const MARKS = [
  "several jobs at once",
  "delivered after NACK",
  "delivered again",
  "left while waiting",
  "left with a promised job",
  "released held jobs",
  "refused",
  "dead socket",
  "half-written reply",
  "late reply",
  "jobsEvicted",
  "jobsExpired",
  "jobsRequeued",
  "jobsReturned",
  "queuesEvicted",
  "ack: no",
  "enqueue: yes",
  "nack: no",
  "dequeue: yes",
  "working: yes",
  "delete: yes",
];

function describeFailure({ failure, config, lastLines }: LifeReport): string {
  const again = `npm run sim -- --seed ${config.seed} --steps ${config.steps}`;
  return `${lastLines.slice(-15).join("\n")}\n${failure?.stack}\n${describeConfig(config)}\n${again}`;
}

test("every promise is kept in hundreds of lives, with every habit and fault in some of them", () => {
  const marks = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = live(seed);
    assert.equal(report.failure, undefined, describeFailure(report));
    for (const [mark, times] of report.marks) marks.set(mark, (marks.get(mark) ?? 0) + times);
  }
  for (const mark of [...HABITS, ...MARKS]) assert.ok(marks.has(mark), `"${mark}" never happened`);
});

test("the same seed lives the same life, another seed another", () => {
  const [first, again, other] = [live(7), live(7), live(8)];
  assert.equal(first.hash, again.hash);
  assert.equal(first.events, again.events);
  assert.notEqual(first.hash, other.hash);
});

test("a long life is like many short ones", () => {
  const report = live(1_000_003, { steps: 4000 });
  assert.equal(report.failure, undefined, describeFailure(report));
  assert.ok(report.turns > 4000);
});
