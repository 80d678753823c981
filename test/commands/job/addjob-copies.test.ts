/** ADDJOB in a cluster: how many copies, who waits how long for them, and when it is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeCopies } from "../../support/fake-copies.ts";
import { FakeServer } from "../../support/fake-server.ts";

const NO_REPLICAS = "-NOREPL Not enough reachable nodes for the requested replication level";
const RETRY_ZERO =
  "-ERR With RETRY set to 0 please explicitly set  REPLICATE to 1 (at-most-once delivery)";

test("the default number of copies is the cluster's", () => {
  const server = new FakeServer();
  const copies = new FakeCopies(server.state);
  const client = server.connect();
  copies.defaultReplicate = 3;
  assert.equal(client.send("ADDJOB", "q", "b", 0), undefined);
  const asked = copies.open.map(({ job }) => server.state.broker.jobs.replicate(job));
  assert.deepEqual(asked, [3]);
});

test("RETRY 0 needs an explicit REPLICATE 1 where the default is more", () => {
  const server = new FakeServer();
  const copies = new FakeCopies(server.state);
  const client = server.connect();
  copies.defaultReplicate = 2;
  assert.equal(client.send("ADDJOB", "q", "b", 0, "RETRY", 0), RETRY_ZERO);
  assert.equal(client.send("ADDJOB", "q", "b", 0, "RETRY", 0, "REPLICATE", 2), RETRY_ZERO);
  assert.match(String(client.send("ADDJOB", "q", "b", 0, "RETRY", 0, "REPLICATE", 1)), /^\+D-/);
  copies.defaultReplicate = 1;
  assert.match(String(client.send("ADDJOB", "q", "b", 0, "RETRY", 0)), /^\+D-/);
});

test("ASYNC is answered at once", () => {
  const server = new FakeServer();
  const copies = new FakeCopies(server.state);
  const client = server.connect();
  assert.match(String(client.send("ADDJOB", "q", "b", 0, "REPLICATE", 3, "ASYNC")), /^\+D-/);
  assert.equal(copies.asynchronous, 1);
  assert.equal(client.send("QLEN", "q"), ":1");
});

test("the timeout counts from now on, and 0 is for ever", () => {
  const server = new FakeServer();
  const copies = new FakeCopies(server.state);
  const client = server.connect();
  for (const timeout of [0, 1, 2500]) client.send("ADDJOB", "q", "b", timeout, "REPLICATE", 2);
  const { nowMs } = server.host;
  const deadlines = copies.open.map(({ deadlineMs }) => deadlineMs - nowMs);
  assert.deepEqual(deadlines, [Number.POSITIVE_INFINITY, 1, 2500]);
});

test("too few nodes are told before MAXLEN and a pause, also with ASYNC", () => {
  const server = new FakeServer();
  const copies = new FakeCopies(server.state);
  const client = server.connect();
  client.send("ADDJOB", "q", "b", 0);
  client.send("PAUSE", "q", "in");
  const request = ["ADDJOB", "q", "b", 0, "MAXLEN", 1, "ASYNC"];
  copies.lack = "no replicas";
  assert.equal(client.send(...request, "REPLICATE", 2), NO_REPLICAS);
  assert.match(String(client.send(...request, "REPLICATE", 1)), /^-MAXLEN/);
  copies.lack = undefined;
  assert.match(String(client.send(...request, "REPLICATE", 2)), /^-MAXLEN/);
  assert.match(String(client.send("ADDJOB", "q", "b", 0, "REPLICATE", 2)), /^-PAUSED/);
});

test("a node that leaves needs the others for a single copy too", () => {
  const server = new FakeServer();
  const copies = new FakeCopies(server.state);
  const client = server.connect();
  server.state.broker.isLeaving = true;
  copies.lack = "no replicas, leaving";
  assert.equal(
    client.send("ADDJOB", "q", "b", 0, "REPLICATE", 1),
    `${NO_REPLICAS}, since I'm unable to hold a copy of the message for the following reason: ` +
      "I'm leaving the cluster",
  );
});
