/** A paused queue: nothing goes in, nothing comes out, and nothing is lost over it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Story } from "./story.ts";

test("a queue paused in input refuses new jobs and still gives those it has", () => {
  const story = new Story();
  const id = story.add("q");
  story.node.pause("q", true, false);
  assert.equal(story.tryAdd("q"), undefined);
  assert.deepEqual(story.getIds("q"), [id]);
  story.turn();
});

test("what is due while the input is paused enters when the pause ends, oldest first", () => {
  const story = new Story();
  const delayed = story.add("q", { delay: 1 });
  const leased = story.add("q", { retry: 2 });
  const nacked = story.add("q");
  const enqueued = story.add("q");
  const once = story.add("q", { retry: 0, delay: 3 });
  story.getIds("q", 3);
  story.node.pause("q", true, false);
  assert.ok(story.node.apply("nack", nacked), "it answers as if queued");
  assert.ok(story.node.apply("enqueue", enqueued));
  assert.ok(!story.node.apply("nack", nacked), "and only once");
  story.pass(5000);
  assert.deepEqual(story.getIds("q", 9), []);
  assert.equal(story.show(leased).state, "active");
  assert.equal(story.show(leased).requeueWithinMs, 0);
  story.node.pause("q", false, false);
  story.turn();
  assert.deepEqual(story.getIds("q", 9), [delayed, leased, nacked, enqueued, once]);
});

test("a request counts at once, a lease that is over only when its job enters", () => {
  const story = new Story();
  const [nacked, leased] = [story.add("q"), story.add("q", { retry: 1 })];
  story.getIds("q", 2);
  story.node.pause("q", true, false);
  story.node.apply("nack", nacked);
  story.pass(2000);
  assert.equal(story.show(nacked).nacks, 1);
  assert.equal(story.show(leased).additionalDeliveries, 0);
  assert.equal(story.broker.stats.jobsRequeued, 0);
  story.node.pause("q", false, false);
  story.turn();
  assert.equal(story.show(leased).additionalDeliveries, 1);
  assert.equal(story.broker.stats.jobsRequeued, 1);
});

test("a held job can be acknowledged, postponed, and expires", () => {
  const story = new Story();
  const acked = story.add("q", { retry: 1 });
  const postponed = story.add("q", { retry: 1 });
  const expired = story.add("q", { retry: 1, ttl: 20 });
  story.getIds("q", 3);
  story.node.pause("q", true, false);
  story.pass(1000);
  assert.equal(story.broker.stats.jobsHeld, 3);
  assert.ok(story.node.apply("ack", acked));
  assert.ok(story.node.apply("working", postponed));
  assert.equal(story.show(postponed).requeueWithinMs, 1000);
  story.pass(18_999);
  assert.ok(story.knows(expired));
  story.pass(1);
  assert.ok(!story.knows(expired));
  assert.equal(story.broker.stats.jobsHeld, 1, "the postponed one is held again");
  assert.equal(story.show(postponed).additionalDeliveries, 0, "nothing has been counted yet");
});

test("a pause that begins again while jobs are released holds the rest back", () => {
  const story = new Story();
  const ids = Array.from({ length: 3 }, () => story.add("q", { retry: 1 }));
  story.getIds("q", 3);
  story.node.pause("q", true, false);
  story.pass(1000);
  story.node.pause("q", false, false);
  story.node.pause("q", true, false);
  story.turn();
  assert.equal(story.length("q"), 0);
  story.node.pause("q", false, false);
  story.turn();
  assert.deepEqual(story.getIds("q", 3), ids);
});

test("a queue paused in output gives nothing, takes everything, and answers when it opens", () => {
  const story = new Story();
  const first = story.add("q");
  story.node.pause("q", false, true);
  const second = story.add("q");
  assert.deepEqual(story.getIds("q", 2), []);
  const asker = story.ask("q", 5);
  story.turn();
  assert.equal(asker.jobs, undefined);
  story.node.pause("q", false, false);
  story.turn();
  assert.deepEqual(asker.ids, [first, second]);
});

test("other queues of the same request are served while one is paused in output", () => {
  const story = new Story();
  story.node.pause("closed", false, true);
  const asker = story.ask(["closed", "open"]);
  story.add("closed");
  const id = story.add("open");
  story.turn();
  assert.deepEqual(asker.ids, [id]);
});

test("a paused queue is never forgotten; opened, it is after its idle time", () => {
  const story = new Story();
  story.node.pause("q", true, true);
  assert.equal(story.queue("q")?.pause, "all");
  story.pass(1_000_000);
  assert.equal(story.queue("q")?.pause, "all");
  story.node.pause("q", false, false);
  story.pass(299_999);
  assert.ok(story.queue("q"));
  story.pass(1);
  assert.equal(story.queue("q"), undefined);
});

test("opening a queue that is not known does not make one", () => {
  const story = new Story();
  story.node.pause("q", false, false);
  assert.equal(story.queue("q"), undefined);
  assert.equal(story.broker.queues.entryCount, 0);
});

test("a queue whose held jobs all went away is forgotten like any other", () => {
  const story = new Story();
  const id = story.add("q", { retry: 1, ttl: 86_400 });
  story.getIds("q");
  story.node.pause("q", true, false);
  story.pass(1000);
  story.node.pause("q", false, false);
  story.node.apply("ack", id);
  story.pass(300_000);
  assert.equal(story.queue("q"), undefined);
  assert.equal(story.broker.queues.entryCount, 0);
});
