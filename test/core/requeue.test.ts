/** What brings a job back, when, and how it is counted (reference 4.2, 4.3 and its defects). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Story } from "./story.ts";

function counters(story: Story, id: string): [nacks: number, deliveries: number] {
  const { nacks, additionalDeliveries } = story.show(id);
  return [nacks, additionalDeliveries];
}

test("a job that is not acknowledged comes back RETRY after it was delivered", () => {
  const story = new Story();
  const id = story.add("q", { retry: 5 });
  story.pass(4900);
  assert.deepEqual(story.getIds("q"), [id]);
  story.pass(4999);
  assert.equal(story.length("q"), 0, "the clock starts at delivery, not when it was queued");
  story.pass(1);
  assert.equal(story.length("q"), 1);
  assert.deepEqual(counters(story, id), [0, 1]);
  assert.equal(story.broker.stats.jobsRequeued, 1);
});

test("it comes back to its old place in the queue", () => {
  const story = new Story();
  const first = story.add("q", { retry: 1 });
  const second = story.add("q");
  assert.deepEqual(story.getIds("q"), [first]);
  const third = story.add("q");
  story.pass(1000);
  assert.deepEqual(story.getIds("q", 3), [first, second, third]);
});

test("a job that waits in its queue is not counted however long nobody fetches it", () => {
  const story = new Story();
  const id = story.add("q", { retry: 1 });
  story.pass(10_500);
  assert.deepEqual(counters(story, id), [0, 0]);
  assert.equal(story.show(id).requeueWithinMs, 500, "the time to the next full RETRY");
  assert.equal(story.queue("q")?.jobsIn, 1);
});

test("every redelivery counts, for ever until 65535", () => {
  const story = new Story();
  const id = story.add("q", { retry: 1 });
  for (let i = 0; i < 5; i++) {
    assert.equal(story.get("q")[0]?.additionalDeliveries, i);
    story.pass(1000);
  }
  const { broker } = story;
  const job = story.job(id);
  for (let i = 0; i < 70_000; i++) broker.jobs.addDelivery(job);
  for (let i = 0; i < 70_000; i++) broker.jobs.addNack(job);
  assert.deepEqual(counters(story, id), [65_535, 65_535]);
});

test("NACK puts a job back at once and counts as NACK, not as delivery", () => {
  const story = new Story();
  const id = story.add("q");
  story.getIds("q");
  assert.ok(story.node.apply("nack", id));
  assert.ok(!story.node.apply("nack", id), "a queued job can not be put back");
  assert.equal(story.show(id).state, "queued");
  assert.deepEqual(counters(story, id), [1, 0]);
  story.turn();
});

test("ENQUEUE cuts a delay short without counting, and counts from then on", () => {
  const story = new Story();
  const id = story.add("q", { delay: 60 });
  assert.ok(story.node.apply("enqueue", id));
  assert.deepEqual(counters(story, id), [0, 0]);
  assert.deepEqual(story.getIds("q"), [id]);
  assert.ok(story.node.apply("enqueue", id));
  assert.deepEqual(counters(story, id), [0, 1]);
  story.turn();
});

test("NACK of a delayed job counts, and the ENQUEUE after it counts as well", () => {
  const story = new Story();
  const id = story.add("q", { delay: 60 });
  assert.ok(story.node.apply("nack", id));
  assert.deepEqual(counters(story, id), [1, 0]);
  story.getIds("q");
  assert.ok(story.node.apply("enqueue", id));
  assert.deepEqual(counters(story, id), [1, 1]);
  story.turn();
});

test("DEQUEUE takes a job out of its queue, which comes back when its retry time is over", () => {
  const story = new Story();
  const id = story.add("q", { retry: 10 });
  story.pass(4000);
  assert.ok(story.node.apply("dequeue", id));
  assert.ok(!story.node.apply("dequeue", id));
  assert.equal(story.show(id).state, "active");
  assert.equal(story.show(id).requeueWithinMs, 6000);
  assert.equal(story.queue("q")?.jobsOut, 0, "it was not handed out");
  story.pass(5999);
  assert.equal(story.length("q"), 0);
  story.pass(1);
  assert.equal(story.length("q"), 1);
  assert.deepEqual(counters(story, id), [0, 1], "being queued again counts, delivered or not");
});

test("DEQUEUE and ENQUEUE count one delivery", () => {
  const story = new Story();
  const id = story.add("q");
  story.node.apply("dequeue", id);
  story.node.apply("enqueue", id);
  assert.deepEqual(counters(story, id), [0, 1]);
  story.turn();
});

test("WORKING postpones the next delivery to RETRY from now", () => {
  const story = new Story();
  const id = story.add("q", { retry: 10 });
  story.getIds("q");
  story.pass(8000);
  assert.ok(story.node.apply("working", id));
  assert.equal(story.show(id).requeueWithinMs, 10_000);
  story.pass(9999);
  assert.equal(story.length("q"), 0);
  story.pass(1);
  assert.equal(story.length("q"), 1);
});

test("WORKING takes a queued job out of its queue", () => {
  const story = new Story();
  const id = story.add("q", { retry: 10 });
  story.node.apply("working", id);
  assert.equal(story.show(id).state, "active");
  assert.equal(story.show(id).requeueWithinMs, 10_000);
  story.turn();
});

test("WORKING never makes a delayed job come earlier", () => {
  const story = new Story();
  const id = story.add("q", { retry: 10, delay: 100 });
  story.node.apply("working", id);
  assert.equal(story.show(id).requeueWithinMs, 100_000);
  story.pass(99_999);
  assert.equal(story.length("q"), 0);
});

test("WORKING is refused in the second half of the TTL, whatever the wall clock says", () => {
  const story = new Story();
  const ids = [story.add("q", { ttl: 100, retry: 60 }), story.add("q", { ttl: 100, retry: 60 })];
  story.getIds("q", 2);
  story.pass(50_000);
  for (const stepMs of [1e10, -2e10]) {
    story.node.host.wallMs += stepMs;
    for (const id of ids) assert.ok(story.node.apply("working", id));
  }
  story.pass(1);
  for (const stepMs of [1e10, -2e10]) {
    story.node.host.wallMs += stepMs;
    for (const id of ids) assert.ok(!story.node.apply("working", id));
  }
  assert.equal(story.show(ids[0] ?? "").requeueWithinMs, 59_999);
});

test("a RETRY longer than the TTL means that the job is delivered once", () => {
  const story = new Story();
  const id = story.add("q", { retry: 100, ttl: 10 });
  story.getIds("q");
  story.pass(10_000);
  assert.ok(!story.knows(id));
  assert.equal(story.broker.stats.jobsRequeued, 0);
});

test("a RETRY 0 job is delivered once and then only remembered", () => {
  const story = new Story();
  const id = story.add("q", { retry: 0, ttl: 100 });
  assert.deepEqual(story.getIds("q"), [id]);
  for (const verb of ["nack", "enqueue", "dequeue"] as const) {
    assert.ok(!story.node.apply(verb, id), verb);
  }
  assert.ok(story.node.apply("working", id));
  assert.equal(story.show(id).requeueWithinMs, Number.POSITIVE_INFINITY);
  story.pass(99_999);
  assert.ok(story.knows(id));
  assert.equal(story.length("q"), 0);
  story.pass(1);
  assert.ok(!story.knows(id));
});

test("a RETRY 0 job that was never delivered survives DEQUEUE and WORKING", () => {
  const story = new Story();
  const id = story.add("q", { retry: 0 });
  assert.ok(story.node.apply("working", id));
  assert.equal(story.show(id).state, "queued", "WORKING changes nothing");
  assert.ok(story.node.apply("dequeue", id));
  assert.equal(story.show(id).requeueWithinMs, Number.POSITIVE_INFINITY);
  story.pass(1000);
  assert.ok(story.node.apply("enqueue", id));
  assert.deepEqual(story.getIds("q"), [id]);
  story.turn();
});

test("a delayed RETRY 0 job can be put in its queue by NACK before it was ever delivered", () => {
  const story = new Story();
  const id = story.add("q", { retry: 0, delay: 10 });
  assert.ok(story.node.apply("nack", id));
  assert.deepEqual(story.getIds("q"), [id]);
  assert.ok(!story.node.apply("nack", id));
  story.pass(20_000);
  assert.deepEqual(story.getIds("q"), []);
});

test("totals count what happened and never fall", () => {
  const story = new Story();
  const [a, b] = [story.add("q", { retry: 1 }), story.add("q", { retry: 1 })];
  story.getIds("q", 2);
  story.node.apply("nack", a);
  story.pass(1000);
  story.getIds("q", 2);
  story.node.apply("ack", a);
  story.node.apply("delete", b);
  story.turn();
  const { stats } = story.broker;
  const { jobsAdded, jobsDelivered, jobsRedelivered, jobsNacked, jobsRequeued } = stats;
  assert.deepEqual(
    { jobsAdded, jobsDelivered, jobsRedelivered, jobsNacked, jobsRequeued },
    { jobsAdded: 2, jobsDelivered: 4, jobsRedelivered: 2, jobsNacked: 1, jobsRequeued: 1 },
  );
  assert.deepEqual([...stats.jobsByState], [0, 0, 0, 0]);
});
