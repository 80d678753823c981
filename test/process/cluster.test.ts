/**
 * Real nodes that meet, lose one another and are forgotten, as an operator sees it.
 *
 * What exactly happens when is tested without processes (test/cluster); here it must happen at all.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startNode, type TestNode } from "../support/node.ts";

const QUICK = { "cluster-node-timeout": ["500"] };
const PATIENCE = { deadlineMs: 20_000 };

async function ask(node: TestNode, ...command: string[]): Promise<string> {
  const client = await node.client();
  try {
    const reply = await client.call(...command);
    return typeof reply.v === "string" ? `${reply.t}${reply.v}` : JSON.stringify(reply.v);
  } finally {
    client.close();
  }
}

/** Id, flags and link of the other nodes this one knows, in the order of their ids. */
async function others(node: TestNode): Promise<string[]> {
  const lines = (await ask(node, "CLUSTER", "NODES")).trim().split("\n");
  const rows = lines.map((line) => line.replace(/^\$/, "").split(" "));
  return rows
    .filter(([, , flags]) => !flags?.includes("myself"))
    .map(([id, , flags, , , link]) => `${id?.slice(0, 8)} ${flags} ${link}`)
    .sort();
}

async function idOf(node: TestNode): Promise<string> {
  return (await ask(node, "CLUSTER", "MYID")).slice(1);
}

/** Waits until a node sees the others so. */
function sees(node: TestNode, expected: readonly string[]): Promise<unknown> {
  const wanted = [...expected].sort().join();
  return eventually(async () => (await others(node)).join() === wanted, {
    ...PATIENCE,
    what: `a node sees ${wanted}`,
  });
}

async function connected(nodes: readonly TestNode[]): Promise<string[]> {
  return Promise.all(
    nodes.map(async (node) => `${(await idOf(node)).slice(0, 8)} noflags connected`),
  );
}

/** Nodes that have met: the first was told of the second, the second of the third, and so on. */
async function cluster(t: TestContext, count: number): Promise<TestNode[]> {
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(t, QUICK)));
  for (const [i, node] of nodes.slice(1).entries()) {
    const met = nodes[i] as TestNode;
    const reply = await ask(
      met,
      "CLUSTER",
      "MEET",
      "127.0.0.1",
      `${node.port}`,
      `${node.ports.busPort}`,
    );
    assert.equal(reply, "+OK");
  }
  await Promise.all(
    nodes.map(async (node) => sees(node, await connected(nodes.filter((other) => other !== node)))),
  );
  return nodes;
}

test("nodes that are told of one other node each know them all, and make the same ring", async (t) => {
  const nodes = await cluster(t, 4);
  const walks = await Promise.all(nodes.map((node) => ask(node, "CLUSTER", "RING", "a queue")));
  const ids = walks.map((walk) => walk.match(/[0-9a-f]{40}/g)?.join());
  assert.equal(new Set(ids).size, 1);
  assert.match(await ask(nodes[3] as TestNode, "CLUSTER", "INFO"), /cluster_reachable_nodes:3\r/);
});

test("a node that is killed is seen to fail, and is back when it is started again", async (t) => {
  const [first, second, third] = await cluster(t, 3);
  assert.ok(first && second && third);
  const lost = (await idOf(third)).slice(0, 8);
  const [other] = await connected([second]);
  await third.kill9();
  await sees(first, [other ?? "", `${lost} fail disconnected`]);
  const again = await third.restart();
  await sees(first, [other ?? "", `${lost} noflags connected`]);
  await sees(again, await connected([first, second]));
});

test("a node that was forgotten does not come back through the others", async (t) => {
  const [first, second, third] = await cluster(t, 3);
  assert.ok(first && second && third);
  const id = await idOf(third);
  for (const node of [first, second]) assert.equal(await ask(node, "CLUSTER", "FORGET", id), "+OK");
  await sees(first, await connected([second]));
  await sees(third, []);
});

test("seeds make a cluster without MEET; a node with another secret stays outside", async (t) => {
  const first = await startNode(t, { ...QUICK, "cluster-secret": ["s3cret"] });
  const seeds = { "cluster-seeds": [`127.0.0.1:${first.port}@${first.ports.busPort}`] };
  const second = await startNode(t, { ...QUICK, ...seeds, "cluster-secret": ["s3cret"] });
  const stranger = await startNode(t, { ...QUICK, ...seeds, "cluster-secret": ["guess"] });
  await sees(first, await connected([second]));
  await sees(second, await connected([first]));
  await eventually(async () => first.log().includes("secret"), {
    ...PATIENCE,
    what: "the first node logs that it refused somebody",
  });
  assert.deepEqual(await others(stranger), []);
});

test("a queue that is paused for all is paused on nodes that were away, and stays so", async (t) => {
  const [first, second, third] = await cluster(t, 3);
  assert.ok(first && second && third);
  await third.kill9();
  assert.equal(await ask(first, "PAUSE", "mail", "in", "BCAST"), "+in");
  const again = await third.restart();
  for (const node of [second, again]) {
    await eventually(async () => (await ask(node, "PAUSE", "mail", "state")) === "+in", {
      ...PATIENCE,
      what: "it is paused everywhere",
    });
  }
  assert.match(await ask(again, "ADDJOB", "mail", "body", "0"), /^-PAUSED/);
  assert.equal(await ask(again, "PAUSE", "mail", "none", "BCAST"), "+none");
  await eventually(async () => (await ask(first, "PAUSE", "mail", "state")) === "+none", {
    ...PATIENCE,
    what: "it is open everywhere",
  });
});
