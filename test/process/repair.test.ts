/**
 * Copies that are lost with their nodes are made anew on real nodes, and none too many.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster } from "../support/cluster.ts";

/** So long that a job which comes back within a test has come back because somebody failed. */
const LONG = ["REPLICATE", 3, "RETRY", 300] as const;
const QUICK_REPAIR = { directives: { "cluster-repair-delay": "300" } };

const once = new Set([1]);

test("a node that comes back without memory gets its copies again, then two others may be lost", async (t) => {
  const cluster = await startCluster(t, 3, QUICK_REPAIR);
  const ids = await cluster.addMany(0, "q", 100, ...LONG);
  await cluster.kill9(2);
  await cluster.restart(2);
  await cluster.isWhole();
  await cluster.haveCopies(ids, 3);
  await cluster.kill9(0, 1);
  assert.deepEqual(new Set((await cluster.takeAll([2], "q", 100)).values()), once);
});

test("a holder that stays away is replaced; when it is back nobody has a copy too many", async (t) => {
  const cluster = await startCluster(t, 4, QUICK_REPAIR);
  const ids = await cluster.addMany(0, "q", 60, ...LONG);
  cluster.freeze(1);
  await cluster.suspects(0, [1]);
  await cluster.haveCopies(ids, 3);
  cluster.thaw(1);
  await cluster.isWhole();
  await cluster.haveCopies(ids, 3);
  assert.deepEqual(new Set((await cluster.takeAll([1], "q", 60)).values()), once);
  await cluster.isEmpty();
});

test("of seven nodes two of a job's holders are killed, again and again, and no job is lost", async (t) => {
  const cluster = await startCluster(t, 7, QUICK_REPAIR);
  const ids = await cluster.addMany(0, "q", 60, ...LONG);
  for (const lost of [
    [0, 1],
    [2, 3],
    [4, 5],
  ]) {
    await cluster.kill9(...lost);
    await cluster.haveCopies(ids, 3);
    for (const node of lost) await cluster.restart(node);
    await cluster.isWhole();
  }
  await cluster.takeAll([6, 0, 3], "q", 60);
  await cluster.isEmpty();
});

test("DEBUG FLUSHALL on one node leaves the others their copies, which become three again", async (t) => {
  const cluster = await startCluster(t, 3, QUICK_REPAIR);
  const ids = await cluster.addMany(0, "q", 40, ...LONG);
  assert.equal(await cluster.call(0, "DEBUG", "FLUSHALL"), "OK");
  await cluster.haveCopies(ids, 3);
  assert.deepEqual(new Set((await cluster.takeAll([1], "q", 40)).values()), once);
});
