/**
 * Clients take a job, give it back and ask for more time while nodes disagree about who keeps it: in the end it waits
 * in one place for whoever asks next, wherever that is, and its acknowledgement reaches all of it.
 *
 * Nodes may start again with what they had. What a lost memory costs is the simulator's to judge.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../support/fast-check.ts";
import { assertAgreed } from "../support/agreement.ts";
import { anySetting } from "../support/any-setting.ts";
import { type AnyStep, anySteps, performAll } from "../support/any-steps.ts";
import type { ClientAct } from "../support/client-step.ts";
import { DisputedJob, type NodeAct, type Setting } from "../support/disputed-job.ts";

const NODES_MAX = 6;
/** All leases are over, and all that waited has given up. */
const SETTLED_MS = 30_000;
const RETRY_SECONDS = 4;
/** Who asks is served in this time, and has the job still at its end. */
const SERVED_MS = 3500;
const COLLECTED_MS = 15_000;
const FOUND_MS = 400;

interface Life {
  readonly setting: Setting;
  readonly steps: readonly AnyStep[];
  /** Nodes that leave do so to the end. */
  readonly isLeft: boolean;
  /** Who asks for the job in the end, and where it is acknowledged. */
  readonly taker: number;
  readonly consumer: number;
}

const node = fc.nat(NODES_MAX - 1);

const CLIENTS: readonly ClientAct[] = [
  "GETJOB",
  "GETJOB NOHANG",
  "NACK",
  "ENQUEUE",
  "DEQUEUE",
  "WORKING",
  "ACKJOB",
];

const DISPUTES: readonly NodeAct[] = [
  "take over",
  "make copy",
  "drop copy",
  "delete copy",
  "fill or empty memory",
  "stand still or go on",
  "leave or stay",
  "silence",
  "end silence",
  "believe dead",
  "believe alive",
];

function lives(clients: readonly ClientAct[], nodes: readonly NodeAct[]): fc.Arbitrary<Life> {
  const setting = anySetting({
    nodes: { min: 3, max: NODES_MAX },
    replicate: { min: 1, max: 3 },
    retrySeconds: RETRY_SECONDS,
    hasLogs: clients.includes("start again"),
  });
  const steps = anySteps(clients, nodes, NODES_MAX);
  return fc.record({ setting, steps, isLeft: fc.boolean(), taker: node, consumer: node });
}

/** All that happens; at the end the nodes have had time to agree. */
function live({ setting, steps, isLeft }: Life): DisputedJob {
  const job = new DisputedJob(setting);
  performAll(job, steps);
  if (!isLeft) for (const each of job.fabric.nodes) each.setLeaving(false);
  job.heal();
  job.fabric.run(SETTLED_MS);
  for (const each of job.fabric.nodes) each.delivered.length = 0;
  return job;
}

function judge(life: Life): void {
  const job = live(life);
  const { fabric, id, isAcked } = job;
  // Of two who keep it, one may have it from the other, who deletes it: both are over.
  const isDeleted =
    fabric.records === 0 && life.steps.some(({ step }) => step.do === "delete copy");
  if (!isAcked && !isDeleted) judgeWaiting(job, life);
  for (const each of fabric.nodes) each.delivered.length = 0;
  for (const each of fabric.nodes) each.take();
  fabric.run(COLLECTED_MS);
  const delivered = fabric.nodes.filter((each) => each.delivered.length > 0);
  assert.deepEqual(delivered, [], "nobody is delivered what is done");
  assert.equal(fabric.records, 0, `nothing is left: ${fabric.whereabouts(id)}`);
}

/** Nobody has it; whoever asks gets it, and acknowledges it somewhere. */
function judgeWaiting(job: DisputedJob, { setting, taker, consumer }: Life): void {
  const { fabric, id, staying } = job;
  assertAgreed(job, setting.replicate);
  assert.doesNotMatch(fabric.whereabouts(id), /lent|borrowed/, "all loans are over");
  const asking = staying[taker % staying.length];
  asking?.take("q", 1, SERVED_MS);
  fabric.run(SERVED_MS);
  assert.deepEqual(asking?.delivered, [id], `who asks is served: ${fabric.whereabouts(id)}`);
  job.acknowledgeAt(fabric.node(consumer % fabric.nodes.length));
  fabric.run(FOUND_MS);
}

test("whatever clients do while nodes disagree about a job, it waits for the next one in the end", () => {
  fc.assert(fc.property(lives(CLIENTS, DISPUTES), judge), { numRuns: 100 });
});

test("so it does when links break meanwhile, and nodes start again with what they had", () => {
  const clients: readonly ClientAct[] = [...CLIENTS, "start again"];
  const nodes: readonly NodeAct[] = [...DISPUTES, "break stream", "cut", "join"];
  fc.assert(fc.property(lives(clients, nodes), judge), { numRuns: 100 });
});
