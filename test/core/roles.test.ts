/** What a job can be among nodes, and how it gets from one role to the next. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Broker } from "../../src/core/broker.ts";
import { checkBroker } from "../../src/core/broker-check.ts";
import { type Job, JobFlag, JobState } from "../../src/core/job.ts";
import { JOB_ID_WORDS } from "../../src/core/job-id.ts";
import type { ToldRecord } from "../../src/core/job-record.ts";
import type { Queue } from "../../src/core/queue.ts";
import { NOBODY } from "../../src/core/watcher.ts";
import { FakeHost } from "../support/fake-host.ts";

const BODY = Buffer.from("body");
const RETRY_MS = 30_000;

function setUp() {
  const host = new FakeHost(1, {});
  const broker = new Broker(host, { nodeId: host.randomHex40(), maxMemoryBytes: 0 });
  const queue = broker.queues.entry(Buffer.from("q"), 0, 1);
  const asked = { replicate: 3, delaySeconds: 0, retrySeconds: 30, ttlSeconds: 3600 };
  const told = (): Job => broker.addTold(toldRecord(host, queue), BODY, 0, BODY.length);
  const advance = (ms: number): void => {
    host.nowMs += ms;
    broker.tick();
    checkBroker(broker);
  };
  return { host, broker, queue, asked, told, advance };
}

function toldRecord(host: FakeHost, queue: Queue): ToldRecord {
  return {
    id: Int32Array.from({ length: JOB_ID_WORDS }, () => host.randomWord() | 0),
    queueNumber: queue.number,
    replicate: 2,
    delaySeconds: 0,
    retrySeconds: RETRY_MS / 1000,
    ttlSeconds: 3600,
    createdMs: host.wallMs,
    createdCounter: 7,
    expiresAtMs: host.nowMs + 3_600_000,
    epoch: 2,
    nacks: 3,
    additionalDeliveries: 4,
    wasQueued: true,
    wasDelivered: false,
  };
}

test("a job that waits for its copies is in no queue before it has them", () => {
  const { broker, queue, asked, advance } = setUp();
  const job = broker.addReplicating(queue, BODY, 0, BODY.length, asked, 5);
  broker.roles.setList(job, [0, 1, 2]);
  advance(0);
  assert.equal(broker.jobs.state(job), JobState.replicating);
  assert.equal(broker.jobs.replication(job), 5);
  assert.equal(queue.length, 0);
  broker.roles.replicated(job);
  advance(0);
  assert.equal(queue.length, 1);
});

test("a tombstone that expires was counted when it was acknowledged, and is not counted again", () => {
  const { broker, told, advance } = setUp();
  const acked = told();
  broker.roles.beginOwn(acked, 0);
  broker.roles.bury(acked);
  broker.roles.beginDummy(told());
  broker.roles.beginCopy(told());
  const { jobsAcked } = broker.stats;
  advance(3_600_001);
  assert.equal(broker.jobs.count, 0);
  assert.equal(broker.stats.jobsExpired, 1, "the copy that nobody has acknowledged");
  assert.equal(broker.stats.jobsAcked, jobsAcked);
});

test("a job with a delay waits for it when it has its copies", () => {
  const { broker, queue, asked, advance } = setUp();
  const job = broker.addReplicating(queue, BODY, 0, 4, { ...asked, delaySeconds: 10 }, 0);
  advance(1000);
  broker.roles.replicated(job);
  advance(9999);
  assert.equal(queue.length, 0);
  advance(1);
  assert.equal(queue.length, 1);
});

test("a copy is stored, keeps what it was told, and goes by itself only when it expires", () => {
  const { broker, queue, told, advance } = setUp();
  const job = told();
  broker.roles.setList(job, [1, 0]);
  broker.roles.beginCopy(job);
  advance(RETRY_MS * 10);
  assert.equal(queue.length, 0);
  assert.deepEqual(
    [broker.jobs.epoch(job), broker.jobs.nacks(job), broker.jobs.additionalDeliveries(job)],
    [2, 3, 4],
  );
  assert.equal(broker.jobs.createdCounter(job), 7);
  advance(3_600_000);
  assert.equal(broker.jobs.count, 0);
});

test("whoever takes a copy over queues it, which counts as an additional delivery", () => {
  const { broker, queue, told, advance } = setUp();
  const job = told();
  broker.roles.setList(job, [1, 0]);
  broker.roles.beginCopy(job);
  broker.roles.setList(job, [0, 1]);
  broker.roles.keep(job, 0, true);
  advance(0);
  assert.equal(queue.jobs.first(), job);
  assert.equal(broker.jobs.additionalDeliveries(job), 5);
});

test("a borrowed job is handed out like an own one, and gone when its lease is over", () => {
  const { broker, queue, told, advance } = setUp();
  const out: Job[] = [];
  broker.watcher = { ...NOBODY, handedOut: (job) => out.push(job) };
  const job = told();
  broker.roles.setList(job, [1, 2]);
  broker.roles.beginBorrowed(job);
  advance(0);
  assert.equal(broker.lifecycle.take(queue), job);
  assert.deepEqual(out, [job]);
  advance(RETRY_MS - 1);
  assert.equal(broker.jobs.count, 1);
  advance(1);
  assert.equal(broker.jobs.count, 0);
});

test("a pause in input does not hold back what was lent to clients here", () => {
  const { broker, queue, told, advance } = setUp();
  broker.pause(queue, true, false);
  const job = told();
  broker.roles.setList(job, [1]);
  broker.roles.beginBorrowed(job);
  advance(0);
  assert.equal(queue.length, 1);
});

test("a lent job comes back when its lease is over, and nobody has it lent then", () => {
  const { broker, queue, asked, advance } = setUp();
  broker.addJob(queue, BODY, 0, BODY.length, { ...asked, replicate: 1 });
  const job = broker.roles.lend(queue, 3);
  assert.equal(broker.roles.borrower(job), 3);
  advance(RETRY_MS - 1);
  assert.equal(queue.length, 0);
  advance(1);
  assert.equal(queue.length, 1);
  assert.equal(broker.roles.borrower(job), -1);
  assert.equal(broker.jobs.additionalDeliveries(job), 1);
});

test("a lent job that nobody was given comes back as if it had never left", () => {
  const { broker, queue, asked, advance } = setUp();
  broker.addJob(queue, BODY, 0, BODY.length, { ...asked, replicate: 1 });
  const job = broker.roles.lend(queue, 3);
  broker.roles.takeLoanBack(job);
  advance(0);
  assert.equal(queue.length, 1);
  assert.deepEqual(broker.roles.list(job), []);
  assert.equal(broker.jobs.additionalDeliveries(job), 0);
});

test("of a loan that ends without its borrower somebody is told, of others nobody", () => {
  const { broker, queue, asked, advance } = setUp();
  const ended: number[] = [];
  broker.watcher = { ...NOBODY, loanRecalled: (_job, borrower) => ended.push(borrower) };
  const add = () => broker.addJob(queue, BODY, 0, BODY.length, { ...asked, replicate: 1 });
  const [first, second, third] = [add(), add(), add()];
  broker.roles.lend(queue, 4, second);
  broker.roles.lend(queue, 3, first);
  broker.roles.lend(queue, 5, third);
  broker.roles.loanIsBack(first);
  assert.deepEqual([queue.length, ended], [1, []]);
  broker.roles.takeLoanBack(second);
  assert.deepEqual([queue.length, ended], [2, [4]]);
  advance(RETRY_MS);
  assert.deepEqual([queue.length, ended], [3, [4, 5]]);
});

test("a lease goes on without the borrower", () => {
  const { broker, queue, asked, advance } = setUp();
  broker.addJob(queue, BODY, 0, BODY.length, { ...asked, replicate: 1 });
  const job = broker.roles.lend(queue, 3);
  broker.roles.loanIsOver(job);
  assert.equal(broker.roles.isLent(job), false);
  advance(RETRY_MS - 1);
  assert.equal(queue.length, 0);
  advance(1);
  assert.equal(queue.length, 1);
});

test("each move of a job that may be delivered once counts its epoch up", () => {
  const { broker, queue, asked } = setUp();
  broker.addJob(queue, BODY, 0, BODY.length, { ...asked, replicate: 1, retrySeconds: 0 });
  assert.equal(broker.jobs.epoch(broker.roles.lend(queue, 3)), 1);
});

test("who hands a lent job out starts its lease again", () => {
  const { broker, queue, asked, advance } = setUp();
  broker.addJob(queue, BODY, 0, BODY.length, { ...asked, replicate: 1 });
  const job = broker.roles.lend(queue, 3);
  advance(RETRY_MS / 2);
  broker.roles.lentIsOut(job);
  advance(RETRY_MS - 1);
  assert.equal(queue.length, 0);
});

test("an own job that another node keeps is a copy, and tells how long a client still has it", () => {
  const { broker, queue, asked, advance } = setUp();
  const [queued, leased] = [0, 1].map(() => broker.addJob(queue, BODY, 0, 4, asked));
  assert.ok(queued !== undefined && leased !== undefined);
  const taken = broker.lifecycle.take(queue);
  const other = taken === queued ? leased : queued;
  for (const job of [taken, other]) broker.roles.setList(job, [0, 1]);
  advance(1000);
  assert.equal(broker.roles.giveUp(taken), RETRY_MS - 1000);
  assert.equal(broker.roles.giveUp(other), -1);
  advance(RETRY_MS);
  assert.equal(queue.length, 0);
});

test("a tombstone has no body and is in no queue, whatever the job was", () => {
  const { broker, queue, asked, told, advance } = setUp();
  const own = broker.addJob(queue, BODY, 0, 4, asked);
  const waiting = broker.addReplicating(queue, BODY, 0, 4, asked, 0);
  const ended: Job[] = [];
  broker.watcher = { ...NOBODY, replicationEnded: (job) => ended.push(job) };
  const copy = told();
  broker.roles.setList(copy, [1, 0]);
  broker.roles.beginCopy(copy);
  for (const job of [own, waiting, copy]) broker.roles.bury(job);
  advance(0);
  assert.equal(queue.length, 0);
  assert.equal(broker.stats.jobsByState[JobState.acked], 3);
  assert.deepEqual(ended, [waiting]);
  assert.equal(broker.jobs.hasFlag(copy, JobFlag.isCopy), false);
});

test("a job that was delivered at most once is only kept to be acknowledged, whoever keeps it meanwhile", () => {
  const { broker, queue, asked, advance } = setUp();
  const once = { ...asked, replicate: 1, retrySeconds: 0 };
  const job = broker.addJob(queue, BODY, 0, BODY.length, once);
  broker.serving.take([queue], 1, []);
  const isOnlyKept = (): void => {
    advance(RETRY_MS);
    assert.equal(broker.jobs.state(job), JobState.active);
    assert.ok(broker.evictable.has(job));
    assert.equal(queue.length, 0);
  };
  isOnlyKept();
  broker.roles.sendAway(job, 1);
  broker.roles.postpone(job, Number.POSITIVE_INFINITY);
  isOnlyKept();
  broker.roles.sendAway(job, 1);
  broker.roles.loanIsOver(job);
  isOnlyKept();
  broker.roles.giveUp(job);
  advance(0);
  broker.roles.keep(job, 0, false);
  isOnlyKept();
});
