/** One turn does a bounded amount of work, and the node always knows when the next one must be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBroker } from "../../src/core/broker-check.ts";
import { Story } from "./story.ts";

const BATCH = 2000;

/** Ticks without time going by until there is nothing left to do; how many it took. */
function settle(story: Story): number {
  let ticks = 0;
  for (; story.broker.nextWakeAtMs <= story.nowMs; ticks++) story.broker.tick();
  return ticks;
}

test("an empty node sleeps for ever", () => {
  const story = new Story();
  assert.equal(story.broker.nextWakeAtMs, Number.POSITIVE_INFINITY);
  story.turn();
  assert.equal(story.broker.nextWakeAtMs, Number.POSITIVE_INFINITY);
});

test("a node wakes for the earliest of a due job, a timeout and an idle queue", () => {
  const story = new Story();
  story.turn();
  const asker = story.ask("idle", 1, 100_000);
  story.add("q", { delay: 50 });
  assert.ok(story.broker.nextWakeAtMs <= story.nowMs + 50_000);
  story.pass(50_000);
  story.getIds("q");
  story.pass(50_000);
  assert.deepEqual(asker.jobs, []);
  assert.ok(story.broker.nextWakeAtMs <= story.nowMs + 300_000);
});

test("a node with a promise to keep is due at once", () => {
  const story = new Story();
  story.ask("q");
  story.turn();
  story.add("q");
  assert.equal(story.broker.nextWakeAtMs, story.nowMs);
});

test("many jobs due at once enter in batches, none twice, none left behind", () => {
  const story = new Story();
  const { broker } = story;
  const queue = story.node.entry("q");
  const times = { replicate: 1, delaySeconds: 10, retrySeconds: 60, ttlSeconds: 600 };
  const count = 25_000;
  for (let i = 0; i < count; i++) broker.addJob(queue, Buffer.alloc(0), 0, 0, times);
  story.node.host.nowMs += 10_000;
  broker.tick();
  assert.ok(queue.length <= BATCH);
  const ticks = settle(story);
  assert.equal(queue.length, count);
  assert.ok(ticks <= (2 * count) / BATCH + 2, "each job is moved once and queued once");
  checkBroker(broker);
  const taken: number[] = [];
  broker.serving.take([queue], count, taken);
  story.node.host.nowMs += 60_000;
  settle(story);
  assert.equal(queue.length, count);
  checkBroker(broker);
});

test("many held jobs enter in batches when a pause ends, while others come and go", () => {
  const story = new Story();
  const { broker } = story;
  const queue = story.node.entry("q");
  const times = { replicate: 1, delaySeconds: 1, retrySeconds: 60, ttlSeconds: 600 };
  const count = 5000;
  for (let i = 0; i < count; i++) broker.addJob(queue, Buffer.alloc(0), 0, 0, times);
  broker.pause(queue, true, false);
  story.node.host.nowMs += 1000;
  settle(story);
  assert.equal(queue.held.length, count);
  checkBroker(broker);
  broker.pause(queue, false, false);
  broker.tick();
  assert.equal(queue.held.length, count - BATCH);
  checkBroker(broker);
  broker.addJob(queue, Buffer.alloc(0), 0, 0, { ...times, delaySeconds: 0 });
  broker.lifecycle.remove(queue.held.first());
  broker.pause(queue, true, true);
  broker.tick();
  assert.equal(queue.held.length, count - BATCH - 1, "a new pause keeps the rest");
  broker.pause(queue, false, true);
  settle(story);
  assert.equal(queue.held.length, 0);
  assert.equal(queue.length, count);
  checkBroker(broker);
});

test("many jobs that expire at once go in batches and are invisible meanwhile", () => {
  const story = new Story();
  const { broker } = story;
  const queue = story.node.entry("q");
  const times = { replicate: 1, delaySeconds: 0, retrySeconds: 1, ttlSeconds: 2 };
  for (let i = 0; i < 6000; i++) broker.addJob(queue, Buffer.alloc(0), 0, 0, times);
  story.node.host.nowMs += 2000;
  broker.tick();
  assert.ok(broker.jobs.count > 0);
  const taken: number[] = [];
  broker.serving.take([queue], 10, taken);
  assert.deepEqual(taken, []);
  settle(story);
  assert.equal(broker.jobs.count, 0);
  assert.equal(broker.stats.jobsExpired, 6000);
  checkBroker(broker);
});

test("a day of stillness costs a handful of turns, however many jobs lie there", () => {
  const story = new Story();
  for (let i = 0; i < 1000; i++) story.add("q", { ttl: 86_400 });
  story.turn();
  const { broker, node } = story;
  let turns = 0;
  while (broker.nextWakeAtMs < story.nowMs + 86_400_000 && broker.jobs.count > 0 && turns < 1000) {
    node.host.nowMs = Math.max(node.host.nowMs, broker.nextWakeAtMs);
    broker.tick();
    turns++;
  }
  assert.ok(turns <= 6, `${turns} turns`);
});

test("queues that have nothing are asked once, however many jobs another one gives", () => {
  const story = new Story();
  for (let i = 0; i < 100; i++) story.add("full");
  const [empty, full] = [story.node.entry("empty"), story.node.entry("full")];
  let looks = 0;
  Object.defineProperty(empty, "isPausedOut", {
    get: () => {
      looks++;
      return false;
    },
  });
  const taken: number[] = [];
  story.broker.serving.take([empty, full, empty], 100, taken);
  assert.equal(taken.length, 100);
  assert.equal(looks, 2);
});
