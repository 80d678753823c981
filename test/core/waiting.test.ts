/** Clients that wait: who is served, with how much, and what happens when they go away. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Asker, Story } from "./story.ts";

function idsOf(askers: Asker[]): (string[] | undefined)[] {
  return askers.map((asker) => asker.ids);
}

test("a job goes to the client that has waited longest, one job each", () => {
  const story = new Story();
  const askers = [story.ask("q"), story.ask("q"), story.ask("q")];
  const first = story.add("q");
  const second = story.add("q");
  story.turn();
  assert.deepEqual(idsOf(askers), [[first], [second], undefined]);
  assert.equal(story.queue("q")?.waiters, 1);
});

test("a newcomer can not overtake those who wait, even in the same turn", () => {
  const story = new Story();
  const waiting = story.ask("q");
  const id = story.add("q");
  assert.deepEqual(story.getIds("q"), []);
  const newcomer = story.ask("q");
  story.turn();
  assert.deepEqual(idsOf([waiting, newcomer]), [[id], undefined]);
});

test("a client that waits for several queues is served by the first that has a job, and leaves all", () => {
  const story = new Story();
  const both = story.ask(["a", "b", "a"]);
  const onlyA = story.ask("a");
  assert.equal(story.queue("a")?.waiters, 2, "once in the line of each queue");
  const b = story.add("b");
  const a = story.add("a");
  story.turn();
  assert.deepEqual(idsOf([both, onlyA]), [[b], [a]]);
  assert.equal(story.queue("a")?.waiters, 0);
});

test("everybody gets one job before anybody gets a second, then requests fill up in order", () => {
  const story = new Story();
  const greedy = story.ask("q", 3);
  const modest = story.ask("q", 1);
  const last = story.ask("q", 9);
  const ids = Array.from({ length: 6 }, () => story.add("q"));
  story.turn();
  assert.deepEqual(idsOf([greedy, modest, last]), [
    [ids[0], ids[3], ids[4]],
    [ids[1]],
    [ids[2], ids[5]],
  ]);
});

test("a request fills up from all its queues", () => {
  const story = new Story();
  const asker = story.ask(["a", "b"], 4);
  const a = [story.add("a"), story.add("a"), story.add("a")];
  const b = [story.add("b")];
  story.turn();
  assert.deepEqual(asker.ids, [a[0], a[1], b[0], a[2]]);
});

test("a wait ends in the millisecond of its timeout, with nothing", () => {
  const story = new Story();
  const asker = story.ask("q", 1, 500);
  const patient = story.ask("q", 1, 0);
  story.pass(499);
  assert.equal(asker.jobs, undefined);
  story.pass(1);
  assert.deepEqual(asker.jobs, []);
  story.pass(100_000_000);
  assert.equal(patient.jobs, undefined, "without timeout for ever");
  assert.equal(story.queue("q")?.waiters, 1);
});

test("a job that comes with the timeout is delivered", () => {
  const story = new Story();
  const id = story.add("q", { delay: 1 });
  const asker = story.ask("q", 1, 1000);
  story.pass(1000);
  assert.deepEqual(asker.ids, [id]);
});

test("a client that goes away while it waits gets nothing", () => {
  const story = new Story();
  const [gone, next] = [story.ask(["q", "r"]), story.ask("q")];
  story.leave(gone);
  assert.equal(story.queue("r")?.waiters, 0);
  const id = story.add("q");
  story.turn();
  assert.deepEqual(idsOf([gone, next]), [undefined, [id]]);
});

test("what was promised to a client that goes away in the same turn goes to the next one", () => {
  const story = new Story();
  const [gone, next] = [story.ask("q"), story.ask("q")];
  const id = story.add("q");
  story.leave(gone);
  story.turn();
  assert.deepEqual(idsOf([gone, next]), [undefined, [id]]);
  assert.equal(next.jobs?.[0]?.additionalDeliveries, 0);
  assert.equal(story.broker.stats.jobsDelivered, 1);
});

test("an at-most-once job promised to a client that goes away is not lost", () => {
  const story = new Story();
  const gone = story.ask("q");
  const id = story.add("q", { retry: 0 });
  story.leave(gone);
  story.turn();
  assert.deepEqual(story.getIds("q"), [id]);
});

test("a promised job that somebody acknowledges is not delivered; the client waits on", () => {
  const story = new Story();
  const askers = [story.ask("q"), story.ask("q"), story.ask("q")];
  const [first, second] = [story.add("q"), story.add("q")];
  story.node.apply("ack", first);
  story.node.apply("ack", second);
  story.turn();
  assert.deepEqual(idsOf(askers), [undefined, undefined, undefined]);
  assert.equal(story.broker.stats.jobsDelivered, 0);
  assert.equal(story.queue("q")?.jobsOut, 0);
  const ids = [story.add("q"), story.add("q")];
  story.turn();
  assert.deepEqual(idsOf(askers), [[ids[0]], [ids[1]], undefined], "each in its old place");
});

test("clients whose promised jobs are gone get one job each before anybody gets a second", () => {
  const story = new Story();
  const [greedy, modest, last] = [story.ask("q", 3), story.ask("q", 2), story.ask("q")];
  const lost = [story.add("q"), story.add("q"), story.add("q")];
  const ids = [story.add("q"), story.add("q")];
  for (const id of lost) story.node.apply("ack", id);
  story.turn();
  assert.deepEqual(idsOf([greedy, modest, last]), [[ids[0]], [ids[1]], undefined]);
  const next = story.add("q");
  story.turn();
  assert.deepEqual(last.ids, [next], "in front again");
});

test("requests fill up in the order in which they came, whoever was promised a job first", () => {
  const story = new Story();
  const [first, second] = [story.ask(["a", "q"], 2), story.ask(["b", "q"], 2)];
  const b = story.add("b");
  const a = story.add("a");
  const id = story.add("q");
  story.turn();
  assert.deepEqual(idsOf([first, second]), [[a, id], [b]]);
});

test("many clients whose promised jobs are gone sit where they sat, between the others", () => {
  const story = new Story();
  const both = [0, 1, 2, 3, 4, 5].map((i) => story.ask(i % 2 === 0 ? ["q", "r"] : "r"));
  const lost = [story.add("q"), story.add("q"), story.add("q")];
  for (const id of lost) story.node.apply("ack", id);
  story.turn();
  const ids = Array.from({ length: 6 }, () => story.add("r"));
  story.turn();
  assert.deepEqual(
    idsOf(both),
    ids.map((id) => [id]),
  );
});

test("a promised job counts as queued: NACK and ENQUEUE do nothing, and it is delivered", () => {
  const story = new Story();
  const asker = story.ask("q");
  const id = story.add("q");
  assert.ok(!story.node.apply("nack", id));
  assert.ok(!story.node.apply("enqueue", id));
  story.turn();
  assert.deepEqual(asker.ids, [id]);
  assert.deepEqual([asker.jobs?.[0]?.nacks, asker.jobs?.[0]?.additionalDeliveries], [0, 0]);
});

test("a promised job that somebody works on is not delivered; WORKING is believed", () => {
  const story = new Story();
  const asker = story.ask("q");
  const id = story.add("q", { retry: 10 });
  assert.ok(story.node.apply("working", id));
  story.turn();
  assert.equal(asker.jobs, undefined);
  assert.equal(story.show(id).requeueWithinMs, 10_000);
  story.pass(10_000);
  assert.deepEqual(asker.ids, [id]);
});

test("a promised job that expires before the turn ends is not delivered", () => {
  const story = new Story();
  const asker = story.ask("q", 1, 5000);
  story.add("q", { ttl: 1 });
  story.node.host.nowMs += 1000;
  story.turn();
  assert.equal(asker.jobs, undefined);
  assert.equal(story.broker.stats.jobsExpired, 1);
  story.pass(4000);
  assert.deepEqual(asker.jobs, []);
});

test("a client that waits in vain is not kept waiting beyond its time by a lost promise", () => {
  const story = new Story();
  const asker = story.ask("q", 1, 100);
  const id = story.add("q");
  story.node.apply("ack", id);
  story.node.host.nowMs += 100;
  story.turn();
  assert.deepEqual(asker.jobs, []);
});

test("the lease of a job begins when it is handed out, however long the turn took", () => {
  const story = new Story();
  const asker = story.ask("q");
  const id = story.add("q", { retry: 1 });
  story.node.host.nowMs += 5000;
  story.turn();
  assert.deepEqual(asker.ids, [id]);
  assert.equal(story.show(id).requeueWithinMs, 1000);
  assert.equal(asker.jobs?.[0]?.additionalDeliveries, 0);
});

test("flushing ends all waits with nothing, also those just promised a job", () => {
  const story = new Story();
  const askers = [story.ask("q"), story.ask(["q", "r"], 2, 1000)];
  story.add("q");
  story.add("other", { body: "x".repeat(100_000) });
  story.node.pause("other", true, true);
  story.node.flush();
  story.turn();
  assert.deepEqual(
    askers.map((asker) => asker.jobs),
    [[], []],
  );
  assert.equal(story.broker.queues.entryCount, 0);
  assert.ok(story.broker.usedBytes < 512 * 1024);
  assert.equal(story.broker.nextWakeAtMs, Number.POSITIVE_INFINITY);
});

test("a client that goes away after its wait ended leaves the queues of today alone", () => {
  const story = new Story();
  const { broker } = story;
  const old = story.node.entry("q");
  const waiter = broker.serving.wait([old], 1, Number.POSITIVE_INFINITY, {
    jobsArrived: () => assert.fail("no job"),
    waitEnded: () => {},
  });
  broker.queues.register(old, story.nowMs);
  broker.flush();
  const id = story.add("r");
  broker.serving.cancel(waiter);
  story.turn();
  story.pass(400_000);
  assert.deepEqual(story.getIds("r"), [id], "its number was not given away");
});
