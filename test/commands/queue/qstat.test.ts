/** QSTAT: ten pairs, and what each of them counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";
import { addAndTake, addJob, pairsOf } from "../job/steps.ts";

const IDLE_MS = 300_000;

test("a queue is described by ten pairs in the order clients read them", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "a queue", "b");
  server.advance(7000);
  assert.deepEqual(client.send("QSTAT", "a queue"), [
    ...["$name", "$a queue", "$len", ":1", "$age", ":7", "$idle", ":7", "$blocked", ":0"],
    ...["$import-from", [], "$import-rate", ":0", "$jobs-in", ":1", "$jobs-out", ":0"],
    ...["$pause", "$none"],
  ]);
});

test("a queue that does not exist is nothing", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("QSTAT", "q"), "nil*");
  addJob(client, "q", "b", "DELAY", 60);
  assert.equal(client.send("QSTAT", "q"), "nil*", "a delayed job makes no queue");
});

test("jobs-in counts every queueing, jobs-out every delivery", () => {
  const server = new FakeServer();
  const client = server.connect();
  const counts = (): string => {
    const stat = pairsOf(client.send("QSTAT", "q"));
    return `${stat.len} ${stat["jobs-in"]} ${stat["jobs-out"]}`;
  };
  const id = addAndTake(client, "q", "RETRY", 10);
  assert.equal(counts(), ":0 :1 :1");
  client.send("NACK", id);
  assert.equal(counts(), ":1 :2 :1");
  client.send("GETJOB", "FROM", "q");
  server.advance(10_000);
  assert.equal(counts(), ":1 :3 :2");
  client.send("DEQUEUE", id);
  client.send("ACKJOB", id);
  assert.equal(counts(), ":0 :3 :2");
});

test("age counts from the making of the queue, idle from its last use", () => {
  const server = new FakeServer();
  const client = server.connect();
  const clocks = (): string => {
    const stat = pairsOf(client.send("QSTAT", "q"));
    return `${stat.age} ${stat.idle}`;
  };
  const id = addJob(client, "q", "b");
  server.advance(1999);
  assert.equal(clocks(), ":1 :1");
  client.send("GETJOB", "FROM", "q");
  assert.equal(clocks(), ":1 :0");
  server.advance(3001);
  client.send("WORKING", id);
  client.send("QPEEK", "q", 1);
  assert.equal(clocks(), ":5 :3");
  client.send("NACK", id);
  assert.equal(clocks(), ":5 :0");
  server.advance(4000);
  client.send("GETJOB", "NOHANG", "FROM", "q", "r");
  assert.equal(clocks(), ":9 :0");
});

test("an idle queue goes after five minutes, one that somebody reads or waits for stays", () => {
  const server = new FakeServer();
  const client = server.connect();
  for (const queue of ["idle", "read", "paused"]) addAndTake(client, queue, "RETRY", 0);
  addJob(client, "full", "b");
  client.send("PAUSE", "paused", "in");
  const waiter = server.connect();
  waiter.send("GETJOB", "FROM", "waited for");
  server.advance(IDLE_MS / 2);
  client.send("GETJOB", "NOHANG", "FROM", "read");
  server.advance(IDLE_MS / 2);
  assert.equal(client.send("QSTAT", "idle"), "nil*");
  for (const queue of ["read", "paused", "full", "waited for"]) {
    assert.notEqual(client.send("QSTAT", queue), "nil*", queue);
  }
  waiter.close();
  server.advance(IDLE_MS);
  assert.equal(client.send("QSTAT", "waited for"), "nil*");
});

test("a queue that went comes back new when a job of it is queued again", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addAndTake(client, "q", "RETRY", 2000);
  server.advance(IDLE_MS);
  assert.equal(client.send("QSTAT", "q"), "nil*");
  assert.equal(pairsOf(client.send("SHOW", id)).queue, "$q");
  client.send("NACK", id);
  const stat = pairsOf(client.send("QSTAT", "q"));
  assert.deepEqual(
    [stat.len, stat.age, stat["jobs-in"], stat["jobs-out"]],
    [":1", ":0", ":1", ":0"],
  );
});

test("blocked counts clients, each once", () => {
  const server = new FakeServer();
  const client = server.connect();
  const waiters = [server.connect(), server.connect()];
  for (const waiter of waiters) waiter.send("GETJOB", "FROM", "q", "r", "q");
  assert.equal(pairsOf(client.send("QSTAT", "q")).blocked, ":2");
  waiters[0]?.close();
  assert.equal(pairsOf(client.send("QSTAT", "r")).blocked, ":1");
});
