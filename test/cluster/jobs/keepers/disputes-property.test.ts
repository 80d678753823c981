/**
 * Whatever made nodes disagree about a job: when all is well again they agree, and an acknowledgement reaches all of it.
 *
 * The simulator lets clusters live, and two keepers of a job are rare there. Here there is one job, several nodes
 * take it over whenever they like, and others refuse, drop, delete, stand still or are not heard meanwhile. No node ends or starts
 * again: what is lost then is the simulator's to judge.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../support/fast-check.ts";
import { assertAgreed } from "../support/agreement.ts";
import { anySetting } from "../support/any-setting.ts";
import { DisputedJob, type NodeAct, type Setting, type Step } from "../support/disputed-job.ts";

const NODES_MAX = 7;
const STEPS_MAX = 20;
/** Nobody is delivered it again. */
const RETRY_SECONDS = 300;
/** Whoever repairs has done it, and whoever waits for the answer to an old question has given up. */
const SETTLED_MS = 20_000;
/** An acknowledgement in the midst of disputes may be tried again some times. */
const COLLECTED_MS = 15_000;
/** One in a cluster that agrees is not. */
const COLLECTED_AT_ONCE_MS = 8000;

interface Life {
  readonly setting: Setting;
  readonly steps: readonly Step[];
  /** A node that leaves stays after all if its number is here. */
  readonly staying: readonly number[];
  /** Who is told in the end that the job is done, of those who have it. */
  readonly consumer: number;
}

const node = fc.nat(NODES_MAX - 1);
const setting = anySetting({
  nodes: { min: 4, max: NODES_MAX },
  replicate: { min: 2, max: 3 },
  retrySeconds: RETRY_SECONDS,
  hasLogs: false,
});

/** What makes nodes disagree. */
const dispute = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom("take over", "make copy", "drop copy") },
  { weight: 1, arbitrary: fc.constant("delete copy") },
  { weight: 2, arbitrary: fc.constantFrom("fill or empty memory", "stand still or go on") },
  { weight: 2, arbitrary: fc.constantFrom("silence", "end silence") },
  { weight: 1, arbitrary: fc.constantFrom("believe dead", "believe alive", "acknowledge") },
);

function lives(act: fc.Arbitrary<NodeAct>): fc.Arbitrary<Life> {
  const step: fc.Arbitrary<Step> = fc.record({
    do: fc.oneof({ weight: 3, arbitrary: dispute }, { weight: 1, arbitrary: act }),
    node,
    other: node,
    thenMs: fc.oneof(fc.nat(2), fc.nat(19), fc.nat(199)),
  });
  return fc.record({
    setting,
    steps: fc.array(step, { maxLength: STEPS_MAX }),
    staying: fc.oneof(fc.constant([]), fc.array(node)),
    consumer: node,
  });
}

/** All that happens; at the end the nodes have had time to agree. */
function live({ setting, steps, staying }: Life): DisputedJob {
  const job = new DisputedJob(setting);
  for (const step of steps) job.perform(step);
  for (const each of job.fabric.nodes) {
    if (each.broker.isLeaving && staying.includes(each.number)) each.setLeaving(false);
  }
  job.heal();
  job.fabric.run(SETTLED_MS);
  return job;
}

function judge(life: Life): void {
  const job = live(life);
  if (job.isAcked) {
    for (const consumer of job.fabric.nodes) consumer.take();
    job.fabric.run(COLLECTED_MS);
  } else {
    assertAgreed(job, life.setting.replicate);
    job.acknowledge(life.consumer);
    job.fabric.run(COLLECTED_AT_ONCE_MS);
  }
  const delivered = job.fabric.nodes.filter((each) => each.delivered.length > 0);
  assert.deepEqual(delivered, [], "nobody is delivered what is done");
  assert.equal(job.fabric.records, 0, `nothing is left: ${job.fabric.whereabouts(job.id)}`);
}

test("nodes that disagreed about a job while some stood still or left agree in the end", () => {
  fc.assert(fc.property(lives(fc.constant("leave or stay")), judge), { numRuns: 100 });
});

test("nodes that disagreed about a job while links broke agree in the end", () => {
  const act = fc.constantFrom<NodeAct>("leave or stay", "break stream", "cut", "join");
  fc.assert(fc.property(lives(act), judge), { numRuns: 100 });
});
