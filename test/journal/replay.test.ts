/** What becomes of jobs whose node comes back, rule by rule. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Broker } from "../../src/core/broker.ts";
import { checkBroker } from "../../src/core/broker-check.ts";
import { type Job, JobFlag, JobState } from "../../src/core/job.ts";
import type { FsyncPolicy } from "../../src/journal/log-format.ts";
import { FakeClock } from "./support/clock.ts";
import { factsOf } from "./support/job-facts.ts";
import { BOOT_ID, LogInMemory, nodeIds, OTHER_BOOT_ID } from "./support/log-in-memory.ts";

const NAME = Buffer.from("mail");

interface Asked {
  delay?: number;
  retry?: number;
  ttl?: number;
}

function setup(policy: FsyncPolicy = "everysec") {
  const clock = new FakeClock();
  const broker = new Broker(clock, { nodeId: nodeIds[0] ?? "", maxMemoryBytes: 0 });
  const log = new LogInMemory(broker, clock, policy);
  const queue = () => broker.queues.entry(NAME, 0, NAME.length);
  const add = ({ delay = 0, retry = 300, ttl = 86_400 }: Asked = {}): Job =>
    broker.addJob(queue(), NAME, 0, NAME.length, {
      replicate: 1,
      delaySeconds: delay,
      retrySeconds: retry,
      ttlSeconds: ttl,
    });
  const take = (): void => broker.serving.take([queue()], 1, []);
  /** The log after so many ms on another clock. */
  const restart = (ms = 0, bootId = BOOT_ID, wallMs = clock.wallMs + ms) => {
    log.write();
    const later = new FakeClock(2, 500, wallMs);
    const reborn = log.replay(later, 0, bootId);
    checkBroker(reborn.broker);
    return { ...reborn, clock: later };
  };
  return { clock, broker, log, queue, add, take, restart };
}

/** The state of the only job. */
function onlyJob(broker: Broker): { state: JobState; isKeptOnly: boolean; job: Job } {
  assert.equal(broker.jobs.count, 1);
  const job = broker.jobs.skipVacant(0);
  const isKeptOnly = broker.jobs.hasFlag(job, JobFlag.isEvictable);
  return { state: broker.jobs.state(job), isKeptOnly, job };
}

test("a lease goes on where it was", () => {
  const { add, take, restart } = setup();
  add({ retry: 10 });
  take();
  const { broker, clock } = restart(4_000);
  clock.pass(5_999);
  broker.tick();
  assert.equal(onlyJob(broker).state, JobState.active);
  clock.pass(1);
  broker.tick();
  const { state, job } = onlyJob(broker);
  assert.equal(state, JobState.queued);
  assert.equal(broker.jobs.additionalDeliveries(job), 1, "it was delivered, and comes again");
});

test("a recovery is no delivery", () => {
  const { add, restart } = setup();
  add();
  const { broker } = restart(1_000_000);
  assert.equal(broker.jobs.additionalDeliveries(onlyJob(broker).job), 0);
});

test("a delay that ended while the node was away ends when it comes back", () => {
  const { add, restart } = setup();
  add({ delay: 60 });
  const { broker } = restart(70_000);
  assert.equal(onlyJob(broker).state, JobState.active);
  broker.tick();
  assert.equal(onlyJob(broker).state, JobState.queued);
});

test("a job whose life ended while the node was away is not there any more", () => {
  const { add, restart } = setup();
  add({ ttl: 60 });
  const { broker, summary } = restart(60_000);
  assert.equal(broker.jobs.count, 0);
  assert.equal(summary.expired, 1);
});

test("a wall clock that went back a year prolongs nothing beyond its full time", () => {
  const { clock, add, take, restart } = setup();
  add({ retry: 10, ttl: 100 });
  take();
  const { broker, clock: later } = restart(0, BOOT_ID, clock.wallMs - 31_536_000_000);
  const { job } = onlyJob(broker);
  assert.equal(broker.jobs.dueAtMs(job), later.nowMs + 10_000);
  assert.equal(broker.jobs.expiresAtMs(job), later.nowMs + 100_000);
});

test("a job that waited for its copies is queued: its client has never got an answer", () => {
  const { broker: before, queue, restart } = setup();
  const asked = { replicate: 3, delaySeconds: 0, retrySeconds: 300, ttlSeconds: 600 };
  before.roles.setList(before.addReplicating(queue(), NAME, 0, 4, asked, 1), [0, 1, 2]);
  const { broker, nodes, clock } = restart();
  broker.tick();
  assert.equal(onlyJob(broker).state, JobState.queued);
  assert.equal(factsOf(broker, clock, nodes).jobs[0]?.holders.length, 3);
});

test("a job that was lent is this node's again when its lease is over", () => {
  const { broker: before, add, queue, restart } = setup();
  before.roles.setList(add({ retry: 10 }), [0, 1]);
  before.roles.lend(queue(), 2);
  const { broker, clock } = restart();
  const { job } = onlyJob(broker);
  assert.equal(broker.roles.isLent(job), false);
  assert.equal(broker.roles.list(job).length, 2, "the borrower is no holder");
  clock.pass(10_000);
  broker.tick();
  assert.equal(broker.jobs.state(job), JobState.queued);
});

test("a job that a client elsewhere had of its borrower is like any that is leased, with nothing left of the loan", () => {
  const { broker: before, add, queue, restart } = setup();
  before.roles.setList(add({ retry: 10 }), [0, 1]);
  before.roles.lentIsOut(before.roles.lend(queue(), 2));
  const { broker, clock } = restart();
  const { job } = onlyJob(broker);
  assert.equal(broker.jobs.flags(job, JobFlag.isLent | JobFlag.isOut), 0);
  clock.pass(9000);
  broker.tick();
  assert.equal(broker.jobs.state(job), JobState.active);
  clock.pass(1000);
  broker.tick();
  assert.equal(broker.jobs.state(job), JobState.queued);
});

test("what is delivered at most once is never queued again once it may have been delivered", () => {
  const { add, take, restart } = setup("always");
  add({ retry: 0 });
  take();
  const { broker, clock, summary } = restart();
  assert.ok(onlyJob(broker).isKeptOnly);
  assert.equal(summary.withheld, 0, "that is no surprise");
  clock.pass(1_000_000);
  broker.tick();
  assert.equal(onlyJob(broker).state, JobState.active);
});

test("what is delivered at most once and was on its way to another node is not here any more", () => {
  const { broker: before, add, queue, restart } = setup("always");
  add({ retry: 0 });
  before.roles.lend(queue(), 2);
  assert.equal(restart().broker.jobs.count, 0);
});

test("who was to have a job for good may have it, and is a holder until it says otherwise", () => {
  for (const wasDelivered of [false, true]) {
    const { broker: before, add, take, restart } = setup();
    const job = add({ retry: 10 });
    if (wasDelivered) take();
    before.roles.sendAway(job, 2);
    const { broker, clock } = restart();
    broker.tick();
    const { job: loaded, state } = onlyJob(broker);
    assert.equal(broker.roles.list(loaded).length, 2, "it is a holder");
    assert.equal(broker.roles.isLent(loaded), false);
    assert.equal(state, wasDelivered ? JobState.active : JobState.queued);
    clock.pass(10_000);
    broker.tick();
    assert.equal(broker.jobs.state(loaded), JobState.queued);
  }
});

test("what is delivered at most once stays queued if nothing can be missing in the log", () => {
  const killed = setup("everysec");
  killed.add({ retry: 0 });
  assert.equal(onlyJob(killed.restart(5, BOOT_ID).broker).state, JobState.queued);

  const synced = setup("always");
  synced.add({ retry: 0 });
  assert.equal(onlyJob(synced.restart(5, OTHER_BOOT_ID).broker).state, JobState.queued);

  const stopped = setup("no");
  stopped.add({ retry: 0 });
  stopped.log.append(stopped.log.journal.close());
  assert.equal(onlyJob(stopped.restart(5, OTHER_BOOT_ID).broker).state, JobState.queued);
});

test("if its delivery may be missing in the log, it is withheld, counted, and logged so", () => {
  const { add, restart, log } = setup("everysec");
  add({ retry: 0 });
  add({ retry: 5 });
  const { broker, summary, clock } = restart(5, OTHER_BOOT_ID);
  assert.equal(summary.withheld, 1);
  assert.equal(summary.queued, 1);

  const next = new LogInMemory(broker, clock, "everysec");
  next.journal.adopt(summary.differing);
  next.write();
  next.segments.unshift(...log.segments);
  const again = next.replay(new FakeClock(3, 9, clock.wallMs + 5), 0, BOOT_ID);
  assert.equal(again.summary.queued, 1, "a kill does not bring it back");
});

test("a header without a block says nothing about how the node was stopped", () => {
  const { add, log, restart } = setup("everysec");
  add({ retry: 0 });
  log.write();
  const other = new LogInMemory(
    new Broker(new FakeClock(), { nodeId: "", maxMemoryBytes: 0 }),
    log.host,
    "always",
  );
  log.segments.push(...other.segments);
  assert.equal(restart(5, OTHER_BOOT_ID).summary.withheld, 1);
});

test("a machine whose runs cannot be told apart counts as one that was stopped", () => {
  const { add, restart } = setup("everysec");
  add({ retry: 0 });
  assert.equal(restart(5, "0".repeat(32)).summary.withheld, 1);
});

test("a node that went on without its log may have delivered what stands in it", () => {
  const { add, log, restart } = setup("always");
  add({ retry: 0 });
  log.isStale = true;
  assert.equal(restart(5, BOOT_ID).summary.withheld, 1);
});

test("a delayed job that is delivered at most once keeps its delay", () => {
  const { add, restart } = setup("everysec");
  add({ retry: 0, delay: 60 });
  const { broker, clock } = restart(5_000, OTHER_BOOT_ID);
  clock.pass(55_000);
  broker.tick();
  assert.equal(onlyJob(broker).state, JobState.queued);
});

test("a dequeued one is withheld like a queued one, as it may have been queued again and delivered", () => {
  for (const [bootId, withheld] of [
    [OTHER_BOOT_ID, 1],
    [BOOT_ID, 0],
  ] as const) {
    const { broker: before, add, restart } = setup("everysec");
    before.lifecycle.dequeue(add({ retry: 0 }));
    const { broker, summary } = restart(5, bootId);
    assert.equal(summary.withheld, withheld);
    const isSpent = broker.jobs.hasFlag(onlyJob(broker).job, JobFlag.delivered);
    assert.equal(isSpent, withheld === 1);
  }
});

test("a node that is no member any more is in no list", () => {
  const { broker: before, add, log, restart } = setup();
  before.roles.setList(add(), [0, 1, 9]);
  assert.doesNotThrow(() => log.write());
  const { broker } = restart();
  assert.equal(broker.roles.list(onlyJob(broker).job).length, 2);
});

test("changes of jobs that the log does not have are passed over", () => {
  const { broker: before, add, take, log, restart } = setup();
  const job = add();
  log.write();
  log.beginSegment();
  take();
  log.write();
  before.lifecycle.end(job, "acked");
  log.write();
  log.segments.shift();
  const { broker, summary } = restart();
  assert.equal(broker.jobs.count, 0);
  assert.equal(summary.records, 2);
});

test("a mark of a good end counts only if it is the last record", () => {
  const { add, log, restart } = setup("no");
  add({ retry: 0 });
  log.append(log.journal.close());
  add({ retry: 5 });
  assert.equal(restart(5, OTHER_BOOT_ID).summary.withheld, 1);
});
