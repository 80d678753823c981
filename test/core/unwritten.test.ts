/** Replies that did not arrive: what is known to be unread goes back, what may be read does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Story } from "./story.ts";

test("a job in a reply that never reached the socket goes back as if nothing had happened", () => {
  const story = new Story();
  const id = story.add("q", { retry: 100 });
  const asker = story.ask("q");
  story.leave(asker);
  assert.equal(story.show(id).state, "queued");
  assert.deepEqual(story.show(id).additionalDeliveries, 0);
  const { jobsDelivered, jobsRedelivered, jobsReturned } = story.broker.stats;
  assert.deepEqual([jobsDelivered, jobsRedelivered, jobsReturned], [0, 0, 1]);
  assert.equal(story.queue("q")?.jobsOut, 0);
  assert.deepEqual(story.getIds("q"), [id]);
  assert.equal(story.broker.stats.jobsRedelivered, 0, "this is its first delivery");
  story.node.dirty = [];
  story.turn();
});

test("a job in a reply that the socket had goes back as a redelivery", () => {
  const story = new Story();
  const id = story.add("q", { retry: 100 });
  story.leave(story.ask("q"), true);
  assert.equal(story.show(id).additionalDeliveries, 1);
  assert.equal(story.broker.stats.jobsReturned, 1);
  assert.deepEqual(story.getIds("q"), [id]);
  story.node.dirty = [];
  story.turn();
});

test("an at-most-once job goes back only when it certainly was not read", () => {
  const story = new Story();
  const id = story.add("q", { retry: 0 });
  story.leave(story.ask("q"));
  assert.equal(story.show(id).state, "queued");
  assert.equal(story.broker.evictable.length, 0);
  story.leave(story.ask("q"), true);
  assert.equal(story.show(id).state, "active");
  assert.equal(story.broker.evictable.length, 1);
  assert.deepEqual(story.getIds("q"), []);
  story.node.dirty = [];
  story.turn();
});

test("a second delivery that never reached the socket leaves the first one counted", () => {
  const story = new Story();
  const id = story.add("q", { retry: 1 });
  story.getIds("q");
  story.pass(1000);
  story.leave(story.ask("q"));
  const { jobsDelivered, jobsRedelivered } = story.broker.stats;
  assert.deepEqual([jobsDelivered, jobsRedelivered], [1, 0]);
  assert.equal(story.show(id).additionalDeliveries, 1);
  story.node.dirty = [];
  story.turn();
});

test("a job that goes back reaches the client that waits", () => {
  const story = new Story();
  const id = story.add("q");
  const [unlucky, next] = [story.ask("q"), story.ask("q")];
  story.leave(unlucky);
  story.node.dirty = [];
  story.turn();
  assert.deepEqual(next.ids, [id]);
});

test("jobs of one reply go back to their old order", () => {
  const story = new Story();
  const ids = [story.add("q"), story.add("q"), story.add("q")];
  story.leave(story.ask("q", 3));
  assert.deepEqual(story.getIds("q", 3), ids);
  story.node.dirty = [];
  story.turn();
});

test("what became of a job since then stands: a NACK, WORKING, an acknowledgement", () => {
  const story = new Story();
  const ids = [story.add("q"), story.add("q"), story.add("q")];
  const [nacked = "", postponed = "", acked = ""] = ids;
  const asker = story.ask("q", 3);
  story.node.hand(asker.connection);
  story.node.dirty = [];
  story.pass(10);
  story.node.apply("nack", nacked);
  story.node.apply("working", postponed);
  story.node.apply("ack", acked);
  story.leave(asker);
  assert.equal(story.broker.stats.jobsReturned, 0);
  assert.equal(story.show(nacked).nacks, 1);
  assert.equal(story.show(nacked).additionalDeliveries, 0);
  assert.equal(story.show(postponed).state, "active");
  assert.ok(!story.knows(acked));
  story.turn();
});

test("a job nobody has seen goes back into a queue that was paused in input meanwhile", () => {
  const story = new Story();
  const [id, second] = [story.add("q"), story.add("q")];
  const asker = story.ask("q");
  const promised = story.ask("q");
  story.node.pause("q", true, false);
  story.leave(asker);
  story.leave(promised);
  assert.equal(story.broker.stats.jobsHeld, 0);
  assert.deepEqual(story.getIds("q", 2), [id, second]);
  story.node.dirty = [];
  story.turn();
});

test("a job that may have been seen waits until the pause in input is over", () => {
  const story = new Story();
  const id = story.add("q");
  const asker = story.ask("q");
  story.node.pause("q", true, false);
  story.leave(asker, true);
  story.node.dirty = [];
  story.turn();
  assert.equal(story.broker.stats.jobsHeld, 1);
  assert.equal(story.show(id).additionalDeliveries, 0);
  story.node.pause("q", false, false);
  story.turn();
  assert.equal(story.show(id).state, "queued");
  assert.equal(story.show(id).additionalDeliveries, 1);
});

test("a job that expired in a reply that got lost is not queued once more", () => {
  const story = new Story();
  for (const wasHanded of [false, true]) {
    story.add("q", { ttl: 1 });
    const asker = story.ask("q");
    story.node.dirty = [];
    story.turn();
    story.stall(1000);
    story.leave(asker, wasHanded);
    assert.equal(story.length("q"), 0);
  }
  assert.equal(story.broker.stats.jobsReturned, 0);
  story.turn();
  assert.equal(story.broker.stats.jobsExpired, 2);
});

test("a queue made anew since a delivery does not count below zero", () => {
  const story = new Story();
  const id = story.add("q", { retry: 10_000 });
  const asker = story.ask("q");
  story.node.dirty = [];
  story.pass(400_000);
  assert.equal(story.queue("q"), undefined);
  story.node.pause("q", false, true);
  story.node.close(asker.connection);
  assert.equal(story.queue("q")?.jobsOut, 0);
  assert.equal(story.show(id).state, "queued");
});
