/** Hundreds of simulated lives of clusters keep every invariant, and nothing is left out of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cluster } from "../kinds.ts";
import { FEATURES } from "./config.ts";
import { liveCluster } from "./life.ts";

const SEEDS = 200;
const NOTHING = new Set<string>();

/** What must have happened beside every habit and fault, so that no invariant is kept for lack of trying. */
const MARKS = [
  ...["1 no loss", "2 at most once", "2 at most once, exactly", "3 single queue"],
  ...["3 single queue, one keeper", "4 lease honoured", "5 ack final", "6 ack not forgotten"],
  ...["7 exact copies", "7 exact copies, places", "7 exact copies, surplus", "8 list soundness"],
  ...["9 no wait with work", "10 credits", "11 NOREPL means no", "12 convergence", "13 leaving"],
  ...["14 repair", "15 bounds", "16 expiry", "settled", "empty"],
].map((name) => `checked: ${name}`);

test("every invariant holds in hundreds of lives, with every habit and fault in some of them", () => {
  const marks = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = cluster.live(seed, cluster.stepsDefault, NOTHING);
    if (report.failure !== undefined) {
      const { lines, configuration } = cluster.retell(seed, cluster.stepsDefault, NOTHING);
      const again = `npm run sim -- --cluster --seed ${seed}`;
      const last = lines.slice(-60).join("\n");
      assert.fail(`${last}\n${report.failure.stack}\n${configuration}\n${again}`);
    }
    for (const [mark, times] of report.marks) marks.set(mark, (marks.get(mark) ?? 0) + times);
  }
  for (const mark of [...FEATURES, ...MARKS])
    assert.ok(marks.has(mark), `"${mark}" never happened`);
});

test("the same seed lives the same life, another seed another, whoever follows it", () => {
  const [first, again, other] = [liveCluster(7), liveCluster(7), liveCluster(8)];
  assert.equal(first.hash, again.hash);
  assert.equal(first.turns, again.turns);
  assert.notEqual(first.hash, other.hash);
});

test("a long life is like many short ones", () => {
  const { failure } = liveCluster(1_000_003, { steps: 8000 });
  assert.equal(failure, undefined, failure?.stack);
});
