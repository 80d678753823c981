/**
 * Questions and answers about acknowledged jobs at their limits, without a network.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ITEMS_MAX,
  type JobMessage,
  LIST_BYTES_MAX,
} from "../../../../src/cluster/job-messages.ts";
import { AckAnswers } from "../../../../src/cluster/jobs/acks/ack-answers.ts";
import { AckBatches } from "../../../../src/cluster/jobs/acks/ack-batches.ts";
import { Burials } from "../../../../src/cluster/jobs/acks/tombstones.ts";
import type { JobsWorld } from "../../../../src/cluster/jobs/jobs-world.ts";
import {
  AckExceptionUnpacker,
  AckPacker,
} from "../../../../src/cluster/jobs/packing/packed-acks.ts";
import { JOB_ID_BYTES } from "../../../../src/cluster/jobs/packing/packed-reader.ts";
import { Nodes } from "../../../../src/cluster/nodes.ts";
import { Broker } from "../../../../src/core/broker.ts";
import type { Job } from "../../../../src/core/job.ts";
import { FakeHost } from "../../../support/fake-host.ts";

/** More than the transport may have at a time. */
const MANY = 500_001;
const ACK_BYTES = JOB_ID_BYTES + 4;

/** A node whose messages are kept, with so many members. */
function world(members: number) {
  const host = new FakeHost(1, {});
  const broker = new Broker(host, { nodeId: "1".repeat(40), maxMemoryBytes: 0 });
  const nodes = new Nodes();
  for (let index = 0; index < members; index++) {
    const id = (index + 1).toString(16).padStart(40, "0");
    nodes.set(index, { id, isLinked: true, isLive: true, isLeaving: false });
  }
  const said: JobMessage[] = [];
  const parts = {
    host,
    broker,
    nodes,
    tell: (_: number, message: JobMessage) => said.push(message),
  };
  return { world: parts as unknown as JobsWorld, broker, nodes, said };
}

function addJob(broker: Broker, list: readonly number[]): Job {
  const queue = broker.queues.entry(Buffer.from("q"), 0, 1);
  const times = { replicate: 2, delaySeconds: 0, retrySeconds: 30, ttlSeconds: 3600 };
  const job = broker.addJob(queue, Buffer.from("b"), 0, 1, times);
  broker.roles.setList(job, list);
  return job;
}

/** One tombstone, of which another node is asked so often. */
function asking(times: number) {
  const made = world(2);
  const burials = new Burials(made.broker, () => {});
  const asks = new AckBatches(made.world, burials);
  const job = addJob(made.broker, [0, 1]);
  made.broker.roles.bury(job);
  const number = burials.note(job);
  for (let n = 0; n < times; n++) asks.ask(1, job, number);
  asks.say();
  return { ...made, asks, job };
}

test("questions are split into messages, and no more are under way than may be", () => {
  const { asks, said } = asking(MANY);
  const count = Math.floor(MANY / ITEMS_MAX);
  assert.equal(said.length, count);
  for (const message of said) {
    assert.ok(message.type === "ack" && message.acks.length <= LIST_BYTES_MAX);
  }
  assert.equal(asks.awaited, MANY);
  assert.ok(!asks.isDue, "nothing to do before an answer");
  let seen = 0;
  asks.answered(1, 1, () => ++seen > 0);
  assert.equal(seen, ITEMS_MAX);
  assert.ok(asks.isDue);
  asks.say();
  assert.equal(said.length, count + 1);
});

test("a question whose answer is left out is asked again", () => {
  const { asks, said } = asking(2 * ITEMS_MAX);
  let seen = 0;
  asks.answered(1, 2, () => ++seen > 0);
  assert.equal(seen, ITEMS_MAX);
  asks.say();
  assert.deepEqual(
    said.map((message) => (message.type === "ack" ? message.batch : 0)),
    [1, 2, 3],
  );
  asks.answered(1, 1, () => assert.fail("it is not awaited any more"));
});

test("questions whose answers count no more are asked again once these have come, and not beside them", () => {
  const { asks, said } = asking(MANY);
  const count = said.length;
  for (let times = 0; times < 3; times++) asks.voidAnswers();
  asks.say();
  assert.equal(said.length, count, "no more are under way than may be");
  asks.answered(1, 1, () => assert.fail("it does not count"));
  assert.equal(asks.awaited, MANY);
  asks.say();
  assert.equal(said.length, count + 1);
  for (let batch = 2; batch <= count; batch++) {
    asks.answered(1, batch, () => assert.fail("it does not count"));
  }
  let seen = 0;
  asks.answered(1, count + 1, () => ++seen > 0);
  assert.equal(seen, ITEMS_MAX);
});

test("questions about jobs that are gone do not pile up for a node that is away", () => {
  const { asks, broker, job, world: there } = asking(0);
  const burials = new Burials(there.broker, () => {});
  asks.ask(1, job, broker.jobs.burial(job));
  // Each burial but the last one is another tombstone's that is gone.
  for (let n = 0; n < 100_000; n++) asks.ask(1, job, burials.note(job));
  assert.ok(asks.awaited <= 2048, `${asks.awaited}`);
  assert.ok(asks.usedBytes <= 2048 * 12);
  broker.lifecycle.remove(job);
  asks.dropGone();
  assert.equal(asks.awaited, 0);
});

test("jobs that are gone are neither asked about nor answered", () => {
  const { asks, said, broker, job } = asking(1);
  broker.lifecycle.remove(job);
  asks.answered(1, 1, () => assert.fail("gone"));
  asks.ask(1, job, 1);
  asks.say();
  assert.equal(said.length, 1);
});

const machines = { givenTo: () => -1, noteOver: () => {} };

test("nodes for which an answer has no room are asked by whoever answers", () => {
  const { world: there, broker, nodes, said } = world(1000);
  const list = [...nodes.others()];
  const all = [0, ...list];
  const packer = new AckPacker(there);
  const jobs = Array.from({ length: 300 }, () => addJob(broker, [0]));
  for (const job of jobs) packer.add(job);
  for (const job of jobs) broker.roles.setList(job, all);
  const collected: Job[] = [];
  const remembered: Job[] = [];
  const answers = new AckAnswers(there, machines, {
    remember: (job) => remembered.push(job),
    collect: (job) => collected.push(job),
  });
  assert.ok(answers.received(1, { type: "ack", batch: 1, acks: packer.take() }));
  const [answer] = said;
  assert.ok(answer?.type === "acked" && answer.exceptions.length <= LIST_BYTES_MAX);
  assert.equal(remembered.length, 300);
  const told = new AckExceptionUnpacker(nodes);
  told.start(answer.exceptions);
  let named = 0;
  while (told.next()) if (told.holders.length === all.length) named++;
  assert.equal(told.position, 300 - 1);
  assert.ok(named > 100 && named + collected.length === 300, `${named}`);
});

test("what is damaged remains unanswered", () => {
  const { world: there, said } = world(2);
  const answers = new AckAnswers(there, machines, {
    remember: () => {},
    collect: () => {},
  });
  const acks = Buffer.alloc(2 * ACK_BYTES - 1);
  assert.ok(!answers.received(1, { type: "ack", batch: 1, acks }));
  assert.equal(said.length, 0);
});
