/**
 * Nodes with logs in a cluster: they come back as who they were, with what they held.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster } from "../support/cluster.ts";

const once = new Set([1]);
const options = { directives: { appendonly: "yes" } };

test("kill -9 of all nodes at once: every job that was promised comes back, and once", async (t) => {
  const cluster = await startCluster(t, 3, options);
  await cluster.addMany(0, "q", 40, "REPLICATE", 3, "RETRY", 300);
  await cluster.addMany(1, "q", 40, "REPLICATE", 1, "RETRY", 300);
  await cluster.kill9(0, 1, 2);
  for (const index of [0, 1, 2]) await cluster.restart(index);
  await cluster.isWhole();
  const times = await cluster.takeAll(cluster.present, "q", 80);
  assert.deepEqual(new Set(times.values()), once);
});

test("what was acknowledged before kill -9 of all nodes is forgotten on all of them", async (t) => {
  const cluster = await startCluster(t, 3, options);
  const ids = await cluster.addMany(0, "q", 30, "REPLICATE", 3, "RETRY", 1);
  assert.equal((await cluster.take(0, "q", 5000, 30)).length, 30);
  assert.equal(await cluster.call(1, "ACKJOB", ...ids), 30);
  await cluster.kill9(0, 1, 2);
  for (const index of [0, 1, 2]) await cluster.restart(index);
  await cluster.isWhole();
  await cluster.isEmpty();
});
