/**
 * Real nodes that are killed or stand still: no job with a copy left is lost, and what was acknowledged
 * stays so.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster, type TestCluster } from "../support/cluster.ts";
import { soon } from "../support/cluster-nodes.ts";

/** So long that a job which comes back within a test has come back because somebody failed. */
const LONG = ["REPLICATE", 3, "RETRY", 300] as const;

const once = new Set([1]);

/** A queue whose waiters and jobs are brought together by other nodes. */
async function queueOfOthers(cluster: TestCluster, node: number): Promise<string> {
  for (let number = 0; ; number++) {
    const walk = await cluster.call(0, "CLUSTER", "RING", `q${number}`);
    assert.ok(Array.isArray(walk));
    if (JSON.stringify(walk.at(-1)).includes(cluster.id(node))) return `q${number}`;
  }
}

for (const lost of [
  [0, 1],
  [1, 2],
]) {
  test(`kill -9 of two holders after the reply loses nothing (${lost[0] === 0 ? "the first and another" : "the others"})`, async (t) => {
    const cluster = await startCluster(t, 3);
    await cluster.addMany(0, "q", 100, ...LONG);
    await cluster.kill9(...lost);
    const times = await cluster.takeAll(cluster.present, "q", 100);
    assert.deepEqual(new Set(times.values()), once);
  });
}

test("kill -9 of two of five nodes while they are asked for copies: others take their place", async (t) => {
  const cluster = await startCluster(t, 5, { directives: { "cluster-node-timeout": "60000" } });
  cluster.freeze(3, 4);
  const adding = cluster.addMany(0, "q", 30, ...LONG);
  await soon("the jobs are there", async () => (await cluster.jobsOn(1)) > 0);
  await cluster.kill9(3, 4);
  for (const id of await adding) assert.deepEqual(await cluster.holders(id), [0, 1, 2]);
});

test("a node that stood still hands out nothing that was acknowledged elsewhere meanwhile", async (t) => {
  const cluster = await startCluster(t, 3);
  const queue = await queueOfOthers(cluster, 1);
  const taking = cluster.take(1, queue, 20_000);
  await soon("the consumer waits", async () => (await cluster.figure(1, "blocked_clients")) === 1);
  cluster.freeze(1);
  const id = await cluster.add(0, queue, "body", "REPLICATE", 1, "RETRY", 300);
  await soon("it is lent", async () => (await cluster.figure(0, "cluster_jobs_lent")) === 1);
  assert.equal((await cluster.take(0, queue, 10_000))[0]?.id, id);
  assert.equal(await cluster.call(0, "ACKJOB", id), 1);
  cluster.thaw(1);
  await cluster.isWhole();
  const next = await cluster.add(0, queue, "next", ...LONG);
  assert.equal((await taking)[0]?.id, next);
});

test("kill -9 of the only other node before the reply: the producer is told, and nothing is left", async (t) => {
  const cluster = await startCluster(t, 2);
  cluster.freeze(1);
  const asked = cluster.ask(0, "ADDJOB", "q", "body", 1000, "REPLICATE", 2, "RETRY", 1);
  await soon("the job is there", async () => (await cluster.jobsOn(0)) === 1);
  await cluster.kill9(1);
  assert.match(String(await asked), /^-NOREPL /);
  await cluster.deliverNothing([0], "q", 1500);
  await cluster.restart(1);
  await cluster.isWhole();
  await cluster.isEmpty();
});

test("kill -9 of the node that delivered and another: the job is delivered again, counted", async (t) => {
  const cluster = await startCluster(t, 3);
  const id = await cluster.add(0, "q", "body", ...LONG);
  assert.equal((await cluster.take(0, "q", 5000))[0]?.id, id);
  await cluster.kill9(0, 1);
  const [again] = await cluster.take(2, "q", 15_000);
  assert.equal(again?.id, id);
  assert.ok((again?.additionalDeliveries ?? 0) > 0);
  assert.equal(await cluster.call(2, "ACKJOB", id), 1);
  await cluster.deliverNothing([2], "q", 500);
});

test("kill -9 of both others after a delivery: the consumer can still acknowledge, for good", async (t) => {
  const cluster = await startCluster(t, 3);
  const id = await cluster.add(0, "q", "body", "REPLICATE", 3, "RETRY", 1);
  assert.equal((await cluster.take(2, "q", 5000))[0]?.id, id);
  await cluster.kill9(0, 1);
  assert.equal(await cluster.call(2, "ACKJOB", id), 1);
  await cluster.deliverNothing([2], "q", 3000);
});

test("kill -9 of two nodes right after ACKJOB: the third one knows of it", async (t) => {
  const cluster = await startCluster(t, 3);
  const ids = await cluster.addMany(0, "q", 50, "REPLICATE", 3, "RETRY", 1);
  const taken = await cluster.take(0, "q", 5000, 50);
  assert.equal(taken.length, 50);
  assert.equal(await cluster.call(0, "ACKJOB", ...ids), 50);
  await cluster.kill9(0, 1);
  await cluster.deliverNothing([2], "q", 3500);
});

test("acknowledged jobs are forgotten when the holder that was away is back without memory", async (t) => {
  const cluster = await startCluster(t, 3);
  const ids = await cluster.addMany(0, "q", 20, ...LONG);
  await cluster.kill9(2);
  assert.equal(await cluster.call(1, "ACKJOB", ...ids), 20);
  const job = await cluster.show(1, ids[0] ?? "");
  assert.equal(job?.get("state"), "acked");
  assert.ok((await cluster.jobsOn(1)) === 20, "they count while a holder is away");
  await cluster.restart(2);
  await cluster.isWhole();
  await cluster.isEmpty();
});

test("a delayed job outlives the node that took it", async (t) => {
  const cluster = await startCluster(t, 3);
  const id = await cluster.add(0, "q", "body", "REPLICATE", 3, "DELAY", 4, "RETRY", 300);
  const addedMs = performance.now();
  await cluster.kill9(0);
  assert.equal((await cluster.take(1, "q", 15_000))[0]?.id, id);
  assert.ok(performance.now() - addedMs > 3500, "not before its time");
});
