/** Accounted memory: what counts, which level it means, and what may go when it is short. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryLimit } from "../../src/core/memory.ts";
import { Story } from "./story.ts";

test("levels change above 75, 95 and 100 percent; without a limit there is one level", () => {
  let used = 0;
  const limit = new MemoryLimit(1000, () => used);
  const levels = [0, 750, 751, 950, 951, 1000, 1001, 1_000_000].map((bytes) => {
    used = bytes;
    return limit.level;
  });
  assert.deepEqual(levels, [0, 0, 1, 1, 2, 2, 3, 3]);
  limit.maxBytes = 0;
  assert.equal(limit.level, 0);
  assert.equal(limit.usedBytes, 1_000_000);
});

test("an empty node accounts for less than 512 KB, and for that again after everything is gone", () => {
  const story = new Story();
  const emptyBytes = story.broker.usedBytes;
  assert.ok(emptyBytes < 512 * 1024);
  const ids: string[] = [];
  for (let i = 0; i < 3000; i++) {
    const body = "x".repeat((i * 37) % 900);
    ids.push(story.node.add(job(`queue-${i % 50}`, body, i % 3)) ?? "");
  }
  story.getIds("queue-1", 20);
  assert.ok(story.broker.usedBytes > 3000 * 500);
  for (const id of ids) story.node.apply("ack", id);
  story.pass(300_000);
  assert.equal(story.broker.usedBytes, emptyBytes);
  story.node.flush();
  assert.equal(story.broker.usedBytes, emptyBytes);
});

function job(queue: string, body: string, retrySeconds: number) {
  return { queue, body, retrySeconds, delaySeconds: 0, ttlSeconds: 86_400 };
}

test("jobs delivered at most once are evicted near the limit, oldest first, and nothing else", () => {
  const story = new Story(1_000_000_000);
  const body = "x".repeat(1000);
  const ids = Array.from({ length: 200 }, () => story.add("q", { retry: 0, body }));
  const kept = [story.add("q", { retry: 1, body }), story.add("q", { retry: 0, body })];
  assert.equal(story.getIds("q", 201).length, 201);
  const { memory } = story.broker;
  memory.maxBytes = Math.ceil((story.broker.usedBytes - 100_000) / 0.95);
  assert.equal(memory.level, 3);
  story.node.apply("ack", "D-00000000-AAAAAAAAAAAAAAAAAAAAAAAA-0001");
  assert.ok(memory.level < 2, "it went on until there was room");
  const gone = ids.filter((id) => !story.knows(id));
  assert.deepEqual(gone, ids.slice(0, gone.length));
  assert.ok(gone.length > 50 && gone.length < 150);
  assert.equal(story.broker.stats.jobsEvicted, gone.length);
  for (const id of kept) assert.ok(story.knows(id));
  story.turn();
});

test("a job promised to a waiting client is not evicted before it was handed out", () => {
  const story = new Story(1_000_000_000);
  const asker = story.ask("q");
  const id = story.add("q", { retry: 0, body: "x".repeat(50_000) });
  story.broker.bufferBytes = 1_000_000_000;
  story.getIds("other");
  assert.ok(story.knows(id));
  story.turn();
  assert.deepEqual(asker.ids, [id]);
  story.getIds("other");
  assert.ok(!story.knows(id), "afterwards it is only remembered");
});

test("above the limit what adds jobs is refused, everything else works", () => {
  const story = new Story(1_000_000_000);
  const id = story.add("q");
  story.getIds("q");
  story.broker.bufferBytes = 1_000_000_001;
  assert.equal(story.tryAdd("q"), undefined);
  assert.ok(!story.node.apply("nack", id));
  assert.ok(story.node.apply("working", id));
  assert.ok(story.node.apply("ack", id));
  story.turn();
});

test("room is made in bounded steps", () => {
  const story = new Story(1_000_000_000);
  for (let i = 0; i < 2500; i++) story.add("q", { retry: 0 });
  const { broker } = story;
  broker.serving.take([story.node.entry("q")], 2500, []);
  broker.bufferBytes = 2_000_000_000;
  for (const left of [1500, 500, 0, 0]) {
    broker.makeRoom();
    assert.equal(broker.evictable.length, left);
  }
});
