/** Real nodes of which one is slow: what is for it waits with whoever wants to send it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster } from "../support/cluster.ts";
import { soon } from "../support/cluster-nodes.ts";
import { plain } from "../support/reply.ts";

const MB = 1024 * 1024;
const BROKEN = /overflow|was dropped/;

test("200 MB for a node that stands still meanwhile are all stored", async (t) => {
  const cluster = await startCluster(t, 2, { directives: { "cluster-node-timeout": "60000" } });
  const body = Buffer.alloc(MB, "x");
  cluster.freeze(1);
  const clients = await Promise.all(Array.from({ length: 10 }, () => cluster.node(0).client()));
  const command = ["ADDJOB", "q", body, "25000", "REPLICATE", "2", "RETRY", "300"];
  for (const client of clients) for (let i = 0; i < 20; i++) client.send(command);
  await soon("all have come", async () => (await cluster.jobsOn(0)) === 200);
  cluster.thaw(1);
  for (const client of clients) {
    for (let i = 0; i < 20; i++) assert.match(String(plain(await client.read(30_000))), /^D-/);
  }
  assert.equal(await cluster.jobsOn(1), 200);
  assert.doesNotMatch(cluster.node(0).log(), BROKEN);
  assert.doesNotMatch(cluster.node(1).log(), BROKEN);
});

test("names of queues that make 90 MB break no stream", async (t) => {
  const cluster = await startCluster(t, 2, {
    directives: { "max-queue-name": "100000", "cluster-node-timeout": "5000" },
  });
  const client = await cluster.node(0).client();
  for (let i = 0; i < 1500; i++) {
    client.send(["ADDJOB", `${i}`.padEnd(60_000, "n"), "body", "0", "REPLICATE", "1"]);
  }
  for (let i = 0; i < 1500; i++) assert.match(String(plain(await client.read(30_000))), /^D-/);
  const [job] = await cluster.take(1, "1499".padEnd(60_000, "n"), 10_000);
  assert.equal(job?.body, "body");
  assert.doesNotMatch(cluster.node(0).log(), BROKEN);
  assert.doesNotMatch(cluster.node(1).log(), BROKEN);
});
