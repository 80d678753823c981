/** Whatever has happened to jobs, a node that reads its log knows what it knew. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Broker } from "../../src/core/broker.ts";
import { checkBroker } from "../../src/core/broker-check.ts";
import { fc } from "../support/fast-check.ts";
import { FakeClock } from "./support/clock.ts";
import { afterRestart, type Facts, factsOf, servedOrder } from "./support/job-facts.ts";
import { JobLife, type Step } from "./support/job-life.ts";
import { LogInMemory, type Reborn, usualNodes } from "./support/log-in-memory.ts";

const step: fc.Arbitrary<Step> = fc.tuple(fc.nat(60), fc.nat(20), fc.nat(200));
/** What is done with the log after a step: 0, 1: nothing; 2, 3, 4: a turn ends; then a segment, a pass. */
const history = fc.array(fc.tuple(step, fc.nat(8)), { maxLength: 80, size: "max" });
const downtimeMs = fc.constantFrom(0, 1, 900, 4_000, 40_000);

/** Lives a life and writes it down; `written` is called after every turn with something to write. */
function live(
  steps: readonly [Step, number][],
  written: (log: LogInMemory, life: JobLife) => void = () => {},
): { life: JobLife; log: LogInMemory } {
  const life = new JobLife();
  const log = new LogInMemory(life.broker, life.clock, "always");
  const endTurn = (): void => {
    if (log.write()) written(log, life);
  };
  for (const [one, then] of steps) {
    life.step(one);
    if (then === 2 || then === 3) life.endTurn();
    if (then === 5) log.beginSegment();
    if (then === 6) log.beginRewrite();
    if (then >= 2) endTurn();
  }
  endTurn();
  return { life, log };
}

/** The same pauses as before: they are kept elsewhere. */
function pausesOf(before: Broker): (broker: Broker) => void {
  return (broker) => {
    for (let number = 0; number < before.queues.numberLimit; number++) {
      const queue = before.queues.at(number);
      if (queue === undefined || !queue.isPaused) continue;
      const { name, isPausedIn, isPausedOut } = queue;
      broker.pause(broker.queues.entry(name, 0, name.length), isPausedIn, isPausedOut);
    }
  };
}

function later(life: JobLife, ms: number): FakeClock {
  return new FakeClock(2, 77, life.clock.wallMs + ms);
}

function assertKnows(reborn: Reborn, clock: FakeClock, facts: Facts): void {
  const { broker, nodes } = reborn;
  checkBroker(broker);
  const expected = afterRestart(facts, clock.wallMs);
  assert.deepEqual(factsOf(broker, clock, nodes), expected);
  assert.deepEqual(servedOrder(broker), expected.queues);
}

test("a node that reads its log knows what it knew", () => {
  fc.assert(
    fc.property(history, downtimeMs, (steps, ms) => {
      const { life, log } = live(steps);
      checkBroker(life.broker);
      const clock = later(life, ms);
      const reborn = log.replay(clock, 0, undefined, pausesOf(life.broker));
      assertKnows(reborn, clock, factsOf(life.broker, life.clock, usualNodes));
    }),
    { numRuns: 40 },
  );
});

test("so does one that is stopped at any moment, in the middle of a rewrite pass too", () => {
  let passes = 0;
  fc.assert(
    fc.property(fc.noBias(history), (steps) => {
      live(steps, (log, life) => {
        if (log.journal.isRewriting) passes++;
        const clock = later(life, 3);
        const reborn = log.replay(clock, 0, undefined, pausesOf(life.broker));
        assertKnows(reborn, clock, factsOf(life.broker, life.clock, usualNodes));
      });
    }),
    { numRuns: 8 },
  );
  assert.ok(passes > 0, "passes were under way");
});

test("its jobs go on to live: nothing of what was loaded is out of order later", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const { life, log } = live(steps);
      const clock = later(life, 100);
      const { broker } = log.replay(clock, 0, undefined, pausesOf(life.broker));
      for (const ms of [0, 1_000, 10_000, 400_000, 90_000_000]) {
        clock.pass(ms);
        broker.tick();
        checkBroker(broker);
      }
      assert.equal(broker.jobs.count, 0, "everything expires");
    }),
    { numRuns: 30 },
  );
});
