/** QSTAT and QLEN with CLUSTER, INFO cluster-totals: replies that come later, in their order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";
import { addJob } from "../job/steps.ts";

test("QLEN with CLUSTER is the sum, and what became of asking each node", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "b");
  const id = `$${server.state.broker.nodeId}`;
  const node = ["$node", id, "$answer", "$answered", "$answer-age-ms", ":0", "$len"];
  assert.deepEqual(client.send("QLEN", "q", "CLUSTER"), [":1", [[...node, ":1"]]]);
  assert.deepEqual(client.send("qlen", "none", "cluster"), [":0", [[...node, ":0"]]]);
});

test("QSTAT with CLUSTER has pairs for all nodes together and for each", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "b");
  client.send("PAUSE", "q", "out");
  server.advance(7000);
  const reply = client.send("QSTAT", "q", "CLUSTER") as unknown[];
  const figures = [
    ...["$len", ":1", "$age", ":7", "$idle", ":7", "$blocked", ":0", "$jobs-in", ":1"],
    ...["$jobs-out", ":0", "$pause", "$out", "$oldest", ":7"],
  ];
  assert.deepEqual(reply.slice(0, -1), ["$name", "$q", ...figures, "$nodes"]);
  const [node] = reply.at(-1) as string[][];
  assert.deepEqual(node?.slice(6), figures);
  assert.equal(client.send("QSTAT", "none", "CLUSTER"), "nil*");
});

test("requests behind such a one wait, and replies keep their order", () => {
  const client = new FakeServer().connect();
  const replies = client.raw(
    "QLEN q CLUSTER\r\nADDJOB q x 0\r\nQLEN q\r\nINFO cluster-totals\r\nPING\r\n",
  );
  assert.deepEqual(
    replies.map((reply) => (Array.isArray(reply) ? "sum" : String(reply).slice(0, 2))),
    ["sum", "+D", ":1", "$#", "+P"],
  );
});

test("other words and too many of them are errors", () => {
  const client = new FakeServer().connect();
  const tooMany = "-ERR wrong number of arguments for";
  assert.equal(client.send("QLEN", "q", "r"), `${tooMany} 'qlen' command`);
  assert.equal(client.send("QLEN", "q", "CLUSTER", "x"), `${tooMany} 'qlen' command`);
  assert.equal(client.send("QSTAT", "q", "r", "s"), `${tooMany} 'qstat' command`);
  assert.match(String(client.send("QLEN", Buffer.alloc(65_537), "CLUSTER")), /^-ERR Queue name is/);
});

test("INFO cluster-totals has a sum for each figure and a line for each node", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "b");
  const text = String(client.send("INFO", "Cluster-Totals"));
  assert.match(text, /^\$# Cluster-totals\r\nnodes:1\r\nnodes_answered:1\r\nnodes_missing:0\r\n/);
  assert.match(text, /\r\njobs_queued:1\r\n/);
  assert.match(
    text,
    /\r\nnode0:id=[0-9a-f]{40},answer=answered,age_ms=0,heard_ms_ago=0,jobs_queued=1/,
  );
});

test("a client that muted its replies gets none of these", () => {
  const client = new FakeServer().connect();
  assert.deepEqual(client.raw("CLIENT REPLY SKIP\r\nQLEN q CLUSTER\r\nPING\r\n"), ["+PONG"]);
});
