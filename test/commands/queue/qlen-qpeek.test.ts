/** QLEN and QPEEK: looking at a queue without changing anything. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";
import { addJob, bodiesOf, digest } from "../job/steps.ts";

test("QLEN counts what is queued, and nothing for a queue that does not exist", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("QLEN", "q"), ":0");
  addJob(client, "q", "1");
  addJob(client, "q", "2");
  addJob(client, "q", "3", "DELAY", 60);
  assert.equal(client.send("QLEN", "q"), ":2");
  assert.equal(client.send("QLEN", "Q"), ":0");
  client.send("GETJOB", "FROM", "q");
  assert.equal(client.send("QLEN", "q"), ":1");
});

test("a positive count shows the oldest jobs first, a negative one the newest", () => {
  const client = new FakeServer().connect();
  for (const body of ["1", "2", "3"]) addJob(client, "q", body);
  const expected: [count: number | string, bodies: string[]][] = [
    [0, []],
    ["-0", []],
    [1, ["1"]],
    ["+2", ["1", "2"]],
    [100, ["1", "2", "3"]],
    ["9007199254740991", ["1", "2", "3"]],
    [-1, ["3"]],
    [-2, ["3", "2"]],
    ["-9007199254740991", ["3", "2", "1"]],
  ];
  for (const [count, bodies] of expected) {
    assert.deepEqual(bodiesOf(client.send("QPEEK", "q", count)), bodies, `QPEEK q ${count}`);
  }
});

test("a peeked job is queue, id and body, as GETJOB gives it, paused or not", () => {
  const client = new FakeServer().connect();
  const id = addJob(client, "q", "b");
  for (const state of ["none", "out", "all"]) {
    client.send("PAUSE", "q", state);
    assert.deepEqual(client.send("QPEEK", "q", 1), [["$q", `$${id}`, "$b"]]);
  }
});

test("looking changes nothing and makes no queue", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "b");
  const before = digest(server);
  for (const request of ["QPEEK q 5", "QPEEK other 5", "QLEN q", "QLEN other", "QSTAT other"]) {
    client.send(...request.split(" "));
  }
  for (const count of ["x", "1.5", "", " 1", "99999999999999999999", "1\x00"]) {
    const reply = client.send("QPEEK", "q", count);
    assert.equal(reply, "-ERR value is not an integer or out of range", count);
  }
  assert.deepEqual(digest(server), before);
});

test("expired jobs are not shown, even before they are removed", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "short", "TTL", 5);
  addJob(client, "q", "long");
  server.host.nowMs += 5000;
  assert.deepEqual(bodiesOf(client.send("QPEEK", "q", 9)), ["long"]);
});

test("peeking takes bounded time in a long queue", () => {
  const client = new FakeServer().connect();
  for (let i = 0; i < 3000; i++) addJob(client, "q", String(i));
  assert.equal(bodiesOf(client.send("QPEEK", "q", -2000))[1999], "1000");
});
