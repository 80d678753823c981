/**
 * `ringq cluster`: nodes become a cluster, are looked at, drained and forgotten, or nothing changes.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { runCli } from "../support/cli.ts";
import { startCluster } from "../support/cluster.ts";
import { startNode, type TestNode } from "../support/node.ts";

const named = (node: TestNode): string => `127.0.0.1:${node.port}@${node.ports.busPort}`;

async function knownBy(t: TestContext, node: TestNode): Promise<number> {
  const { stdout } = await runCli(t, ["-p", `${node.port}`, "cluster", "nodes"]);
  return stdout.trim().split("\n").length;
}

test("nodes that are alone become one cluster, and are well", async (t) => {
  const nodes = await Promise.all([startNode(t), startNode(t), startNode(t)]);
  const made = await runCli(t, ["cluster", "create", ...nodes.map(named)]);
  assert.equal(made.code, 0, made.stderr);
  assert.match(
    made.stdout,
    /^a cluster of 3 nodes:\n( {2}127\.0\.0\.1:\d+@\d+ {2}[0-9a-f]{40}\n){3}$/,
  );
  for (const node of nodes) assert.equal(await knownBy(t, node), 3);
  const well = await runCli(t, ["-p", `${nodes[1]?.port}`, "cluster", "check"]);
  assert.deepEqual([well.code, well.stderr], [0, ""]);
  assert.match(
    well.stdout,
    /^NODE +ID .*\n(127\.0\.0\.1:\d+ +[0-9a-f]{8} +ok .*\n){3}\nall is well\n$/,
  );
});

test("a cluster is not made of nodes twice, away, or taken, and nothing changes then", async (t) => {
  const [a, b] = await Promise.all([startNode(t), startNode(t)]);
  const create = (...names: string[]) => runCli(t, ["cluster", "create", ...names]);
  const twice = await create(named(a), named(a));
  assert.deepEqual(
    [twice.code, twice.stderr],
    [1, "ringq: a node is named twice; nothing was changed\n"],
  );
  assert.equal((await create(named(a), named(b), "127.0.0.1:1")).code, 1);
  for (const names of [[named(a)], [named(a), "nonsense"], []])
    assert.equal((await create(...names)).code, 2);
  assert.equal(await knownBy(t, a), 1);
  const cluster = await startCluster(t, 2);
  const taken = await create(named(a), named(cluster.node(0)));
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /is in a cluster with 127\.0\.0\.1:\d+ already; nothing was changed/);
  assert.equal(await knownBy(t, a), 1);
});

test("a node is drained until it is empty, then all others forget it", async (t) => {
  const cluster = await startCluster(t, 3);
  await cluster.addMany(0, "q", 40, "REPLICATE", 2, "RETRY", 300);
  const at = ["-p", `${cluster.node(1).port}`, "cluster"];
  const leaver = `127.0.0.1:${cluster.node(0).port}`;
  const early = await runCli(t, [...at, "forget", leaver]);
  assert.equal(early.code, 1);
  assert.match(early.stderr, /answers and has \d+ jobs; drain it first/);
  const drained = await runCli(t, [...at, "drain", cluster.id(0).slice(0, 12)]);
  assert.equal(drained.code, 0, drained.stderr);
  assert.match(drained.stdout, /has no jobs left and can be stopped/);
  assert.equal(await cluster.jobsOn(0), 0);
  await cluster.stop(0);
  const ill = await runCli(t, [...at, "check"]);
  assert.equal(ill.code, 1);
  assert.match(ill.stdout, new RegExp(`! ${leaver} does not answer: `));
  const forgotten = await runCli(t, [...at, "forget", leaver]);
  assert.deepEqual([forgotten.code, forgotten.stdout], [0, `2 nodes have forgotten ${leaver}\n`]);
  await cluster.isWhole([1, 2]);
  assert.equal((await runCli(t, [...at, "check"])).code, 0);
});

test("a node that is not known, or cannot go, is not drained", async (t) => {
  const cluster = await startCluster(t, 2);
  const at = ["-p", `${cluster.node(0).port}`, "cluster", "drain"];
  const unknown = await runCli(t, [...at, "0123456789"]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /^ringq: there is no node 0123456789; known are 127/);
  assert.equal((await runCli(t, [...at, "nonsense"])).code, 2);
  const alone = await startNode(t);
  const last = await runCli(t, [
    "-p",
    `${alone.port}`,
    "cluster",
    "drain",
    `127.0.0.1:${alone.port}`,
  ]);
  assert.equal(last.code, 1);
  assert.match(last.stderr, /there is no other node that could take the jobs/);
  assert.equal((await runCli(t, ["-p", `${alone.port}`, "CLUSTER", "LEAVING"])).stdout, "no\n");
});
