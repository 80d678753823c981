/**
 * Answers about the whole cluster from real nodes: sums, and the name of everybody who is not in them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster } from "../support/cluster.ts";
import { soon } from "../support/cluster-nodes.ts";
import type { Plain } from "../support/reply.ts";

const LONG = ["REPLICATE", 1, "RETRY", 300] as const;

/** Id and answer of each node in a reply of QLEN ... CLUSTER. */
function answers(reply: Plain): Record<string, string> {
  const [, nodes] = reply as [number, Plain[][]];
  return Object.fromEntries(nodes.map((pairs) => [String(pairs[1]), String(pairs[3])]));
}

test("lengths of all nodes are summed, on whichever node they are asked for", async (t) => {
  const cluster = await startCluster(t, 3);
  for (const node of [0, 1, 2]) await cluster.addMany(node, "q", node + 1, ...LONG);
  for (const node of [0, 1, 2]) {
    const reply = (await cluster.call(node, "QLEN", "q", "CLUSTER")) as [number, Plain];
    assert.equal(reply[0], 6);
    assert.deepEqual(new Set(Object.values(answers(reply))), new Set(["answered"]));
    const info = String(await cluster.call(node, "INFO", "cluster-totals"));
    assert.match(info, /\r\nnodes_missing:0\r\n/);
    assert.match(info, /\r\njobs_queued:6\r\n/);
  }
});

test("a node that stands still or is dead is named, and waited for no longer than a second", async (t) => {
  // Long enough that the connection with a node that stands still is not given up meanwhile.
  const directives = { "http-port": "any", "cluster-node-timeout": "15000" };
  const cluster = await startCluster(t, 3, { directives });
  for (const node of [0, 1, 2]) await cluster.addMany(node, "q", 1, ...LONG);
  cluster.freeze(2);
  const startMs = performance.now();
  const frozen = (await cluster.call(0, "QLEN", "q", "CLUSTER")) as [number, Plain];
  assert.ok(performance.now() - startMs < 3000);
  assert.equal(frozen[0], 2);
  assert.equal(answers(frozen)[cluster.id(2)], "silent");
  const url = (path: string) => `http://127.0.0.1:${cluster.node(0).ports.httpPort}${path}`;
  const shown = (await (await fetch(url("/api/queues/q?scope=cluster"))).json()) as {
    queue: { length: number };
    missing: string[];
  };
  assert.deepEqual([shown.queue.length, shown.missing], [2, [cluster.id(2)]]);
  cluster.thaw(2);
  await cluster.kill9(2);
  await soon("the connection is gone", async () => {
    const reply = await cluster.call(1, "QLEN", "q", "CLUSTER");
    return answers(reply)[cluster.id(2)] === "not connected";
  });
  const { totals, missing } = (await (await fetch(url("/api/cluster"))).json()) as {
    totals: { jobs_queued: number };
    missing: string[];
  };
  assert.deepEqual([totals.jobs_queued, missing], [2, [cluster.id(2)]]);
});
