/** Requests for copies: how they are put together, and when a peer has taken too long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobMessage, MessageOf } from "../../../../src/cluster/job-messages.ts";
import { type Replication, Replications } from "../../../../src/cluster/jobs/copies/replication.ts";
import { StoreBatches } from "../../../../src/cluster/jobs/copies/store-batches.ts";
import type { JobsWorld } from "../../../../src/cluster/jobs/jobs-world.ts";
import { JobUnpacker } from "../../../../src/cluster/jobs/packing/packed-jobs.ts";
import { plainJob, receiverNodes, Sender, unpackAll } from "../support/packing.ts";

/** Batches of a node whose messages are kept, with replications to fill them. */
class Setting {
  readonly sender = new Sender();
  readonly sent: { node: number; message: MessageOf<"store"> }[] = [];
  readonly replications = new Replications();
  readonly stores: StoreBatches;
  roundTripMs = 1;
  isCongested = false;

  constructor() {
    const { host, broker, nodes } = this.sender;
    const world = {
      host,
      broker,
      nodes,
      roundTripMs: () => this.roundTripMs,
      isCongested: () => this.isCongested,
      tell: (node: number, message: JobMessage) => {
        assert.ok(message.type === "store");
        // Its buffer is only valid during the call.
        this.sent.push({ node, message: { ...message, jobs: Buffer.from(message.jobs) } });
      },
    } as unknown as JobsWorld;
    this.stores = new StoreBatches(world, this.replications);
  }

  replication(number: number, bodyBytes = 5): Replication {
    const id = Int32Array.of(9, 8, 7, 6, 5, number);
    const job = this.sender.add(plainJob({ id, body: Buffer.alloc(bodyBytes) }));
    const replication = this.replications.take();
    replication.begin(this.sender.broker.jobs, job, 1);
    return replication;
  }
}

test("a batch has all jobs of a turn for a peer, in their order", () => {
  const setting = new Setting();
  const { stores } = setting;
  const all = Array.from({ length: 40 }, (_, number) => setting.replication(number));
  for (const replication of all) stores.add(1, replication);
  stores.add(2, all[0] as Replication);
  assert.equal(stores.flushAtMs, setting.sender.host.nowMs);
  stores.flush();
  assert.equal(stores.flushAtMs, Number.POSITIVE_INFINITY);
  assert.deepEqual(
    setting.sent.map(({ node }) => node),
    [1, 2],
  );
  const unpacker = new JobUnpacker(receiverNodes());
  const packed = setting.sent[0]?.message.jobs as Buffer;
  const numbers = unpackAll(unpacker, packed, () => unpacker.id[5]);
  assert.deepEqual(
    numbers,
    Array.from({ length: 40 }, (_, number) => number),
  );
  const batch = stores.shift(1);
  const id = new Int32Array(6);
  for (const [position, replication] of all.entries()) {
    assert.equal(batch?.replication(position), replication.number);
    batch?.readId(position, id);
    assert.deepEqual(id, replication.id);
  }
});

test("new jobs and those that were accepted do not share a batch, in whatever order they come", () => {
  const setting = new Setting();
  const all = Array.from({ length: 40 }, (_, number) => setting.replication(number));
  for (const [number, replication] of all.entries()) {
    replication.isAccepted = number % 2 === 0;
    setting.stores.add(1, replication);
  }
  setting.stores.flush();
  const unpacker = new JobUnpacker(receiverNodes());
  const batches = setting.sent.map(({ message: { jobs, isAccepted } }) => ({
    isAccepted,
    numbers: unpackAll(unpacker, jobs, () => unpacker.id[5] as number),
  }));
  const numbers = all.map((_, number) => number);
  assert.deepEqual(batches, [
    { isAccepted: true, numbers: numbers.filter((number) => number % 2 === 0) },
    { isAccepted: false, numbers: numbers.filter((number) => number % 2 === 1) },
  ]);
});

test("each peer gets what it was asked for, however the others were asked", () => {
  const setting = new Setting();
  const all = Array.from({ length: 600 }, (_, number) => setting.replication(number, 200));
  const asked = [1, 2, 3].map((node) => ({
    node,
    numbers: all.map((_, number) => number).filter((number) => (number * 7 + node) % 5 < 2 * node),
  }));
  for (const [number, replication] of all.entries()) {
    for (const { node, numbers } of asked) {
      if (numbers.includes(number)) setting.stores.add(node, replication);
    }
  }
  setting.stores.flush();
  const unpacker = new JobUnpacker(receiverNodes());
  for (const { node, numbers } of asked) {
    const messages = setting.sent.filter((one) => one.node === node).map(({ message }) => message);
    assert.ok(messages.length > 1 && messages.every(({ jobs }) => jobs.length < 64 * 1024));
    assert.deepEqual(
      messages.flatMap(({ jobs }) => unpackAll(unpacker, jobs, () => unpacker.id[5])),
      numbers,
    );
  }
});

test("large bodies do not wait for the end of the turn", () => {
  const setting = new Setting();
  for (let number = 0; number < 5; number++) {
    setting.stores.add(1, setting.replication(number, 400_000));
  }
  assert.equal(setting.sent.length, 3);
  setting.stores.flush();
  assert.equal(setting.sent.length, 5);
});

test("a peer has four round trips, at least 50 and at most 200 ms, and more for many bytes", () => {
  for (const [roundTripMs, bodyBytes, patienceMs] of [
    [1, 5, 50],
    [20, 5, 80],
    [1000, 5, 200],
    [1, 10_000_000, 250],
  ] as const) {
    const setting = new Setting();
    setting.roundTripMs = roundTripMs;
    setting.stores.add(1, setting.replication(0, bodyBytes));
    setting.stores.flush();
    const dueAtMs = setting.sender.host.nowMs + patienceMs;
    assert.equal(setting.stores.answerDueAtMs, dueAtMs);
    assert.deepEqual(setting.stores.becameSilent(dueAtMs - 1), []);
    assert.deepEqual(setting.stores.becameSilent(dueAtMs), [1]);
  }
});

test("a silent peer is due again only for what it is sent afterwards", () => {
  const setting = new Setting();
  const { stores, sender } = setting;
  const { host } = sender;
  for (let number = 0; number < 2; number++) {
    stores.add(1, setting.replication(number));
    stores.flush();
    host.nowMs += 10;
  }
  host.nowMs += 100;
  assert.equal(stores.late(1).length, 2);
  assert.equal(stores.answerDueAtMs, Number.POSITIVE_INFINITY);
  stores.add(1, setting.replication(2));
  stores.flush();
  assert.equal(stores.answerDueAtMs, host.nowMs + 50);
  stores.shift(1);
  assert.equal(stores.answerDueAtMs, host.nowMs + 50);
  assert.equal(stores.late(1).length, 1);
});

test("all of a peer is taken at once, sent or not, and is not sent any more", () => {
  const setting = new Setting();
  const { stores } = setting;
  stores.add(1, setting.replication(0));
  stores.flush();
  stores.add(1, setting.replication(1));
  const batches = stores.takeAll(1);
  assert.deepEqual(
    batches.map(({ count }) => count),
    [1, 1],
  );
  for (const batch of batches) stores.release(batch);
  stores.flush();
  assert.equal(setting.sent.length, 1);
  assert.ok(!stores.isAwaited(1, setting.sent[0]?.message.batch as number));
  stores.add(1, setting.replication(2));
  stores.flush();
  assert.equal(stores.shift(1)?.count, 1);
});

test("a body of a megabyte or more is a batch of its own", () => {
  const setting = new Setting();
  const { stores, sent } = setting;
  for (const [number, bodyBytes] of [5, 3_000_000, 5, 5].entries()) {
    stores.add(1, setting.replication(number, bodyBytes));
  }
  stores.flush();
  const unpacker = new JobUnpacker(receiverNodes());
  const counts = sent.map(({ message }) => unpackAll(unpacker, message.jobs, () => 0).length);
  assert.deepEqual(counts, [1, 1, 2]);
});

test("what a congested peer is asked for waits, is not late, and then goes in portions", () => {
  const setting = new Setting();
  const { stores, sent, sender } = setting;
  setting.isCongested = true;
  for (let number = 0; number < 5; number++) stores.add(1, setting.replication(number, 600_000));
  stores.flush();
  assert.equal(sent.length, 0);
  assert.equal(stores.answerDueAtMs, Number.POSITIVE_INFINITY);
  assert.equal(stores.flushAtMs, sender.host.nowMs + 10);
  sender.host.nowMs += 1000;
  setting.isCongested = false;
  stores.flush();
  assert.equal(sent.length, 5);
  assert.ok(sent.every(({ message }) => message.jobs.length < 601_000));
  assert.ok(stores.answerDueAtMs > sender.host.nowMs);
});

test("what is held back is not sent any more once nobody wants it", () => {
  const setting = new Setting();
  const { stores, sent, sender, replications } = setting;
  const outdated: number[] = [];
  stores.outdated = ({ number }) => outdated.push(number);
  setting.isCongested = true;
  const [kept, over, gone, other] = [0, 1, 2, 3].map((number) => setting.replication(number));
  assert.ok(kept !== undefined && over !== undefined && gone !== undefined && other !== undefined);
  for (const replication of [over, kept, gone, other]) stores.add(1, replication);
  stores.flush();
  replications.release(over);
  sender.broker.lifecycle.remove(gone.job);
  setting.isCongested = false;
  stores.flush();
  const unpacker = new JobUnpacker(receiverNodes());
  const packed = sent[0]?.message.jobs as Buffer;
  assert.deepEqual(
    unpackAll(unpacker, packed, () => unpacker.id[5]),
    [0, 3],
  );
  assert.deepEqual(outdated, [gone.number]);
  const batch = stores.shift(1);
  assert.deepEqual([batch?.replication(0), batch?.replication(1)], [kept.number, other.number]);
});

test("requests that are held back are late with those that were sent", () => {
  const setting = new Setting();
  const { stores } = setting;
  stores.add(1, setting.replication(0));
  stores.flush();
  setting.isCongested = true;
  stores.add(1, setting.replication(1));
  stores.flush();
  stores.add(1, setting.replication(2, 2_000_000));
  assert.deepEqual(
    stores.late(1).map(({ count }) => count),
    [1, 1],
  );
});
