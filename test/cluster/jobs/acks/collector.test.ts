/**
 * Acknowledged jobs of several nodes, until none of them remembers anything.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { JobState, NO_JOB } from "../../../../src/core/job.ts";
import { TombstoneCluster } from "../support/tombstone-cluster.ts";

/** Three nodes with a copy each, keeper 0. */
function holders(list: readonly number[] = [0, 1, 2], nodes = 3) {
  const cluster = new TombstoneCluster(nodes);
  const id = cluster.newId(list.length);
  for (const holder of list) cluster.put(holder, id, list);
  return { cluster, id };
}

function count(cluster: TombstoneCluster, type: string): number {
  return cluster.sent.filter((line) => line.endsWith(` ${type}`)).length;
}

test("an acknowledged job is forgotten by all holders with two messages each and one more", () => {
  const { cluster, id } = holders();
  cluster.ack(1, id);
  assert.equal(cluster.node(1).broker.stats.jobsAcked, 1);
  assert.equal(cluster.whereabouts(id), "copy,tombstone,copy");
  cluster.run(10);
  assert.equal(cluster.records, 0);
  assert.deepEqual(
    [count(cluster, "ack"), count(cluster, "acked"), count(cluster, "finish")],
    [2, 2, 2],
  );
  assert.equal(cluster.node(0).broker.stats.jobsAcked, 0, "it counts where the client asked");
});

test("nothing is awaited, and nobody wakes up any more, when it is over", () => {
  const { cluster, id } = holders();
  cluster.ack(0, id);
  cluster.run(10);
  assert.equal(cluster.nextWakeAtMs, Number.POSITIVE_INFINITY);
  assert.equal(cluster.node(0).collector.answersAwaited, 0);
});

test("a thousand acknowledgements of a turn are one message for each holder", () => {
  const cluster = new TombstoneCluster(3);
  for (let n = 0; n < 1000; n++) {
    const id = cluster.newId(3);
    for (const holder of [0, 1, 2]) cluster.put(holder, id, [0, 1, 2]);
    cluster.ack(0, id);
  }
  cluster.run(10);
  assert.equal(cluster.records, 0);
  assert.equal(cluster.sent.length, 6);
});

test("a job remains acknowledged while a holder is away, and is forgotten when it is back", () => {
  const { cluster, id } = holders();
  cluster.isolate(2);
  cluster.ack(0, id);
  cluster.run(60_000);
  assert.equal(cluster.whereabouts(id), "tombstone,tombstone,copy");
  const { broker, collector } = cluster.node(0);
  assert.equal(broker.stats.jobsByState[JobState.acked], 1);
  assert.equal(broker.jobs.bodyBytes(broker.find(id)), 0);
  assert.deepEqual([collector.tombstoneCount, collector.dummyCount], [1, 0]);
  assert.deepEqual(collector.confirmedBy([broker.find(id)]), [[0, 1]]);
  assert.ok(cluster.sent.length <= 10, `it rests: ${cluster.sent}`);
  cluster.heal();
  cluster.run(20);
  assert.equal(cluster.records, 0);
});

test("holders collect after a second when whoever was told is gone", () => {
  const { cluster, id } = holders();
  cluster.ack(0, id);
  cluster.run(3);
  cluster.isolate(0);
  assert.equal(cluster.whereabouts(id), "tombstone,tombstone,tombstone");
  cluster.run(900);
  assert.equal(count(cluster, "ack"), 2, "they wait");
  cluster.run(200);
  assert.equal(count(cluster, "ack"), 6);
  cluster.restart(0);
  cluster.heal();
  cluster.run(20);
  assert.equal(cluster.records, 0);
});

test("a holder that has forgotten everything, or is no member any more, is not waited for", () => {
  for (const end of ["restart", "remove"] as const) {
    const { cluster, id } = holders();
    cluster.isolate(2);
    cluster.ack(0, id);
    cluster.run(2000);
    cluster[end](2);
    // Who has started again may have something still, and is asked.
    if (end === "restart") cluster.heal();
    cluster.run(20);
    assert.equal(cluster.whatHas(0, id) + cluster.whatHas(1, id), "", end);
    assert.equal(cluster.node(0).collector.answersAwaited, 0, end);
  }
});

test("holders that the acknowledging node did not know of are asked when another names them", () => {
  const cluster = new TombstoneCluster(5);
  const id = cluster.newId(3);
  cluster.put(0, id, [0, 1]);
  cluster.put(1, id, [0, 1, 2, 3]);
  cluster.put(2, id, [0, 2]);
  cluster.put(3, id, [0, 3, 4]);
  cluster.put(4, id, [0, 4]);
  cluster.ack(0, id);
  cluster.run(50);
  assert.equal(cluster.records, 0);
  assert.equal(count(cluster, "ack"), 4);
});

test("a borrower acknowledges at all who have copies, and no list need be named", () => {
  const cluster = new TombstoneCluster(3);
  const id = cluster.newId(2);
  const own = cluster.put(0, id, [0, 1]);
  cluster.put(1, id, [0, 1]);
  cluster.put(2, id, [0, 1]);
  const { broker, view } = cluster.node(0);
  broker.roles.sendAway(own, view.indexOf(2));
  cluster.ack(2, id);
  cluster.run(50);
  assert.equal(cluster.records, 0);
  assert.deepEqual([cluster.sent.length, cluster.exceptionBytes], [6, 0]);
});

test("a borrower is named to whoever does not know of it", () => {
  const cluster = new TombstoneCluster(3);
  const { broker, view } = cluster.node(0);
  const ids = [2, 1].map((acker) => {
    const id = cluster.newId(2);
    const own = cluster.put(0, id, [0, 1]);
    cluster.put(1, id, [0, 1]);
    cluster.put(2, id, [0, 1]);
    broker.roles.sendAway(own, view.indexOf(2));
    return { id, acker };
  });
  for (const { id, acker } of ids) {
    cluster.ack(acker, id);
    cluster.run(3);
  }
  cluster.run(50);
  assert.equal(cluster.records, 0);
});

test("a holder that has borrowed its job is named, and asked once", () => {
  const cluster = new TombstoneCluster(3);
  const id = cluster.newId(3);
  const own = cluster.put(0, id, [0, 1, 2]);
  cluster.put(1, id, [0, 1]);
  cluster.put(2, id, [0, 1, 2]);
  const { broker, view } = cluster.node(0);
  broker.roles.sendAway(own, view.indexOf(2));
  cluster.ack(1, id);
  cluster.run(900);
  assert.equal(cluster.records, 0);
  broker.roles.sendAway(cluster.put(0, id, [0, 2]), view.indexOf(2));
  cluster.ack(0, id);
  assert.equal(cluster.node(0).collector.answersAwaited, 1);
});

test("a keeper tells whoever has borrowed the job", () => {
  const cluster = new TombstoneCluster(3);
  const id = cluster.newId(1);
  const own = cluster.put(0, id, [0]);
  cluster.put(2, id, [0]);
  const { broker, view } = cluster.node(0);
  broker.roles.sendAway(own, view.indexOf(2));
  cluster.ack(0, id);
  cluster.run(50);
  assert.equal(cluster.records, 0);
});

test("questions that the transport has dropped are asked again", () => {
  const { cluster, id } = holders();
  cluster.isolate(2);
  cluster.ack(0, id);
  cluster.run(10);
  cluster.breakStream(0, 2);
  cluster.heal();
  cluster.run(500);
  assert.equal(cluster.records, 0);
});

test("answers that the transport has dropped are asked for again", () => {
  const { cluster, id } = holders([0, 1], 2);
  cluster.ack(0, id);
  cluster.run(3);
  cluster.breakStream(1, 0);
  cluster.run(500);
  assert.equal(cluster.records, 0);
});

test("both of two nodes may be told at the same time", () => {
  const { cluster, id } = holders();
  cluster.ack(0, id);
  cluster.ack(1, id);
  cluster.run(50);
  assert.equal(cluster.records, 0);
});

test("a cancelled job goes the same way and is not counted", () => {
  const { cluster, id } = holders();
  const { broker, collector } = cluster.node(0);
  collector.cancel(broker.find(id));
  cluster.run(50);
  assert.equal(cluster.records, 0);
  assert.equal(broker.stats.jobsAcked, 0);
});

test("who learns of an acknowledgement by the way collects when nobody else does", () => {
  const { cluster, id } = holders();
  const { broker, collector } = cluster.node(1);
  collector.learnAcked(broker.find(id));
  cluster.run(900);
  assert.equal(cluster.whereabouts(id), "copy,tombstone,copy");
  cluster.run(200);
  assert.equal(cluster.records, 0);
});

test("a queued job that others acknowledge leaves its queue", () => {
  const { cluster, id } = holders();
  const { broker } = cluster.node(0);
  const queue = broker.lifecycle.queueOf(broker.find(id));
  assert.equal(queue.length, 1);
  cluster.ack(2, id);
  cluster.run(3);
  assert.equal(queue.length, 0);
});

test("when memory is short tombstones go, those first that nobody is away for", () => {
  const { cluster, id: stuck } = holders();
  cluster.isolate(2);
  cluster.ack(0, stuck);
  cluster.run(10);
  const id = cluster.newId(2);
  for (const holder of [0, 1]) cluster.put(holder, id, [0, 1]);
  cluster.ack(1, id);
  const { broker, collector } = cluster.node(1);
  collector.makeRoom();
  assert.equal(collector.tombstonesEvicted, 0, "there is no limit");
  broker.memory.maxBytes = Math.ceil(broker.usedBytes / 0.951);
  collector.makeRoom();
  assert.equal(collector.tombstonesEvicted, 1);
  assert.deepEqual([broker.find(id) === NO_JOB, broker.find(stuck) === NO_JOB], [true, false]);
  broker.memory.maxBytes = 1;
  collector.makeRoom();
  assert.equal(broker.find(stuck), NO_JOB);
  cluster.run(2000);
  assert.equal(cluster.whatHas(0, id), "", "others were told before");
});

test("what makes no sense is logged once and harms nobody", () => {
  const { cluster, id } = holders();
  const { collector, warnings } = cluster.node(0);
  const bytes = Buffer.from([1, 2, 3, 4, 5]);
  collector.received(1, { type: "ack", batch: 7, acks: bytes });
  collector.received(1, { type: "acked", batch: 7, exceptions: bytes });
  collector.received(1, { type: "finish", ids: bytes });
  collector.received(9, { type: "acked", batch: 1, exceptions: Buffer.alloc(0) });
  cluster.run(1);
  assert.equal(warnings.length, 1);
  assert.equal(cluster.whereabouts(id), "copy,copy,copy");
});

test("an answer that is damaged confirms nothing", () => {
  const { cluster, id } = holders([0, 1], 2);
  cluster.isolate(1);
  cluster.ack(0, id);
  cluster.run(1);
  const { collector } = cluster.node(0);
  collector.received(1, { type: "acked", batch: 1, exceptions: Buffer.from([0]) });
  cluster.run(1);
  assert.equal(cluster.whereabouts(id), "tombstone,copy");
});

test("a flushed node has nothing to say any more", () => {
  const { cluster, id } = holders();
  cluster.isolate(2);
  cluster.ack(0, id);
  cluster.run(10);
  const { broker, collector } = cluster.node(0);
  broker.flush();
  collector.flushed();
  assert.equal(collector.nextWakeAtMs, Number.POSITIVE_INFINITY);
  assert.equal(collector.answersAwaited, 0);
  cluster.heal();
  cluster.run(3000);
  assert.equal(cluster.records, 0);
});
