/**
 * What the tests of job and queue commands do all the time: add a job, look at one, compare states.
 *
 * `digest` is everything a broker knows in one comparable value, for tests that something changed
 * nothing. Every look at a server through `stateOf` or `digest` also has the broker check itself.
 */
import assert from "node:assert/strict";
import type { Broker } from "../../../src/core/broker.ts";
import { checkBroker } from "../../../src/core/broker-check.ts";
import { type Job, JobFlag } from "../../../src/core/job.ts";
import { JOB_ID_CHARS } from "../../../src/core/job-id.ts";
import type { Arg, FakeClient } from "../../support/fake-client.ts";
import type { FakeServer } from "../../support/fake-server.ts";
import type { WireReply } from "../../support/wire-replies.ts";

/** An id in canonical spelling that no server made. */
export const UNKNOWN_ID = "D-00000000-000000000000000000000000-0fff";
/** Well formed as the reference sees it, but not the spelling of any id. */
export const FOREIGN_ID = "D-zzzzzzzz-!!!!!!!!!!!!!!!!!!!!!!!!-zzzz";

/** Adds a job and returns its id. */
export function addJob(client: FakeClient, queue: Arg, body: Arg, ...options: Arg[]): string {
  const reply = client.send("ADDJOB", queue, body, 0, ...options);
  assert.ok(typeof reply === "string" && reply.startsWith("+D-"), `ADDJOB answered ${reply}`);
  return reply.slice(1);
}

/** Adds a job and has it delivered; returns its id. */
export function addAndTake(client: FakeClient, queue: Arg, ...options: Arg[]): string {
  const id = addJob(client, queue, "b", ...options);
  assert.deepEqual(client.send("GETJOB", "NOHANG", "FROM", queue), [[`$${queue}`, `$${id}`, "$b"]]);
  return id;
}

/** The bodies of the jobs of a GETJOB or QPEEK reply, in order. */
export function bodiesOf(reply: WireReply | undefined): string[] {
  assert.ok(Array.isArray(reply), `expected jobs, got ${String(reply)}`);
  return reply.map((job) => String((job as WireReply[])[2]).slice(1));
}

/** A reply of names and values as an object. */
export function pairsOf(reply: WireReply | undefined): Record<string, WireReply | undefined> {
  assert.ok(Array.isArray(reply), `expected pairs, got ${String(reply)}`);
  const pairs: Record<string, WireReply | undefined> = {};
  for (let i = 0; i < reply.length; i += 2) pairs[String(reply[i]).slice(1)] = reply[i + 1];
  return pairs;
}

/**
 * A job in a few words: `gone`, or its state, nacks/additional deliveries, and in how many ms it is
 * queued by itself: `queued 1/0 in 100000`, `active 0/0 never`.
 */
export function stateOf(server: FakeServer, id: string): string {
  const client = server.connect();
  const reply = client.send("SHOW", id);
  client.close();
  checkBroker(server.state.broker);
  if (reply === "nil$") return "gone";
  const shown = pairsOf(reply);
  const within = String(shown["next-requeue-within"]);
  const counters = `${number(shown.nacks)}/${number(shown["additional-deliveries"])}`;
  const when = within === "nil$" ? "never" : `in ${within.slice(1)}`;
  return `${String(shown.state).slice(1)} ${counters} ${when}`;
}

/** An integer reply as a number. */
export function number(reply: WireReply | undefined): number {
  assert.match(String(reply), /^:-?\d+$/);
  return Number(String(reply).slice(1));
}

/** Everything the broker knows, except when whom it last heard of. */
export function digest(server: FakeServer): unknown {
  const { broker } = server.state;
  checkBroker(broker);
  const jobs: unknown[] = [];
  for (let job = 0; job < broker.jobs.handleLimit; job++) {
    if (broker.jobs.isLive(job)) jobs.push(digestOfJob(broker, job));
  }
  const queues: unknown[] = [];
  for (let number = 0; number < broker.queues.numberLimit; number++) {
    const queue = broker.queues.at(number);
    if (queue === undefined) continue;
    const { isRegistered, pauseState, createdAtMs, usedAtMs, jobsIn, jobsOut } = queue;
    queues.push({
      name: queue.name.toString("latin1"),
      ...{ isRegistered, pauseState, createdAtMs, usedAtMs, jobsIn, jobsOut },
      waiters: queue.waiterCount,
      jobs: queue.jobs.oldest(Number.POSITIVE_INFINITY),
      held: queue.held.oldest(Number.POSITIVE_INFINITY),
    });
  }
  const stats = { ...broker.stats, jobsByState: [...broker.stats.jobsByState] };
  return { jobs, queues, stats, usedBytes: broker.usedBytes, waiters: broker.waiting.count };
}

function digestOfJob(broker: Broker, job: Job): unknown {
  const { jobs } = broker;
  const id = Buffer.alloc(JOB_ID_CHARS);
  jobs.copyId(job, id, 0);
  return {
    id: id.toString("latin1"),
    state: jobs.state(job),
    flags: Object.values(JobFlag).filter((flag) => jobs.hasFlag(job, flag)),
    dueAtMs: jobs.dueAtMs(job),
    expiresAtMs: jobs.expiresAtMs(job),
    counters: [jobs.nacks(job), jobs.additionalDeliveries(job)],
    queue: jobs.queueNumber(job),
    bodyBytes: jobs.bodyBytes(job),
  };
}
