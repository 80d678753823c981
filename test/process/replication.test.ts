/**
 * ADDJOB with copies on real nodes: what a producer may rely on when it has its reply, or none.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedCluster, startCluster, type TestCluster } from "../support/cluster.ts";
import { soon } from "../support/cluster-nodes.ts";

/** So long that nothing comes back by itself within a test. */
const LONG = ["RETRY", 300] as const;
/** So long that nobody counts as failed within a test, however long it stands still. */
const PATIENT = { directives: { "cluster-node-timeout": "60000" } };

const three = sharedCluster(3);
const patient = sharedCluster(3, PATIENT);

const NOT_ENOUGH = "-NOREPL Not enough reachable nodes for the requested replication level";
const TOO_LATE = "-NOREPL Timeout reached before replicating to the requested number of nodes";

async function statesOf(cluster: TestCluster, id: string): Promise<string[]> {
  const jobs = await Promise.all(cluster.present.map((node) => cluster.show(node, id)));
  return jobs.map((job) => String(job?.get("state"))).sort();
}

test("right after the reply of REPLICATE 3 all three nodes hold the job and list one another", async () => {
  const cluster = await three();
  const id = await cluster.add(0, "held", "a body", "REPLICATE", 3, ...LONG);
  const everybody = [0, 1, 2].map((node) => cluster.id(node)).sort();
  assert.deepEqual(await statesOf(cluster, id), ["active", "active", "queued"]);
  for (const node of cluster.present) {
    const job = await cluster.show(node, id);
    const listed = job?.get("nodes-delivered");
    assert.ok(Array.isArray(listed));
    assert.deepEqual([...listed].sort(), everybody);
    assert.equal(job?.get("body"), "a body");
    assert.equal(job?.get("repl"), 3);
  }
  assert.equal(await cluster.call(0, "QLEN", "held"), 1);
  assert.equal(await cluster.call(1, "QLEN", "held"), 0);
});

test("of five nodes exactly three hold a job of REPLICATE 3, whoever takes it", async (t) => {
  const cluster = await startCluster(t, 5);
  const ids: string[] = [];
  for (const node of cluster.present) {
    ids.push(...(await cluster.addMany(node, "q", 10, "REPLICATE", 3, ...LONG)));
  }
  for (const id of ids) assert.equal((await cluster.holders(id)).length, 3);
  assert.deepEqual(new Set((await cluster.takeAll([2], "q", 50)).values()), new Set([1]));
  await cluster.isEmpty();
});

test("jobs have three copies unless told otherwise, and as many as there are nodes below that", async (t) => {
  const cluster = await startCluster(t, 2);
  const id = await cluster.add(0, "q", "body");
  assert.equal((await cluster.show(0, id))?.get("repl"), 2);
  assert.deepEqual(await cluster.holders(id), [0, 1]);
});

test("a thousand synchronous jobs of REPLICATE 3 one after the other have all their copies", async () => {
  const cluster = await three();
  for (let i = 0; i < 1000; i++)
    await cluster.add(i % 3, "thousand", `${i}`, "REPLICATE", 3, ...LONG);
  for (const node of cluster.present) assert.equal(await cluster.jobsOn(node), 1000);
  await cluster.takeAll([0, 1, 2], "thousand", 1000);
  await cluster.isEmpty();
});

test("ASYNC answers at once, lists where the copies go, and they get there", async () => {
  const cluster = await three();
  const id = await cluster.add(0, "async", "body", "REPLICATE", 3, "ASYNC", ...LONG);
  const listed = (await cluster.show(0, id))?.get("nodes-delivered");
  assert.ok(Array.isArray(listed));
  assert.equal(listed.length, 3);
  await cluster.haveCopies([id], 3);
});

test("more copies than nodes are refused at once, and nothing is kept", async (t) => {
  const cluster = await startCluster(t, 3);
  assert.equal(await cluster.call(0, "ADDJOB", "q", "body", 0, "REPLICATE", 4), NOT_ENOUGH);
  await cluster.kill9(2);
  await cluster.suspects(0, [2]);
  assert.equal(await cluster.call(0, "ADDJOB", "q", "body", 0, "REPLICATE", 3), NOT_ENOUGH);
  assert.match(String(await cluster.call(0, "ADDJOB", "q", "body", 0, "REPLICATE", 2)), /^D-/);
  assert.equal(await cluster.jobsOn(0), 1);
});

test("a job whose copies were not made in time is refused and never delivered", async () => {
  const cluster = await patient();
  cluster.freeze(2);
  const reply = await cluster.call(0, "ADDJOB", "late", "body", 300, "REPLICATE", 3, "RETRY", 1);
  assert.equal(reply, TOO_LATE);
  cluster.thaw(2);
  await cluster.isEmpty();
  await cluster.deliverNothing([0, 1, 2], "late", 1500);
});

test("the job of a producer that goes away before the copies exist is never delivered", async () => {
  const cluster = await patient();
  cluster.freeze(2);
  const client = await cluster.node(0).client();
  client.send(["ADDJOB", "left", "body", "0", "REPLICATE", "3", "RETRY", "1"]);
  await soon("the job is there", async () => (await cluster.jobsOn(0)) === 1);
  const clients = await cluster.figure(0, "connected_clients");
  client.close();
  await soon("it is gone", async () => (await cluster.figure(0, "connected_clients")) < clients);
  cluster.thaw(2);
  await cluster.isEmpty();
  await cluster.deliverNothing([0, 1, 2], "left", 1500);
});

test("a pending ADDJOB ends well when the node it waits for goes on", async () => {
  const cluster = await patient();
  cluster.freeze(2);
  const client = await cluster.node(0).client();
  client.send(["ADDJOB", "pending", "body", "15000", "REPLICATE", "3"]);
  await soon("the job is there", async () => (await cluster.jobsOn(0)) === 1);
  cluster.thaw(2);
  const reply = await client.read(15_000);
  assert.equal(reply.t, "+");
  await cluster.haveCopies([String(reply.v)], 3);
});

test("jobs are added with three copies while one of four nodes stands still, and have three in the end", async (t) => {
  const cluster = await startCluster(t, 4, PATIENT);
  cluster.freeze(3);
  const ids = await cluster.addMany(0, "q", 50, "REPLICATE", 3, ...LONG);
  for (const id of ids) assert.deepEqual(await cluster.holders(id), [0, 1, 2]);
  cluster.thaw(3);
  await cluster.haveCopies(ids, 3);
  assert.deepEqual(new Set((await cluster.takeAll([3], "q", 50)).values()), new Set([1]));
  await cluster.isEmpty();
});

test("jobs are added with three copies although two of five nodes are silent", async (t) => {
  const cluster = await startCluster(t, 5, { ...PATIENT, isProxied: true });
  for (const lost of [3, 4])
    cluster.links.forAllOf(lost, (other) => cluster.links.silence(lost, other));
  const ids = await cluster.addMany(0, "q", 50, "REPLICATE", 3, ...LONG);
  for (const id of ids) {
    const holders = await cluster.holders(id);
    assert.deepEqual(
      holders.filter((node) => node < 3),
      [0, 1, 2],
    );
  }
  for (const lost of [3, 4])
    cluster.links.forAllOf(lost, (other) => cluster.links.heal(lost, other));
  await cluster.haveCopies(ids, 3);
});

test("copies take the round trip they need and not more", async (t) => {
  const cluster = await startCluster(t, 3, { ...PATIENT, isProxied: true });
  cluster.links.forAllOf(0, (other) => cluster.links.delay(0, other, 100));
  const startMs = performance.now();
  const ids = await cluster.addMany(0, "q", 20, "REPLICATE", 3, ...LONG);
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs >= 199, `two delays of 100 ms, not ${tookMs}`);
  cluster.links.forAllOf(0, (other) => cluster.links.heal(0, other));
  await cluster.haveCopies(ids, 3);
});
