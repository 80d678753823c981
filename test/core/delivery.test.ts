/** From ADDJOB to ACKJOB: what is added is delivered, in order, and done with when it is done. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Story } from "./story.ts";

test("a job is delivered as it was added, and known until it is acknowledged", () => {
  const story = new Story();
  const id = story.add("q", { body: "hello\0\xff" });
  assert.equal(story.length("q"), 1);
  assert.equal(story.show(id).state, "queued");
  const [job] = story.get("q");
  assert.equal(job?.id, id);
  assert.equal(job?.body, "hello\0\xff");
  assert.equal(job?.queue, "q");
  assert.deepEqual([job?.nacks, job?.additionalDeliveries], [0, 0]);
  assert.equal(story.show(id).state, "active");
  assert.ok(story.node.apply("ack", id));
  assert.ok(!story.knows(id));
  assert.ok(!story.node.apply("ack", id), "an id that is done with is unknown");
  story.turn();
});

test("jobs come out in the order of their creation, also within a millisecond", () => {
  const story = new Story();
  const ids = Array.from({ length: 30 }, () => story.add("q"));
  assert.deepEqual(story.getIds("q", 10), ids.slice(0, 10));
  assert.deepEqual(story.getIds("q", 100), ids.slice(10));
  story.turn();
});

test("a wall clock that is set back does not change the order", () => {
  const story = new Story();
  const first = story.add("q");
  story.node.host.wallMs -= 3_600_000;
  const second = story.add("q");
  story.node.host.wallMs += 7_200_000;
  const third = story.add("q");
  assert.deepEqual(story.getIds("q", 3), [first, second, third]);
});

test("a million jobs of one wall clock millisecond get a creation time each", () => {
  const story = new Story();
  const { broker } = story;
  const queue = story.node.entry("q");
  const times = { replicate: 1, delaySeconds: 0, retrySeconds: 1, ttlSeconds: 60 };
  const body = Buffer.alloc(0);
  let before = "";
  for (let i = 0; i < 1_000_001; i++) {
    const job = broker.addJob(queue, body, 0, 0, times);
    const created = `${broker.jobs.createdMs(job)} ${broker.jobs.createdCounter(job)}`;
    assert.notEqual(created, before);
    assert.ok(broker.jobs.createdCounter(job) < 1_000_000);
    before = created;
    broker.lifecycle.remove(job);
  }
});

test("several queues give one job each in turn, left to right, round after round", () => {
  const story = new Story();
  const [b1, b2] = [story.add("b"), story.add("b")];
  const [a1] = [story.add("a"), story.add("a"), story.add("a")];
  const [c1] = [story.add("c")];
  assert.deepEqual(story.getIds(["b", "a", "c"], 4), [b1, a1, c1, b2]);
});

test("a queue named twice gives two jobs in each round", () => {
  const story = new Story();
  const a = [story.add("a"), story.add("a"), story.add("a")];
  const b = story.add("b");
  assert.deepEqual(story.getIds(["a", "a", "b"], 4), [a[0], a[1], b, a[2]]);
});

test("a request for more than there is gets what there is", () => {
  const story = new Story();
  const id = story.add("q");
  assert.deepEqual(story.getIds(["none", "q"], 50), [id]);
  assert.deepEqual(story.getIds("q"), []);
});

test("a delayed job is not there until its delay is over, to the millisecond", () => {
  const story = new Story();
  const id = story.add("q", { delay: 3 });
  assert.equal(story.queue("q"), undefined, "it makes no queue");
  assert.equal(story.show(id).requeueWithinMs, 3000);
  story.pass(2999);
  assert.deepEqual(story.getIds("q"), []);
  story.pass(1);
  const [job] = story.get("q");
  assert.equal(job?.id, id);
  assert.equal(job?.additionalDeliveries, 0);
});

test("jobs due in the same millisecond reach waiting clients in the order of their creation", () => {
  const story = new Story();
  const ids = Array.from({ length: 5 }, () => story.add("q", { delay: 60 }));
  const askers = ids.map(() => story.ask("q"));
  story.pass(60_000);
  assert.deepEqual(
    askers.map((asker) => asker.ids),
    ids.map((id) => [id]),
  );
});

test("a job expires after its TTL, to the millisecond, queued or not", () => {
  const story = new Story();
  const queued = story.add("q", { ttl: 2 });
  const delayed = story.add("q", { ttl: 2, delay: 1 });
  story.pass(1000);
  const taken = story.add("other", { ttl: 1 });
  story.getIds("other");
  story.pass(999);
  for (const id of [queued, delayed, taken]) assert.ok(story.knows(id));
  story.pass(1);
  for (const id of [queued, delayed, taken]) assert.ok(!story.knows(id));
  assert.equal(story.broker.stats.jobsExpired, 3);
  assert.equal(story.length("q"), 0);
});

test("an expired job that was not yet collected is neither delivered nor known", () => {
  const story = new Story();
  const old = story.add("q", { ttl: 1 });
  const fresh = story.add("q", { ttl: 9 });
  story.turn();
  story.stall(1000);
  assert.ok(!story.node.apply("ack", old));
  assert.ok(!story.node.apply("working", old));
  assert.deepEqual(story.getIds("q", 5), [fresh]);
  assert.equal(story.broker.stats.jobsExpired, 1);
  story.turn();
});

test("times up to 136 years are kept exactly", () => {
  const story = new Story();
  const seconds = 2 ** 32 - 1;
  const id = story.add("q", { retry: seconds, ttl: seconds, delay: seconds - 1 });
  assert.equal(story.show(id).requeueWithinMs, (seconds - 1) * 1000);
  assert.equal(story.broker.jobs.ttlSeconds(story.job(id)), seconds);
  story.pass((seconds - 1) * 1000 - 1);
  assert.deepEqual(story.getIds("q"), []);
  story.pass(1);
  assert.deepEqual(story.getIds("q"), [id]);
  story.pass(999);
  assert.ok(story.knows(id));
  story.pass(1);
  assert.ok(!story.knows(id));
});

test("deleting works in any state, and other jobs stay", () => {
  const story = new Story();
  const ids = [story.add("q"), story.add("q"), story.add("q", { delay: 5 }), story.add("q")];
  const [taken] = story.getIds("q");
  assert.equal(taken, ids[0]);
  for (const id of ids.slice(0, 3)) assert.ok(story.node.apply("delete", id));
  assert.deepEqual(story.getIds("q", 5), ids.slice(3));
  assert.equal(story.broker.stats.jobsDeleted, 3);
  story.turn();
});
