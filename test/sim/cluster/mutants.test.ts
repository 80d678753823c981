/** Every checker of the cluster finds the fault it is there for, alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { liveCluster } from "./life.ts";
import { clusterMutants, withNeeds } from "./mutants.ts";
import { Violation } from "./oracle/checker.ts";

/** A fault shows in one of so many lives; most show in the first ones. */
const SEEDS_MAX = 120;
const STEPS = 700;

for (const mutant of clusterMutants) {
  const { title, checker, from = 1, sabotage } = mutant;
  test(`a node that ${title} is found out by "${checker}"`, () => {
    for (let seed = from; seed < from + SEEDS_MAX; seed++) {
      const change = withNeeds(mutant);
      const options = { steps: STEPS, checkers: [checker], sabotage, change };
      const { failure } = liveCluster(seed, options);
      if (!(failure instanceof Violation) || failure.checker !== checker) continue;
      return;
    }
    assert.fail("nothing was noticed");
  });
}

test("every invariant has a mutant", () => {
  const tried = new Set(clusterMutants.map((mutant) => mutant.checker.split(" ")[0]));
  for (let number = 1; number <= 16; number++) assert.ok(tried.has(String(number)), `${number}`);
});
