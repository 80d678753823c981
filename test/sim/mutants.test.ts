/** Every checker finds the fault it is there for, alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { configOf } from "./config.ts";
import { Violation } from "./history.ts";
import { allCheckers, live } from "./life.ts";
import { mutants } from "./mutants.ts";

/** A fault shows in one of so many lives; most show in the first ones. */
const SEEDS_MAX = 150;

for (const { title, checker, sabotage } of mutants) {
  test(`a broker that ${title} is found out by "${checker}"`, () => {
    for (let seed = 0; seed < SEEDS_MAX; seed++) {
      const { failure } = live(seed, {
        checkers: [checker],
        sabotage: (node, random) => sabotage(node.broker, random, node),
      });
      if (failure === undefined) continue;
      assert.ok(failure instanceof Violation, failure.stack);
      assert.equal(failure.checker, checker);
      return;
    }
    assert.fail("nothing was noticed");
  });
}

test("every checker has a mutant", () => {
  const tried = new Set(mutants.map((mutant) => mutant.checker));
  const names = allCheckers(configOf(0, 1)).map((checker) => checker.name);
  for (const name of [...names, "check"]) assert.ok(tried.has(name), name);
});

test("a look at the real clock ends the life at once", () => {
  const { failure, turns } = live(1, {
    sabotage: ({ broker }) => {
      const tick = broker.tick.bind(broker);
      broker.tick = () => {
        if (Date.now() > 0) tick();
      };
    },
  });
  assert.equal(turns, 1);
  assert.match(String(failure), /Date was used inside the simulation/);
  assert.ok(Date.now() > 0, "the clock is back");
});
