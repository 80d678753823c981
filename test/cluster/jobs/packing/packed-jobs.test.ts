/** Packed jobs: what one table holds, another node sees; whatever else arrives is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NEVER_DUE } from "../../../../src/cluster/jobs/packing/job-shape.ts";
import { JobPacker, JobUnpacker } from "../../../../src/cluster/jobs/packing/packed-jobs.ts";
import { LOAN } from "../../../../src/core/holder-sets.ts";
import { JobFlag, JobState } from "../../../../src/core/job.ts";
import { fc } from "../../../support/fast-check.ts";
import {
  anyJob,
  asReceived,
  checkDamage,
  MEMBER_IDS,
  nodesAt,
  type PlainJob,
  plainJob,
  receiverNodes,
  Sender,
  STRANGER,
  unpackAll,
} from "../support/packing.ts";

/** What is shown, as a plain job in the receiver's numbering. */
function shown(from: JobUnpacker): PlainJob {
  return {
    id: Int32Array.from(from.id),
    createdMs: from.shape.createdMs,
    createdCounter: from.createdCounter,
    epoch: from.shape.epoch,
    replicate: from.shape.replicate,
    delaySeconds: from.shape.delaySeconds,
    retrySeconds: from.shape.retrySeconds,
    ttlSeconds: from.shape.ttlSeconds,
    leftMs: from.shape.leftMs,
    nacks: from.shape.nacks,
    additionalDeliveries: from.shape.additionalDeliveries,
    wasQueued: from.shape.wasQueued,
    wasDelivered: from.shape.wasDelivered,
    dueInMs: from.shape.dueInMs,
    queue: Buffer.from(from.buffer.subarray(from.shape.queueStart, from.shape.queueEnd)),
    holders: from.holders,
    body: Buffer.from(from.buffer.subarray(from.bodyStart, from.bodyEnd)),
  };
}

function received(buffer: Buffer): PlainJob[] {
  const unpacker = new JobUnpacker(receiverNodes());
  const jobs = unpackAll(unpacker, buffer, () => shown(unpacker));
  assert.equal(unpacker.isDamaged, false);
  return jobs;
}

/** The one job with these remarkable facts, as the receiver sees it. */
function passed(remarkable: Partial<PlainJob>, holders?: readonly number[]): PlainJob {
  const sender = new Sender();
  const packer = new JobPacker(sender);
  packer.add(sender.add(plainJob(remarkable)), holders);
  return received(packer.take())[0] as PlainJob;
}

/** The same, checked: nothing is out of its range. */
function shownInRange(from: JobUnpacker): PlainJob {
  const job = shown(from);
  const isWithin = (value: number, min: number, max: number): void =>
    assert.ok(Number.isInteger(value) && value >= min && value <= max, `${value}`);
  assert.ok(job.createdMs >= 0 && Number.isFinite(job.createdMs));
  isWithin(job.createdCounter, 0, 999_999);
  isWithin(job.epoch, 0, 4095);
  isWithin(job.replicate, 1, 65_535);
  for (const name of ["delaySeconds", "retrySeconds"] as const) isWithin(job[name], 0, 2 ** 32 - 1);
  isWithin(job.ttlSeconds, 1, 2 ** 32 - 1);
  isWithin(job.leftMs, 1, (2 ** 32 - 1) * 1000);
  for (const name of ["nacks", "additionalDeliveries"] as const) isWithin(job[name], 0, 65_535);
  isWithin(job.dueInMs, NEVER_DUE, Number.MAX_SAFE_INTEGER);
  isWithin(from.shape.queueEnd, from.shape.queueStart, from.buffer.length);
  isWithin(from.bodyEnd, from.bodyStart, from.buffer.length);
  for (const index of job.holders) isWithin(index, 0, 3);
  assert.equal(new Set(job.holders).size, job.holders.length);
  return job;
}

test("any jobs come back as they were, with the holders the receiver knows", () => {
  const sender = new Sender();
  const packer = new JobPacker(sender);
  fc.assert(
    fc.property(fc.array(anyJob, { maxLength: 30 }), (jobs) => {
      for (const job of jobs) packer.add(sender.add(job));
      assert.equal(packer.count, jobs.length);
      const { bytes } = packer;
      const buffer = packer.take();
      assert.equal(buffer.length, bytes);
      assert.deepEqual([packer.count, packer.bytes], [0, 0]);
      const expected = jobs.map((job) => ({ ...job, holders: asReceived(job.holders) }));
      assert.deepEqual(received(buffer), expected);
    }),
  );
});

test("what was taken is not written to again, however large", () => {
  const sender = new Sender();
  const packer = new JobPacker(sender);
  for (const size of [0, 100, 70_000, 300_000, 1_000_000, 100]) {
    const first = plainJob({ body: Buffer.alloc(size, "a") });
    packer.add(sender.add(first));
    const buffer = packer.take();
    packer.add(sender.add(plainJob({ body: Buffer.alloc(size, "b") })));
    assert.deepEqual(received(buffer)[0]?.body, first.body);
    assert.equal(received(packer.take()).length, 1);
  }
  assert.equal(packer.take().length, 0);
});

test("there is room for the longest numbers, wherever the buffer of the packer ends", () => {
  const sender = new Sender();
  const longest = plainJob({
    createdCounter: 999_999,
    epoch: 4095,
    replicate: 65_535,
    delaySeconds: 4_294_967_295,
    retrySeconds: 4_294_967_295,
    ttlSeconds: 4_294_967_295,
    leftMs: 4_294_967_295_000,
    nacks: 65_535,
    additionalDeliveries: 65_535,
    dueInMs: 4_294_967_295_000,
  });
  for (let bytes = 0; bytes < 1100; bytes++) {
    const packer = new JobPacker(sender);
    const job = { ...longest, body: Buffer.alloc(bytes, "x") };
    packer.add(sender.add(job));
    packer.add(sender.add(job));
    assert.deepEqual(received(packer.take())[1], { ...job, holders: asReceived([0, 1]) });
  }
});

test("a job without a list is this node's alone, another list may be given, borrowers are not told", () => {
  assert.deepEqual(passed({ holders: [] }).holders, asReceived([0]));
  assert.deepEqual(passed({ holders: [0, 2] }, [0, 3, 1]).holders, asReceived([0, 3, 1]));
  assert.deepEqual(passed({ holders: [0, 2, 3 + LOAN] }).holders, asReceived([0, 2]));
});

test("nodes that only one side knows are left out, and so is a node named twice", () => {
  assert.deepEqual(passed({ holders: [STRANGER, 0, 1] }).holders, asReceived([0, 1]));
  assert.deepEqual(passed({ holders: [STRANGER] }).holders, []);
  assert.deepEqual(passed({}, [0, 77, 2]).holders, asReceived([0, 2]));
  assert.deepEqual(passed({}, [0, 2, 0]).holders, asReceived([0, 2]));
});

test("a list seen before is not mistaken when an index has become another node's", () => {
  const sender = new Sender();
  const packer = new JobPacker(sender);
  packer.add(sender.add(plainJob({ holders: [0, 1, 2] })));
  packer.add(sender.add(plainJob({ holders: [0, 1, 2] })));
  const buffer = packer.take();
  const nodes = nodesAt([0, 1, 2]);
  const unpacker = new JobUnpacker(nodes);
  const lists = (): (readonly number[])[] => unpackAll(unpacker, buffer, () => unpacker.holders);
  const [first, second] = lists();
  assert.deepEqual(first, [0, 1, 2]);
  assert.equal(first, second);
  const other = { isLinked: true, isLive: true, isLeaving: false };
  nodes.set(1, { id: MEMBER_IDS[3] as string, ...other });
  nodes.set(3, { id: MEMBER_IDS[1] as string, ...other });
  assert.deepEqual(lists(), [
    [0, 3, 2],
    [0, 3, 2],
  ]);
});

test("jobs that differ in id and body only share what else is told of them", () => {
  const sender = new Sender();
  const packer = new JobPacker(sender);
  const bytesOf = (remarkable: Partial<PlainJob>): number => {
    const before = packer.bytes;
    packer.add(sender.add(plainJob(remarkable)));
    return packer.bytes - before;
  };
  const first = bytesOf({ body: Buffer.from("one") });
  // Id, place, counter, length of the body.
  assert.equal(bytesOf({ body: Buffer.from("two"), id: Int32Array.of(6, 5, 4, 3, 2, 1) }), 24 + 6);
  assert.ok(bytesOf({ body: Buffer.from("six"), retrySeconds: 301 }) >= first);
  assert.equal(bytesOf({ body: Buffer.from("ten"), retrySeconds: 301 }), 24 + 6);
  const buffer = packer.take();
  assert.equal(bytesOf({ body: Buffer.from("one") }), first);
  const jobs = received(buffer);
  assert.deepEqual(
    jobs.map(({ body, retrySeconds }) => `${body} ${retrySeconds}`),
    ["one 300", "two 300", "six 301", "ten 301"],
  );
});

test("a queue that has got the number of another one is told by its own name", () => {
  const sender = new Sender();
  const packer = new JobPacker(sender);
  const { jobs, queues } = sender.broker;
  const job = sender.add(plainJob({ queue: Buffer.from("before") }));
  packer.add(job);
  const queue = queues.of(jobs.queueNumber(job));
  queues.dropUnused(queue);
  const next = sender.add(plainJob({ queue: Buffer.from("behind") }));
  assert.equal(jobs.queueNumber(next), queue.number);
  packer.add(next);
  assert.deepEqual(
    received(packer.take()).map((one) => `${one.queue}`),
    ["before", "behind"],
  );
});

test("a job whose shape did not come ends the walk, also if it came in another message", () => {
  const sender = new Sender();
  const packer = new JobPacker(sender);
  packer.add(sender.add(plainJob()));
  const firstBytes = packer.bytes;
  packer.add(sender.add(plainJob()));
  const buffer = packer.take();
  const unpacker = new JobUnpacker(receiverNodes());
  assert.equal(unpackAll(unpacker, buffer, () => 0).length, 2);
  assert.equal(unpackAll(unpacker, buffer.subarray(firstBytes), () => 0).length, 0);
  assert.equal(unpacker.isDamaged, true);
});

test("what is told of the time is what is left of it", () => {
  const sender = new Sender();
  const packer = new JobPacker(sender);
  const { jobs } = sender.broker;
  const job = sender.add(plainJob({ dueInMs: 5000, leftMs: 8000, delaySeconds: 7 }));
  const told = (): number[] => {
    packer.add(job);
    const [one] = received(packer.take());
    return [one?.dueInMs as number, one?.leftMs as number];
  };
  assert.deepEqual(told(), [5000, 8000]);
  sender.host.nowMs += 4000;
  assert.deepEqual(told(), [1000, 4000]);
  sender.host.nowMs += 5000;
  assert.deepEqual(told(), [0, 1]);
  jobs.setDueAtMs(job, Number.POSITIVE_INFINITY);
  assert.deepEqual(told(), [NEVER_DUE, 1]);
  jobs.setFlag(job, JobFlag.isHeld, true);
  assert.deepEqual(told(), [0, 1]);
  jobs.setFlag(job, JobFlag.isHeld, false);
  jobs.setState(job, JobState.queued);
  assert.deepEqual(told(), [0, 1]);
  jobs.setState(job, JobState.replicating);
  assert.deepEqual(told(), [7000, 1]);
});

test("a job that no node can have ends the walk", () => {
  const impossible: Partial<PlainJob>[] = [
    { createdMs: -1 },
    { createdMs: Number.NaN },
    { createdMs: Number.POSITIVE_INFINITY },
    { createdCounter: 1_000_000 },
    { replicate: 0 },
    { ttlSeconds: 0 },
    { leftMs: 4_294_967_295_001 },
  ];
  const sender = new Sender();
  const packer = new JobPacker(sender);
  const unpacker = new JobUnpacker(receiverNodes());
  for (const facts of impossible) {
    packer.add(sender.add(plainJob()));
    packer.add(sender.add(plainJob(facts)));
    packer.add(sender.add(plainJob()));
    const found = unpackAll(unpacker, packer.take(), () => shown(unpacker));
    assert.equal(found.length, 1, Object.keys(facts)[0]);
    assert.equal(unpacker.isDamaged, true);
    assert.equal(unpacker.buffer.length, 0);
  }
});

test("damaged jobs throw nothing and show nothing out of range", () => {
  const sender = new Sender();
  const packer = new JobPacker(sender);
  const unpacker = new JobUnpacker(receiverNodes());
  fc.assert(
    fc.property(fc.array(anyJob, { minLength: 1, maxLength: 3 }), (jobs) => {
      for (const job of jobs) packer.add(sender.add(job));
      checkDamage(unpacker, packer.take(), () => shownInRange(unpacker));
    }),
    { numRuns: 10 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
      unpackAll(unpacker, Buffer.from(garbage), () => shownInRange(unpacker));
    }),
    { numRuns: 500 },
  );
});
