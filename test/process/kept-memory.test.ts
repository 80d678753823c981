/**
 * Real nodes with logs: one that is killed and comes back is counted on as before, and so are all of them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster } from "../support/cluster.ts";

/** So long that nothing comes back by itself within a test. */
const LONG = ["RETRY", 300] as const;
const LOGGING = { directives: { appendonly: "yes", "cluster-node-timeout": "60000" } };

test("a killed node comes back with its copies, and none is made anew", async (t) => {
  const cluster = await startCluster(t, 3, LOGGING);
  const ids = await cluster.addMany(0, "q", 50, "REPLICATE", 2, ...LONG);
  const before = await Promise.all(ids.map((id) => cluster.holders(id)));
  for (const node of [1, 0]) {
    await cluster.kill9(node);
    await cluster.restart(node);
    await cluster.isWhole();
    const after = await Promise.all(ids.map((id) => cluster.holders(id)));
    assert.deepEqual(after, before);
  }
  assert.deepEqual(new Set((await cluster.takeAll([0, 1, 2], "q", 50)).values()), new Set([1]));
  await cluster.isEmpty();
});

test("when all nodes are killed at once, every job is there again, and nothing acknowledged", async (t) => {
  const cluster = await startCluster(t, 3, LOGGING);
  const ids = await cluster.addMany(0, "q", 60, "REPLICATE", 3, ...LONG);
  const acked = ids.splice(0, 20);
  for (const id of acked) assert.equal(await cluster.call(1, "ACKJOB", id), 1);
  await cluster.kill9(0, 1, 2);
  for (const node of [0, 1, 2]) await cluster.restart(node);
  await cluster.isWhole();
  await cluster.haveCopies(ids, 3);
  assert.deepEqual([...(await cluster.takeAll([0, 1, 2], "q", 40)).keys()].sort(), [...ids].sort());
  await cluster.isEmpty();
});
