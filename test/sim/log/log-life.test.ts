/** Lives of a node with a log: kills, power failures and bad disks cost nothing that was promised. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeLogConfig, liveWithLog } from "./log-life.ts";

const SEEDS = 12;

/** Seeds that once failed, each named after what it found; with appendfsync always, or as they were drawn. */
const found: readonly [seed: number, what: string, policy?: "drawn"][] = [
  [1039, "what a killed process had not synced was never synced by the next one"],
  [3, "a failed manifest of a former pass kept the node awake"],
  [308, "the system's memory held what a failed sync had lost, and the next process believed it"],
  [348, "a failed sync and a power failure left a hole that stopped the start"],
  [15, "what came behind the end of a log in the same turn was expected to be in it"],
  [216, "a log that ended in the middle of a turn was judged as of its end"],
  [
    40286,
    "what a start had made up for want of a moment was made up again by the next one",
    "drawn",
  ],
  [
    700912,
    "what was written before the disk was full was not synced until there was room",
    "drawn",
  ],
  [710687, "what a start had written stayed unsynced while the disk was full", "drawn"],
  [710130, "a log counted as on before what had happened during its first pass was in it", "drawn"],
  [810233, "a stop that failed within a turn was judged as one at the end of it", "drawn"],
  [40322, "a process that stood still was to write anew what a failed sync had lost", "drawn"],
];

async function mustKeep(seed: number, policy?: "always"): Promise<ReadonlyMap<string, number>> {
  const { failure, lastLines, config, marks } = await liveWithLog(seed, {
    change: (drawn) => (policy ? { ...drawn, shape: { ...drawn.shape, policy } } : drawn),
  });
  const story = `${lastLines.slice(-30).join("\n")}\n${failure?.stack}\n${describeLogConfig(config)}`;
  assert.equal(failure, undefined, story);
  return marks;
}

test("no promise is broken by kills, power failures and bad disks", async () => {
  const marks = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    for (const [mark, times] of await mustKeep(seed)) {
      marks.set(mark, (marks.get(mark) ?? 0) + times);
    }
  }
  for (const mark of ["kill", "power", "stop", "disk full", "sync failed", "slow sync"]) {
    assert.ok(marks.has(mark), `"${mark}" never happened`);
  }
});

for (const [seed, what, policy] of found) {
  test(`seed ${seed}: ${what}, and so it is no longer`, () =>
    mustKeep(seed, policy === "drawn" ? undefined : "always").then(() => {}));
}

test("the same seed lives the same life", async () => {
  const [first, again] = [await liveWithLog(7), await liveWithLog(7)];
  assert.equal(first.hash, again.hash);
});
