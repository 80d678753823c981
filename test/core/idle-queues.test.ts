/** Queues nobody uses: they stay for a while, are forgotten in bounded steps, and come back at once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Story } from "./story.ts";

const IDLE_MS = 300_000;

test("an empty queue is forgotten 300 s after it was last used", () => {
  const story = new Story();
  const id = story.add("q");
  story.pass(1_000_000);
  assert.ok(story.queue("q"), "a queue with jobs is in use");
  story.getIds("q");
  story.pass(IDLE_MS - 1);
  assert.ok(story.queue("q"));
  assert.equal(story.broker.nextWakeAtMs, story.nowMs + 1);
  story.pass(1);
  assert.equal(story.length("q"), 1, "the job is back after its RETRY of 300 s");
  story.node.apply("ack", id);
  story.pass(IDLE_MS);
  assert.equal(story.queue("q"), undefined);
  assert.equal(story.broker.stats.queuesEvicted, 1);
});

test("asking for jobs makes a queue, also in vain, and restarts its idle time", () => {
  const story = new Story();
  story.getIds(["q", "r"]);
  assert.ok(story.queue("q"));
  story.pass(IDLE_MS - 1);
  story.getIds("q");
  story.pass(1);
  assert.ok(story.queue("q"));
  assert.equal(story.queue("r"), undefined);
  story.pass(IDLE_MS - 2);
  assert.ok(story.queue("q"));
  story.pass(1);
  assert.equal(story.queue("q"), undefined);
});

test("a queue somebody waits for is in use; its idle time starts when the client is gone", () => {
  const story = new Story();
  const asker = story.ask("q");
  story.pass(2 * IDLE_MS);
  assert.ok(story.queue("q"));
  story.leave(asker);
  story.pass(IDLE_MS - 1);
  assert.ok(story.queue("q"));
  story.pass(1);
  assert.equal(story.queue("q"), undefined);
});

test("a forgotten queue takes its jobs back and starts to count anew", () => {
  const story = new Story();
  const id = story.add("q", { retry: 1000 });
  story.getIds("q");
  const createdAtMs = story.queue("q")?.createdAtMs ?? 0;
  story.pass(IDLE_MS);
  assert.equal(story.queue("q"), undefined);
  assert.ok(story.knows(id));
  story.pass(1_000_000 - IDLE_MS);
  assert.equal(story.queue("q")?.length, 1);
  assert.deepEqual([story.queue("q")?.jobsIn, story.queue("q")?.jobsOut], [1, 0]);
  assert.ok((story.queue("q")?.createdAtMs ?? 0) > createdAtMs);
});

test("a queue whose jobs all expire unseen becomes idle and is forgotten", () => {
  const story = new Story();
  story.add("q", { ttl: 1 });
  story.add("q", { ttl: 5 });
  story.turn();
  story.stall(1000);
  assert.equal(story.getIds("q", 2).length, 1);
  story.pass(4000 + IDLE_MS);
  assert.equal(story.queue("q"), undefined);
});

test("a queue emptied of expired jobs by a request becomes idle and is forgotten", () => {
  const story = new Story();
  story.add("q", { ttl: 1 });
  story.turn();
  story.stall(1000);
  // The request finds a queue that only holds what has expired: it must note that it is empty.
  assert.deepEqual(story.getIds("q"), []);
  story.pass(IDLE_MS);
  assert.equal(story.queue("q"), undefined);
});

test("who waits again after a lost promise keeps the queue in use", () => {
  const story = new Story();
  const asker = story.ask("q");
  const id = story.add("q");
  story.node.apply("ack", id);
  story.pass(2 * IDLE_MS);
  assert.equal(story.queue("q")?.waiters, 1);
  const next = story.add("q");
  story.turn();
  assert.deepEqual(asker.ids, [next]);
});

test("thousands of idle queues go a thousand a turn", () => {
  const story = new Story();
  for (let i = 0; i < 2500; i++) story.broker.serving.visit([story.node.entry(`queue-${i}`)]);
  const { host } = story.node;
  host.nowMs += IDLE_MS;
  for (const left of [1500, 500, 0]) {
    assert.ok(story.broker.nextWakeAtMs <= host.nowMs);
    story.broker.tick();
    assert.equal(story.broker.queues.registeredCount, left);
  }
  assert.equal(story.broker.nextWakeAtMs, Number.POSITIVE_INFINITY);
});

test("under memory pressure queues are forgotten after 10 s, near the limit after 2 s", () => {
  for (const [percent, idleMs] of [
    [70, 300_000],
    [80, 10_000],
    [97, 2000],
    [120, 2000],
  ] as const) {
    const story = new Story(1_000_000_000);
    story.getIds("q");
    story.broker.bufferBytes = 10_000_000 * percent;
    story.pass(idleMs - 1);
    assert.ok(story.queue("q"), `${percent} %`);
    story.pass(1);
    assert.equal(story.queue("q"), undefined, `${percent} %`);
  }
});
