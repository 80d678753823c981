/**
 * Real nodes that cannot reach each other for a while: each side goes on with what it has, and what was
 * promised or acknowledged on one side holds for both in the end.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster } from "../support/cluster.ts";

/** So long that a job which comes back within a test has come back because somebody failed. */
const LONG = ["REPLICATE", 3, "RETRY", 300] as const;

const once = new Set([1]);

test("acknowledgements given while a link is cut are final when it is healed", async (t) => {
  const cluster = await startCluster(t, 3, { isProxied: true });
  const ids = await cluster.addMany(0, "q", 30, ...LONG);
  cluster.links.forAllOf(0, (other) => cluster.links.cut(0, other));
  await cluster.suspects(1, [0]);
  // Nobody there has seen them yet: whoever acknowledges got them elsewhere, or knows their ids.
  assert.equal(await cluster.call(1, "ACKJOB", ...ids), 30);
  cluster.links.forAllOf(0, (other) => cluster.links.heal(0, other));
  await cluster.isWhole();
  await cluster.isEmpty();
  await cluster.deliverNothing([0, 1, 2], "q", 500);
});

test("both sides of a cut deliver a job at most once each, and one acknowledgement ends it", async (t) => {
  const cluster = await startCluster(t, 3, { isProxied: true });
  const ids = await cluster.addMany(0, "q", 20, ...LONG);
  cluster.links.forAllOf(0, (other) => cluster.links.cut(0, other));
  await cluster.suspects(1, [0]);
  const mine = await cluster.takeAll([0], "q", 20, { isAcknowledging: false });
  const theirs = await cluster.takeAll([1, 2], "q", 20);
  assert.deepEqual([new Set(mine.values()), new Set(theirs.values())], [once, once]);
  cluster.links.forAllOf(0, (other) => cluster.links.heal(0, other));
  await cluster.isWhole();
  await cluster.isEmpty();
  assert.equal(await cluster.call(0, "ACKJOB", ...ids), 0);
});

test("a link that is reset again and again loses nothing that was promised", async (t) => {
  // Links that break at once are dialled less and less often: nobody shall be suspected meanwhile.
  const directives = { "cluster-node-timeout": "60000" };
  const cluster = await startCluster(t, 3, { isProxied: true, directives });
  const added: string[] = [];
  for (let round = 0; round < 10; round++) {
    const adding = cluster.addMany(round % 3, `q${round}`, 20, ...LONG);
    cluster.links.cut(0, 1);
    cluster.links.heal(0, 1);
    added.push(...(await adding));
    const times = await cluster.takeAll([(round + 1) % 3], `q${round}`, 20);
    assert.deepEqual(new Set(times.values()), once);
  }
  assert.equal(added.length, 200);
  await cluster.isEmpty();
});

test("what is said while a link is silent is done when it speaks again", async (t) => {
  const directives = { "cluster-node-timeout": "60000" };
  const cluster = await startCluster(t, 3, { isProxied: true, directives });
  const ids = await cluster.addMany(0, "q", 30, ...LONG);
  cluster.links.silence(0, 1);
  assert.equal(await cluster.call(1, "ACKJOB", ...ids.slice(0, 15)), 15);
  assert.equal(await cluster.call(0, "ACKJOB", ...ids.slice(15)), 15);
  const job = await cluster.show(0, ids[20] ?? "");
  assert.equal(job?.get("state"), "acked", "it waits for the one that cannot hear");
  cluster.links.heal(0, 1);
  await cluster.isEmpty();
});

test("a node that hears nothing but is heard harms nobody", async (t) => {
  const cluster = await startCluster(t, 4, { isProxied: true });
  cluster.links.forAllOf(3, (other) => cluster.links.silenceOneWay(other, 3));
  const ids = await cluster.addMany(0, "q", 30, ...LONG);
  const times = await cluster.takeAll([1, 2], "q", 30);
  assert.deepEqual(new Set(times.values()), once);
  cluster.links.forAllOf(3, (other) => cluster.links.heal(3, other));
  await cluster.isWhole();
  await cluster.isEmpty();
  assert.equal(await cluster.call(3, "ACKJOB", ...ids), 0);
});
