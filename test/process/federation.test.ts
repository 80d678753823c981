/**
 * Real nodes as one broker: whoever adds, takes, acknowledges or pauses may do it on any of them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedCluster, startCluster } from "../support/cluster.ts";
import { soon } from "../support/cluster-nodes.ts";

const LONG = ["RETRY", 300] as const;
const once = new Set([1]);

const three = sharedCluster(3);
const five = sharedCluster(5);

for (const replicate of [1, 3]) {
  test(`the first job ever added on one node reaches a consumer blocked on another at once (REPLICATE ${replicate})`, async (t) => {
    const cluster = await startCluster(t, 3);
    for (const [producer, consumer] of [
      [0, 1],
      [2, 0],
    ] as const) {
      const queue = `q${producer}`;
      const taking = cluster.take(consumer, queue, 10_000);
      await soon(
        "the consumer waits",
        async () => (await cluster.figure(consumer, "blocked_clients")) === 1,
      );
      const id = await cluster.add(producer, queue, "body", "REPLICATE", replicate, ...LONG);
      const addedMs = performance.now();
      assert.equal((await taking)[0]?.id, id);
      // Far beyond what it takes, and far below what asking around now and then would need.
      assert.ok(performance.now() - addedMs < 1000, "it does not wait for a timer");
      assert.equal(await cluster.call(consumer, "ACKJOB", id), 1);
    }
    await cluster.isEmpty();
  });
}

test("a consumer that comes later than the job gets it from another node at once", async () => {
  const cluster = await three();
  const id = await cluster.add(0, "late", "body", "REPLICATE", 1, ...LONG);
  const startMs = performance.now();
  assert.equal((await cluster.take(1, "late", 10_000))[0]?.id, id);
  assert.ok(performance.now() - startMs < 1000);
});

test("a consumer that polls with NOHANG gets a job of another node within a few polls", async () => {
  const cluster = await three();
  const id = await cluster.add(0, "polled", "body", "REPLICATE", 1, ...LONG);
  let polls = 0;
  const job = await soon("a poll brings the job", async () => {
    polls++;
    return (await cluster.take(1, "polled", 0))[0];
  });
  assert.equal(job?.id, id);
  assert.ok(polls <= 20, `${polls} polls`);
});

test("jobs of all nodes go to consumers of all nodes, each once", async () => {
  const cluster = await five();
  const waiting = [0, 1, 2, 3, 4].map(async (node) => {
    const taken: string[] = [];
    for (;;) {
      const jobs = await cluster.take(node, "all", 1500, 7);
      if (jobs.length === 0) return taken;
      taken.push(...jobs.map(({ id }) => id));
      await cluster.call(node, "ACKJOB", ...jobs.map(({ id }) => id));
    }
  });
  const ids: string[] = [];
  for (const node of cluster.present) {
    ids.push(...(await cluster.addMany(node, "all", 60, "REPLICATE", 2, ...LONG)));
  }
  const taken = (await Promise.all(waiting)).flat();
  assert.deepEqual(taken.sort(), ids.sort());
  await cluster.isEmpty();
});

test("an acknowledgement counts wherever it is given", async () => {
  const cluster = await five();
  const ids = await cluster.addMany(0, "acked", 20, "REPLICATE", 2, "RETRY", 1);
  const taken = await cluster.take(1, "acked", 5000, 20);
  assert.ok(taken.length > 0);
  // Some of these nodes hold a copy, others have never heard of the job.
  for (const [i, id] of ids.entries()) await cluster.call(i % 5, "ACKJOB", id);
  await cluster.isEmpty();
  await cluster.deliverNothing([0, 1, 2, 3, 4], "acked", 1500);
});

test("FASTACK on any node ends a job on all", async () => {
  const cluster = await five();
  const ids = await cluster.addMany(0, "fast", 10, "REPLICATE", 3, ...LONG);
  for (const [i, id] of ids.entries()) await cluster.call(i % 5, "FASTACK", id);
  await cluster.isEmpty();
});

test("WORKING on another holder postpones the next delivery", async () => {
  const cluster = await three();
  const id = await cluster.add(0, "working", "body", "REPLICATE", 3, "RETRY", 10);
  assert.equal((await cluster.take(0, "working", 5000))[0]?.id, id);
  const leftMs = async () => Number((await cluster.show(0, id))?.get("next-requeue-within"));
  await soon("some of the time is over", async () => (await leftMs()) < 9000);
  assert.equal(await cluster.call(1, "WORKING", id), 10);
  await soon("it has all of its time again", async () => (await leftMs()) > 9000);
});

test("NACK on another holder gives the job to the next consumer at once, counted", async () => {
  const cluster = await three();
  const id = await cluster.add(0, "nack", "body", "REPLICATE", 3, ...LONG);
  assert.equal((await cluster.take(0, "nack", 5000))[0]?.id, id);
  assert.equal(await cluster.call(2, "NACK", id), 1);
  const [again] = await cluster.take(1, "nack", 5000);
  assert.deepEqual([again?.id, again?.nacks], [id, 1]);
});

test("a consumer's NACK where it got a job of another node works like anywhere", async () => {
  const cluster = await three();
  const id = await cluster.add(0, "nack elsewhere", "body", "REPLICATE", 1, ...LONG);
  assert.equal((await cluster.take(1, "nack elsewhere", 5000))[0]?.id, id);
  assert.equal(await cluster.call(1, "NACK", id), 1);
  const [again] = await cluster.take(2, "nack elsewhere", 5000);
  assert.deepEqual([again?.id, again?.nacks], [id, 1]);
  assert.equal(await cluster.call(2, "ACKJOB", id), 1);
  await cluster.isEmpty();
});

test("a job nobody acknowledges is delivered again after RETRY, on any node, counted", async () => {
  const cluster = await three();
  const id = await cluster.add(0, "retry", "body", "REPLICATE", 2, "RETRY", 1);
  assert.equal((await cluster.take(1, "retry", 5000))[0]?.additionalDeliveries, 0);
  const [again] = await cluster.take(2, "retry", 5000);
  assert.equal(again?.id, id);
  assert.ok((again?.additionalDeliveries ?? 0) > 0);
});

test("a job whose consumer's node is killed goes to somebody else after RETRY, counted", async (t) => {
  const cluster = await startCluster(t, 3);
  const id = await cluster.add(0, "q", "body", "REPLICATE", 1, "RETRY", 3);
  assert.equal((await cluster.take(1, "q", 5000))[0]?.id, id);
  await cluster.kill9(1);
  const [again] = await cluster.take(2, "q", 15_000);
  assert.equal(again?.id, id);
  assert.ok((again?.additionalDeliveries ?? 0) > 0);
});

test("a job does not stay where a consumer waited that is gone", async () => {
  const cluster = await three();
  const client = await cluster.node(1).client();
  client.send(["GETJOB", "FROM", "left"]);
  await soon("the consumer waits", async () => (await cluster.figure(1, "blocked_clients")) === 1);
  client.close();
  const id = await cluster.add(0, "left", "body", "REPLICATE", 1, ...LONG);
  assert.equal((await cluster.take(2, "left", 10_000))[0]?.id, id);
});

test("at-most-once jobs go round the cluster and are delivered exactly once", async () => {
  const cluster = await three();
  await cluster.addMany(0, "once", 60, "REPLICATE", 1, "RETRY", 0);
  const times = await cluster.takeAll([1, 2, 0], "once", 60);
  assert.deepEqual(new Set(times.values()), once);
  await cluster.isEmpty();
  await cluster.deliverNothing([0, 1, 2], "once", 500);
});

test("a queue that is paused on all nodes gives nothing to anybody until it is open again", async () => {
  const cluster = await three();
  assert.equal(await cluster.call(1, "PAUSE", "paused", "out", "BCAST"), "out");
  for (const node of cluster.present) {
    await soon(
      "the queue is paused",
      async () => (await cluster.call(node, "PAUSE", "paused", "state")) === "out",
    );
  }
  const id = await cluster.add(0, "paused", "body", "REPLICATE", 2, ...LONG);
  await cluster.deliverNothing([0, 1, 2], "paused", 500);
  const taking = cluster.take(2, "paused", 10_000);
  assert.equal(await cluster.call(0, "PAUSE", "paused", "none", "BCAST"), "none");
  assert.equal((await taking)[0]?.id, id);
});

test("QSTAT tells where a queue's jobs come from", async () => {
  const cluster = await three();
  await cluster.addMany(0, "from", 5, "REPLICATE", 1, ...LONG);
  await cluster.takeAll([1], "from", 5);
  const stat = await cluster.call(1, "QSTAT", "from");
  assert.ok(Array.isArray(stat));
  const field = (name: string) => stat[stat.indexOf(name) + 1];
  assert.deepEqual(field("import-from"), [cluster.id(0)]);
  assert.ok(Number(field("import-rate")) > 0);
});
