/**
 * A job with RETRY 0 moves to who waits, whatever the nodes believe of one another: nobody is handed it twice, and while
 * no link breaks and no node ends it is not lost either.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../support/fast-check.ts";
import { anySetting } from "../support/any-setting.ts";
import { type AnyStep, anySteps, performAll } from "../support/any-steps.ts";
import type { ClientAct } from "../support/client-step.ts";
import { DisputedJob, type NodeAct, type Setting } from "../support/disputed-job.ts";

const NODES_MAX = 6;
/** All that waited has given up, and all that moves has arrived. */
const SETTLED_MS = 30_000;
const SERVED_MS = 3500;

interface Life {
  readonly setting: Setting;
  readonly steps: readonly AnyStep[];
  /** Who asks for the job in the end. */
  readonly taker: number;
}

const CLIENTS: readonly ClientAct[] = ["GETJOB", "GETJOB NOHANG", "WORKING", "DEQUEUE"];
const DISPUTES: readonly NodeAct[] = [
  "fill or empty memory",
  "stand still or go on",
  "leave or stay",
  "silence",
  "end silence",
  "believe dead",
  "believe alive",
];

function lives(clients: readonly ClientAct[], nodes: readonly NodeAct[]): fc.Arbitrary<Life> {
  const node = fc.nat(NODES_MAX - 1);
  const setting = anySetting({
    nodes: { min: 3, max: NODES_MAX },
    replicate: { min: 1, max: 1 },
    retrySeconds: 0,
    hasLogs: clients.includes("start again"),
  });
  return fc.record({ setting, steps: anySteps(clients, nodes, NODES_MAX), taker: node });
}

function judge({ setting, steps, taker }: Life, mayBeLost: boolean): void {
  const job = new DisputedJob(setting);
  const { fabric, id } = job;
  const times = () => fabric.nodes.reduce((sum, { delivered }) => sum + delivered.length, 0);
  performAll(job, steps);
  for (const each of fabric.nodes) each.setLeaving(false);
  job.heal();
  fabric.run(SETTLED_MS);
  const before = times();
  const where = fabric.whereabouts(id);
  if (before === 0 && !mayBeLost) assert.match(where, /^\d own (queued|active)$/, "it is there");
  fabric.node(taker % fabric.nodes.length).take("q", 1, SERVED_MS);
  fabric.run(SERVED_MS);
  if (where.endsWith("own queued")) assert.equal(times(), before + 1, `it is handed out: ${where}`);
  assert.ok(times() <= 1, "nobody is handed it again");
}

test("a job with RETRY 0 is handed out once while nodes disagree, and is not lost", () => {
  const life = lives(CLIENTS, DISPUTES);
  fc.assert(
    fc.property(life, (each) => judge(each, false)),
    { numRuns: 100 },
  );
});

test("it is handed out once at most when links break meanwhile, and nodes start again with what they had", () => {
  const clients: readonly ClientAct[] = [...CLIENTS, "start again"];
  const life = lives(clients, [...DISPUTES, "break stream", "cut", "join"]);
  fc.assert(
    fc.property(life, (each) => judge(each, true)),
    { numRuns: 100 },
  );
});
