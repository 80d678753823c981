/** What goes to the log, and what does not: changes of a turn as they are at its end, once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { Broker } from "../../src/core/broker.ts";
import { type Job, JobFlag } from "../../src/core/job.ts";
import { JOB_ID_WORDS } from "../../src/core/job-id.ts";
import type { Queue } from "../../src/core/queue.ts";
import { Journal } from "../../src/journal/journal.ts";
import { BLOCK_BYTES, BLOCK_HEADER_BYTES, blockAt } from "../../src/journal/log-format.ts";
import { RecordReader } from "../../src/journal/record-reader.ts";
import { FakeClock } from "./support/clock.ts";
import { LogInMemory, nodeIds } from "./support/log-in-memory.ts";

const NAME = Buffer.from("mail");
const asked = { replicate: 1, delaySeconds: 0, retrySeconds: 300, ttlSeconds: 86_400 };

function setup() {
  const clock = new FakeClock();
  const broker = new Broker(clock, { nodeId: nodeIds[0] ?? "", maxMemoryBytes: 0 });
  const log = new LogInMemory(broker, clock, "no");
  const { journal } = log;
  const queue = (): Queue => broker.queues.entry(NAME, 0, NAME.length);
  const add = (bytes = 10): Job => {
    const job = broker.addJob(queue(), Buffer.alloc(bytes), 0, bytes, asked);
    return job;
  };
  return { clock, broker, log, journal, queue, add };
}

/** Kinds of the records in blocks; `added` and `changed` with the state. */
function kindsIn(blocks: readonly Buffer[]): string[] {
  const reader = new RecordReader();
  return blocks.flatMap((block) => {
    const kinds: string[] = [];
    reader.begin(block.subarray(BLOCK_HEADER_BYTES));
    while (reader.next()) kinds.push(reader.kind);
    return kinds;
  });
}

function borrow(broker: Broker, clock: FakeClock, queue: Queue): Job {
  const job = broker.addTold(
    {
      ...asked,
      id: Int32Array.from({ length: JOB_ID_WORDS }, () => clock.randomWord()),
      queueNumber: queue.number,
      createdMs: clock.wallMs,
      createdCounter: 0,
      expiresAtMs: clock.nowMs + 1000,
      epoch: 0,
      nacks: 0,
      additionalDeliveries: 0,
      wasQueued: true,
      wasDelivered: false,
    },
    NAME,
    0,
    0,
  );
  broker.roles.beginBorrowed(job);
  return job;
}

test("whatever happens to a job in a turn, it is logged once", () => {
  const { broker, journal, add, queue } = setup();
  const job = add();
  broker.serving.take([queue()], 1, []);
  broker.lifecycle.requeue(job, "nack");
  assert.deepEqual(kindsIn(journal.take()), ["added"]);
  broker.serving.take([queue()], 1, []);
  broker.lifecycle.postpone(job);
  assert.deepEqual(kindsIn(journal.take()), ["changed"]);
  assert.ok(journal.isIdle);
  assert.deepEqual(journal.take(), []);
});

test("a job that comes and goes within a turn is never logged", () => {
  const { broker, journal, add } = setup();
  broker.lifecycle.end(add(), "acked");
  assert.deepEqual(journal.take(), []);
});

test("what goes is logged before what comes, so that a handle may be used again at once", () => {
  const { broker, journal, add } = setup();
  const first = add();
  journal.take();
  broker.lifecycle.end(first, "acked");
  assert.equal(add(), first);
  assert.deepEqual(kindsIn(journal.take()), ["gone", "added"]);
});

test("a borrowed job is its keeper's to log, until it is adopted", () => {
  const { broker, clock, journal, queue } = setup();
  const job = borrow(broker, clock, queue());
  broker.serving.take([queue()], 1, []);
  assert.deepEqual(journal.take(), []);
  broker.roles.adopt(job);
  assert.deepEqual(kindsIn(journal.take()), ["added"]);
});

/** Every change of a record that must survive, alone. */
const changes: Record<string, (broker: Broker, job: Job) => void> = {
  state: ({ jobs }, job) => jobs.setState(job, jobs.state(job)),
  flag: ({ jobs }, job) => jobs.setFlag(job, JobFlag.delivered, true),
  body: ({ jobs }, job) => jobs.setBody(job, NAME, 0, 0),
  "no body": ({ jobs }, job) => jobs.dropBody(job),
  epoch: ({ jobs }, job) => jobs.setEpoch(job, 3),
  holders: ({ jobs, holders }, job) => jobs.setHolderSet(job, holders.acquire([0, 1])),
  nack: ({ jobs }, job) => jobs.addNack(job),
  delivery: ({ jobs }, job) => jobs.addDelivery(job),
  counters: ({ jobs }, job) => jobs.setCounters(job, 3, 4),
  "due time": ({ jobs }, job) => jobs.setDueAtMs(job, 5),
  "queued since": ({ jobs }, job) => jobs.setQueuedAtMs(job, 5),
};

for (const [what, change] of Object.entries(changes)) {
  test(`a change is noted by whoever makes it: ${what}`, () => {
    const { broker, journal, add } = setup();
    const job = add();
    journal.take();
    change(broker, job);
    assert.deepEqual(kindsIn(journal.take()).at(-1), "changed");
  });
}

test("what only this process needs to know is not logged", () => {
  const { broker, journal, add } = setup();
  const job = add();
  journal.take();
  broker.jobs.setAgendaNext(job, broker.jobs.agendaNext(job));
  broker.jobs.setAnswersAwaited(job, 0);
  broker.jobs.setFlag(job, JobFlag.isLodger, true);
  assert.ok(journal.isIdle);
});

test("a node is introduced once in a segment, and again in the next", () => {
  const { broker, log, journal, add } = setup();
  const list = (nodes: number[]): void => broker.roles.setList(add(), nodes);
  list([0, 1]);
  list([1, 0]);
  assert.deepEqual(kindsIn(journal.take()), ["node", "added", "added"]);
  list([0, 1, 2]);
  assert.deepEqual(kindsIn(journal.take()), ["node", "added"]);
  log.beginSegment();
  list([0, 2]);
  assert.deepEqual(kindsIn(journal.take()), ["node", "added"]);
});

test("a node that is taken out of all lists is named, even if it is no member any more", () => {
  const clock = new FakeClock();
  const broker = new Broker(clock, { nodeId: nodeIds[0] ?? "", maxMemoryBytes: 0 });
  const members = [...nodeIds];
  const nodes = { id: (index: number) => members[index] ?? "", index: () => -1 };
  const journal = new Journal({ broker, host: clock, nodes, crc32 });
  broker.journal = journal;
  journal.segmentBegun(1);
  const queue = broker.queues.entry(NAME, 0, NAME.length);
  broker.roles.setList(broker.addJob(queue, NAME, 0, 0, asked), [0, 1, 2]);
  journal.take();
  members[1] = "";
  broker.holders.void(1);
  members[1] = "f".repeat(40);
  assert.deepEqual(kindsIn(journal.take()), ["voided"]);
  broker.roles.setList(broker.addJob(queue, NAME, 0, 0, asked), [0, 1]);
  assert.deepEqual(kindsIn(journal.take()), ["node", "added"], "the index is another node's now");
});

test("a flush is one record, whatever was to be logged before it", () => {
  const { broker, journal, add } = setup();
  for (let i = 0; i < 5; i++) add();
  journal.take();
  broker.lifecycle.end(add(), "acked");
  add();
  broker.flush();
  add();
  assert.deepEqual(kindsIn(journal.take()), ["cleared", "added"]);
});

test("a job of 100 bytes with three copies takes less than 190 bytes", () => {
  const { broker, journal, add } = setup();
  for (let i = 0; i < 50; i++) broker.roles.setList(add(100), [0, 1, 2]);
  const bytes = journal.take().reduce((sum, block) => sum + block.length, 0);
  assert.ok(bytes / 50 < 190, `${bytes / 50}`);
});

test("a turn with much to tell gives several blocks, and a large body has one for itself", () => {
  const { journal, add } = setup();
  for (let i = 0; i < 20; i++) add(50_000);
  add(3_000_000);
  add(10);
  const blocks = journal.take();
  assert.equal(kindsIn(blocks).length, 22);
  const large = blocks.filter((block) => block.length > BLOCK_BYTES);
  assert.equal(large.length, 1);
  assert.deepEqual(kindsIn(large), ["added"]);
  for (const block of blocks) {
    assert.equal(blockAt(crc32, block.readUInt32BE(0), block, 0)?.end, block.length);
  }
});

test("a pass logs every job once, some a turn, beside what clients do", () => {
  const { log, journal, add } = setup();
  for (let i = 0; i < 40; i++) add();
  journal.take();
  journal.beginRewrite();
  const turns: string[][] = [];
  while (journal.isRewriting) {
    if (turns.length === 2) add();
    turns.push(kindsIn(journal.take()));
  }
  assert.ok(turns.length > 5, "it takes its time");
  assert.equal(turns[0]?.[0], "rewriteBegan");
  assert.equal(turns.at(-1)?.at(-1), "rewriteEnded");
  assert.equal(turns.flat().filter((kind) => kind === "added").length, 41);
  assert.ok(log.journal.isIdle);
});

test("a pass has its slice once a millisecond, however many turns there are", () => {
  const { log, journal, add, clock } = setup();
  for (let i = 0; i < 40; i++) add();
  journal.take();
  journal.beginRewrite();
  const taken = (): number => kindsIn(journal.take(clock.nowMs)).length;
  assert.ok(taken() > 1);
  assert.equal(taken(), 0);
  assert.equal(journal.workAtMs(clock.nowMs), clock.nowMs + 1);
  clock.pass(0.5);
  assert.equal(taken(), 0);
  clock.pass(0.5);
  assert.ok(taken() > 1, "turns in between put it off for no longer");
  while (journal.isRewriting) {
    clock.pass(1);
    taken();
  }
  assert.equal(log.journal.workAtMs(clock.nowMs), Number.POSITIVE_INFINITY);
});

test("a pass comes to an end before clients who write without end", () => {
  const { clock, journal, add } = setup();
  for (let i = 0; i < 300; i++) add(100);
  journal.take();
  journal.beginRewrite();
  let turns = 0;
  for (; journal.isRewriting; turns++) {
    for (let i = 0; i < 10; i++) add(100);
    journal.take(clock.nowMs);
  }
  assert.ok(turns <= 300 / 20 + 1, `${turns} turns`);
});

test("a pass that is begun again is a whole one, the hundredth like the first", () => {
  const { journal, add } = setup();
  for (let i = 0; i < 10; i++) add();
  journal.take();
  for (let pass = 0; pass < 100; pass++) {
    journal.beginRewrite();
    journal.take();
    journal.beginRewrite();
    const kinds: string[] = [];
    while (journal.isRewriting) kinds.push(...kindsIn(journal.take()));
    assert.equal(kinds.filter((kind) => kind === "added").length, 10);
  }
});

test("a journal that joins late logs what is there by a pass", () => {
  const { broker, clock, journal, add } = setup();
  broker.journal = undefined;
  const job = add();
  for (let i = 0; i < 9; i++) add();
  broker.journal = journal;
  broker.lifecycle.postpone(job);
  assert.deepEqual(kindsIn(journal.take()), ["added"]);
  clock.pass(1000);
  journal.beginRewrite();
  const kinds: string[] = [];
  while (journal.isRewriting) kinds.push(...kindsIn(journal.take()));
  assert.equal(kinds.filter((kind) => kind === "added").length, 10);
});

test("the estimate of a fresh log is near what a pass writes", () => {
  const { broker, journal, add, queue } = setup();
  for (let i = 0; i < 200; i++) broker.roles.setList(add(100 + i), [0, 1, 2]);
  const taken: Job[] = [];
  broker.serving.take([queue()], 20, taken);
  for (const job of taken) broker.lifecycle.end(job, "acked");
  journal.take();
  const estimate = journal.liveBytes;
  journal.beginRewrite();
  let bytes = 0;
  while (journal.isRewriting) for (const block of journal.take()) bytes += block.length;
  assert.ok(Math.abs(bytes - estimate) < bytes * 0.2, `${bytes} against ${estimate}`);
});
