/**
 * Nodes that must not be linked: each refusal is told once in the log, and the cluster goes on without.
 *
 * A wrong secret is in cluster.test.ts.
 */
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { test } from "node:test";
import { startCluster } from "../support/cluster.ts";
import { soon } from "../support/cluster-nodes.ts";
import { startNode } from "../support/node.ts";
import { tempDir } from "../support/temp-dir.ts";
import { RawClient } from "./raw-client.ts";

/** Makes a process believe that it is an hour later. */
const HOUR_AHEAD = `data:text/javascript,${encodeURIComponent(
  "const now = Date.now; Date.now = () => now() + 3_600_000;",
)}`;

test("of two processes with a copy of the same folder the one that started later is the node", async (t) => {
  const cluster = await startCluster(t, 3);
  const dir = await tempDir(t);
  await cp(cluster.node(1).dir, dir, {
    recursive: true,
    filter: (path) => !path.endsWith("ringq.lock"),
  });
  const twin = await startNode(t, { "cluster-node-timeout": "1000" }, { dir });
  await soon("the older one hears that it is outdated", () =>
    cluster.node(1).log().includes("a node of the same id has started later"),
  );
  const lines = cluster.node(1).log().split("started later").length - 1;
  assert.ok(lines <= 3, `it is not told ${lines} times`);
  cluster.leaves(1);
  await cluster.node(1).kill9();
  await soon("the later one is the node now", async () => {
    const members = await cluster.membersOf(0);
    return members.includes(`${cluster.id(1)} noflags connected`);
  });
  assert.equal(await twin.stop(), 0);
});

test("a node that is told to meet its own twin stays alone, and both say why", async (t) => {
  const node = await startNode(t);
  const dir = await tempDir(t);
  const client = await RawClient.connect(t, { port: node.port });
  assert.equal(await client.call("CLUSTER", "SAVECONFIG"), "OK");
  await cp(node.dir, dir, { recursive: true, filter: (path) => !path.endsWith("ringq.lock") });
  const twin = await startNode(t, {}, { dir });
  const { port, ports } = twin;
  assert.equal(await client.call("CLUSTER", "MEET", "127.0.0.1", port, ports.busPort), "OK");
  await soon("both have said so", () =>
    [node, twin].every((each) => each.log().includes("another process has this node's id")),
  );
  assert.match(String(await client.call("INFO", "cluster")), /cluster_connections_refused:[1-9]/);
  assert.match(String(await client.call("CLUSTER", "INFO")), /cluster_known_nodes:1\b/);
});

test("a node whose clock is an hour ahead is not linked with, and both sides say why", async (t) => {
  const cluster = await startCluster(t, 2);
  const late = await startNode(t, {}, { nodeArgs: ["--import", HOUR_AHEAD] });
  const reply = await cluster.call(
    0,
    "CLUSTER",
    "MEET",
    "127.0.0.1",
    late.port,
    late.ports.busPort,
  );
  assert.equal(reply, "OK");
  await soon("both have said so", () => {
    assert.match(cluster.node(0).log(), /clock/);
    assert.match(late.log(), /clock/);
    return true;
  });
  await cluster.isWhole();
});

test("something else than a node at the address of one is refused, and changes nothing", async (t) => {
  const cluster = await startCluster(t, 2);
  const other = await startNode(t);
  const { port, ports } = other;
  for (const busPort of [port, ports.busPort + 1 > 65_535 ? 1 : ports.busPort + 1]) {
    assert.equal(await cluster.call(0, "CLUSTER", "MEET", "127.0.0.1", port, busPort), "OK");
  }
  const id = await cluster.add(0, "q", "body", "REPLICATE", 2);
  assert.deepEqual(await cluster.holders(id), [0, 1]);
  await cluster.isWhole();
  assert.ok(!other.log().includes('"level":"fatal"'));
});
