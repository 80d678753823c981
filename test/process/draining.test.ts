/**
 * Real nodes that go on purpose: leaving, rolling restarts, FORGET and RESET take no job with them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster } from "../support/cluster.ts";
import { soon } from "../support/cluster-nodes.ts";

const LONG = ["RETRY", 300] as const;
const QUICK_REPAIR = { directives: { "cluster-repair-delay": "300" } };
const once = new Set([1]);

for (const replicate of [1, 2]) {
  test(`a node that leaves hands all its jobs over and has none in the end (REPLICATE ${replicate})`, async (t) => {
    const cluster = await startCluster(t, 4);
    const ids: string[] = [];
    for (const node of cluster.present) {
      ids.push(...(await cluster.addMany(node, "q", 50, "REPLICATE", replicate, ...LONG)));
    }
    assert.equal(await cluster.call(0, "CLUSTER", "LEAVING", "yes"), "OK");
    await soon("the leaving node has no job left", async () => (await cluster.jobsOn(0)) === 0);
    cluster.leaves(0);
    await cluster.haveCopies(ids, replicate);
    await cluster.node(0).kill9();
    const times = await cluster.takeAll([1, 2, 3], "q", 200);
    assert.deepEqual(new Set(times.values()), once);
    await cluster.isEmpty();
  });
}

test("jobs on their way to a node that stands still are delivered by the leaving one, once more at most when that goes on", async (t) => {
  const cluster = await startCluster(t, 3, { directives: { "cluster-node-timeout": "1000" } });
  const ids = await cluster.addMany(0, "q", 200, "REPLICATE", 1, ...LONG);
  cluster.freeze(1);
  assert.equal(await cluster.call(0, "CLUSTER", "LEAVING", "yes"), "OK");
  const before = await cluster.takeAll([2], "q", 200);
  assert.deepEqual(new Set(before.values()), once);
  assert.deepEqual(new Set(before.keys()), new Set(ids));
  cluster.thaw(1);
  cluster.leaves(0);
  for (const { id } of await cluster.take(1, "q", 2000, 200)) {
    assert.ok(ids.includes(id));
    await cluster.call(1, "ACKJOB", id);
  }
  await soon("the leaving node has no job left", async () => (await cluster.jobsOn(0)) === 0);
  await cluster.isEmpty();
});

test("a job out with a consumer when its node leaves can be acknowledged anywhere", async (t) => {
  const cluster = await startCluster(t, 3);
  const id = await cluster.add(0, "q", "body", "REPLICATE", 2, ...LONG);
  assert.equal((await cluster.take(0, "q", 5000))[0]?.id, id);
  assert.equal(await cluster.call(0, "CLUSTER", "LEAVING", "yes"), "OK");
  await soon("the leaving node has no job left", async () => (await cluster.jobsOn(0)) === 0);
  await cluster.deliverNothing([1, 2], "q", 500);
  await cluster.call(1, "ACKJOB", id);
  await cluster.isEmpty();
});

test("a leaving node takes jobs for others, and keeps none of them", async (t) => {
  const cluster = await startCluster(t, 3);
  assert.equal(await cluster.call(0, "CLUSTER", "LEAVING", "yes"), "OK");
  for (const retry of [0, 300]) {
    const copies = retry === 0 ? 1 : 2;
    const queue = `q${retry}`;
    const id = await cluster.add(0, queue, "body", "REPLICATE", copies, "RETRY", retry);
    await soon("only others have it", async () => {
      const holders = await cluster.holders(id);
      return holders.length === copies && !holders.includes(0);
    });
    assert.equal((await cluster.take(1, queue, 10_000))[0]?.id, id);
  }
  assert.match(
    String(await cluster.call(0, "ADDJOB", "q", "body", 0, "REPLICATE", 3)),
    /^-NOREPL .* I'm leaving the cluster$/,
  );
  assert.match(String(await cluster.call(0, "GETJOB", "FROM", "q300")), /^-LEAVING /);
});

test("a node that stays after all takes jobs again", async (t) => {
  const cluster = await startCluster(t, 3);
  assert.equal(await cluster.call(0, "CLUSTER", "LEAVING", "yes"), "OK");
  assert.equal(await cluster.call(0, "CLUSTER", "LEAVING", "no"), "OK");
  await cluster.isWhole();
  const id = await cluster.add(0, "q", "body", "REPLICATE", 3, ...LONG);
  assert.deepEqual(await cluster.holders(id), [0, 1, 2]);
});

test("restarting all nodes one after the other loses no job of REPLICATE 2", async (t) => {
  const cluster = await startCluster(t, 3);
  for (const node of cluster.present) {
    await cluster.addMany(node, "q", 50, "REPLICATE", 2, ...LONG);
  }
  for (const node of [0, 1, 2]) {
    await cluster.stop(node);
    await cluster.restart(node);
    await cluster.isWhole();
  }
  await cluster.takeAll([0, 1, 2], "q", 150);
  await cluster.isEmpty();
});

test("copies on a node that is forgotten are made anew elsewhere, at once", async (t) => {
  // Only what a forgotten node had is missing for good; a silent one would be waited for.
  const cluster = await startCluster(t, 4, { directives: { "cluster-repair-delay": "600000" } });
  const ids = await cluster.addMany(0, "q", 60, "REPLICATE", 3, ...LONG);
  await cluster.kill9(3);
  for (const node of cluster.present) {
    assert.equal(await cluster.call(node, "CLUSTER", "FORGET", cluster.id(3)), "OK");
  }
  await cluster.isWhole();
  await cluster.haveCopies(ids, 3);
  for (const id of ids) {
    const listed = (await cluster.show(0, id))?.get("nodes-delivered");
    assert.ok(Array.isArray(listed) && !listed.includes(cluster.id(3)));
  }
  assert.deepEqual(new Set((await cluster.takeAll([0], "q", 60)).values()), once);
  await cluster.isEmpty();
});

for (const kind of ["SOFT", "HARD"]) {
  test(`a node that is reset (${kind}) forgets its jobs, the others keep theirs, and it may come back`, async (t) => {
    const cluster = await startCluster(t, 3, QUICK_REPAIR);
    const ids = await cluster.addMany(0, "q", 40, "REPLICATE", 3, ...LONG);
    assert.equal(await cluster.call(0, "CLUSTER", "RESET", kind), "OK");
    assert.equal(await cluster.jobsOn(0), 0);
    await cluster.learnId(0);
    await cluster.isWhole([1, 2]);
    await cluster.meet(1, 0, cluster.node(0).ports.busPort);
    await cluster.isWhole();
    await cluster.haveCopies(ids, 3);
    assert.deepEqual(new Set((await cluster.takeAll([0, 1, 2], "q", 40)).values()), once);
    await cluster.isEmpty();
  });
}
