/** GETJOB when there are jobs, or when it does not wait: which jobs, in which form. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";
import { addAndTake, addJob, bodiesOf, number, pairsOf, stateOf } from "./steps.ts";

test("a job is queue, id and body; with counters also how often it was given before", () => {
  const client = new FakeServer().connect();
  const id = addJob(client, "q", "body");
  assert.deepEqual(client.send("GETJOB", "FROM", "q"), [["$q", `$${id}`, "$body"]]);
  client.send("NACK", id);
  assert.deepEqual(client.send("GETJOB", "WITHCOUNTERS", "FROM", "q"), [
    ["$q", `$${id}`, "$body", "$nacks", ":1", "$additional-deliveries", ":0"],
  ]);
});

test("jobs come out in the order of creation, at most COUNT of them", () => {
  const client = new FakeServer().connect();
  for (const body of ["1", "2", "3", "4", "5"]) addJob(client, "q", body);
  assert.deepEqual(bodiesOf(client.send("GETJOB", "FROM", "q")), ["1"]);
  assert.deepEqual(bodiesOf(client.send("GETJOB", "COUNT", 2, "FROM", "q")), ["2", "3"]);
  assert.deepEqual(bodiesOf(client.send("GETJOB", "COUNT", 100, "FROM", "q")), ["4", "5"]);
  assert.equal(client.send("GETJOB", "NOHANG", "COUNT", 5, "FROM", "q"), "nil*");
});

test("several queues are visited in the given order, one job a visit", () => {
  const client = new FakeServer().connect();
  for (const body of ["a1", "a2", "a3", "b1", "b2", "c1"]) addJob(client, body.slice(0, 1), body);
  const four = client.send("GETJOB", "COUNT", 4, "FROM", "b", "a", "c");
  assert.deepEqual(bodiesOf(four), ["b1", "a1", "c1", "b2"]);
  const rest = client.send("GETJOB", "COUNT", 9, "FROM", "c", "a", "a");
  assert.deepEqual(bodiesOf(rest), ["a2", "a3"]);
});

test("a queue named twice gives two jobs a round", () => {
  const client = new FakeServer().connect();
  for (const body of ["a1", "a2", "a3", "b1", "b2"]) addJob(client, body.slice(0, 1), body);
  const reply = client.send("GETJOB", "COUNT", 5, "FROM", "a", "a", "b");
  assert.deepEqual(bodiesOf(reply), ["a1", "a2", "b1", "a3", "b2"]);
});

test("a queue paused in output is passed over", () => {
  const client = new FakeServer().connect();
  addJob(client, "p", "x");
  addJob(client, "q", "y");
  for (const state of ["out", "all"]) {
    client.send("PAUSE", "p", state);
    assert.equal(client.send("GETJOB", "NOHANG", "FROM", "p"), "nil*");
  }
  assert.deepEqual(bodiesOf(client.send("GETJOB", "COUNT", 9, "FROM", "p", "q")), ["y"]);
  client.send("PAUSE", "p", "in");
  assert.deepEqual(bodiesOf(client.send("GETJOB", "FROM", "p")), ["x"]);
});

test("looking for jobs makes the queue, also with NOHANG", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("GETJOB", "NOHANG", "FROM", "q", "r"), "nil*");
  for (const queue of ["q", "r"]) assert.equal(pairsOf(client.send("QSTAT", queue)).len, ":0");
});

test("NOHANG wins over TIMEOUT", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("GETJOB", "NOHANG", "TIMEOUT", 5000, "FROM", "q"), "nil*");
});

test("a delivered job is active, leased for its retry time from the delivery on", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b", "RETRY", 60);
  server.advance(59_000);
  assert.deepEqual(bodiesOf(client.send("GETJOB", "FROM", "q")), ["b"]);
  assert.equal(stateOf(server, id), "active 0/0 in 60000");
  server.advance(59_999);
  assert.equal(client.send("QLEN", "q"), ":0");
  server.advance(1);
  assert.equal(stateOf(server, id), "queued 0/1 in 60000");
});

test("an unacknowledged job comes back again and again, counted each time", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addAndTake(client, "q", "RETRY", 1);
  for (let deliveries = 1; deliveries <= 3; deliveries++) {
    client.send("GETJOB", "WITHCOUNTERS", "TIMEOUT", 3000, "FROM", "q");
    server.advance(999);
    assert.equal(client.read(), undefined);
    server.advance(1);
    const counters = ["$nacks", ":0", "$additional-deliveries", `:${deliveries}`];
    assert.deepEqual(client.read(), [["$q", `$${id}`, "$b", ...counters]]);
  }
});

test("a job to be delivered once is delivered once and then only remembered", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addAndTake(client, "q", "RETRY", 0, "TTL", 60);
  assert.equal(stateOf(server, id), "active 0/0 never");
  server.advance(59_999);
  assert.equal(client.send("QLEN", "q"), ":0");
  server.advance(1);
  assert.equal(stateOf(server, id), "gone");
});

test("a job is not delivered at the end of its life, and is just before", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "1", "TTL", 1);
  addJob(client, "q", "2", "TTL", 1);
  server.advance(999);
  assert.deepEqual(bodiesOf(client.send("GETJOB", "FROM", "q")), ["1"]);
  server.advance(1);
  assert.equal(client.send("GETJOB", "NOHANG", "FROM", "q"), "nil*");
});

test("a node that is leaving hands out what it has and never lets anybody wait", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "b");
  client.send("CLUSTER", "LEAVING", "yes");
  assert.deepEqual(bodiesOf(client.send("GETJOB", "FROM", "q")), ["b"]);
  const leaving = "-LEAVING This node is leaving the cluster, please connect to a different one";
  assert.equal(client.send("GETJOB", "FROM", "q"), leaving);
  assert.equal(client.send("GETJOB", "TIMEOUT", 10, "FROM", "q"), leaving);
  assert.equal(client.send("GETJOB", "NOHANG", "FROM", "q"), "nil*");
});

test("a client that does not see replies gets no jobs, and does not wait for any", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b", "RETRY", 0);
  client.raw("CLIENT REPLY SKIP\r\nGETJOB FROM q\r\nGETJOB FROM empty\r\n");
  assert.equal(stateOf(server, id), "queued 0/0 never");
  assert.equal(client.session.isBlocked, true, "the command behind the skipped one is answered");
  client.close();
  const muted = server.connect();
  muted.raw("CLIENT REPLY OFF\r\nGETJOB FROM q\r\nGETJOB FROM empty\r\n");
  assert.equal(muted.session.isBlocked, false);
  assert.equal(muted.send("CLIENT", "REPLY", "ON"), "+OK");
  assert.deepEqual(bodiesOf(muted.send("GETJOB", "FROM", "q")), ["b"]);
});

test("RESP3 clients get the same arrays, and their null when there is nothing", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("HELLO", 3);
  const id = addJob(client, "q", "b");
  assert.deepEqual(client.send("GETJOB", "FROM", "q"), [["$q", `$${id}`, "$b"]]);
  assert.equal(client.send("GETJOB", "NOHANG", "FROM", "q"), "nil_");
  client.send("GETJOB", "TIMEOUT", 10, "FROM", "q");
  server.advance(10);
  assert.equal(client.read(), "nil_");
  assert.equal(client.send("SHOW", "D-00000000-000000000000000000000000-0fff"), "nil_");
  assert.equal(client.send("QSTAT", "no such queue"), "nil_");
  assert.ok(Array.isArray(client.send("QSTAT", "q")));
});

test("fetching counts as jobs-out and restarts the idle time", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "1");
  addJob(client, "q", "2");
  server.advance(5000);
  assert.equal(number(pairsOf(client.send("QSTAT", "q")).idle), 5);
  client.send("GETJOB", "COUNT", 2, "FROM", "q");
  const stat = pairsOf(client.send("QSTAT", "q"));
  assert.deepEqual([stat["jobs-in"], stat["jobs-out"], stat.idle], [":2", ":2", ":0"]);
});

test("behind more expired jobs than a turn removes NOHANG finds the job, also on a leaving node", () => {
  const wishes = [
    { words: ["GETJOB", "NOHANG"], leaving: "no" },
    { words: ["GETJOB"], leaving: "yes" },
  ];
  for (const { words, leaving } of wishes) {
    for (const bodies of [["live"], []]) {
      const server = new FakeServer();
      const client = server.connect();
      for (let i = 0; i < 5000; i++) client.send("ADDJOB", "q", i, 0, "TTL", 1);
      for (const body of bodies) addJob(client, "q", body);
      client.send("CLUSTER", "LEAVING", leaving);
      server.host.nowMs += 1000;
      assert.equal(client.send(...words, "FROM", "q"), undefined, "nobody knows yet");
      server.advance(0);
      const reply = client.read();
      if (bodies.length === 0) assert.equal(reply, "nil*");
      else assert.deepEqual(bodiesOf(reply), bodies);
    }
  }
});

test("one GETJOB names at most 4096 queues", () => {
  const client = new FakeServer().connect();
  addJob(client, "last", "body");
  const names = Array.from({ length: 4095 }, (_, i) => `q${i}`);
  const most = client.send("GETJOB", "NOHANG", "FROM", ...names, "last");
  assert.deepEqual(bodiesOf(most), ["body"]);
  const tooMany = client.send("GETJOB", "NOHANG", "FROM", ...names, "x", "last");
  assert.equal(tooMany, "-ERR too many queue names");
});

test("when memory is full, who asks for many new queues is refused, a worker is not", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "known", "body");
  server.state.broker.memory.maxBytes = 1;
  const names = Array.from({ length: 17 }, (_, i) => `new${i}`);
  assert.match(String(client.send("GETJOB", "NOHANG", "FROM", ...names)), /^-OOM/);
  assert.equal(server.state.broker.queues.registeredCount, 1);
  assert.equal(client.send("GETJOB", "NOHANG", "FROM", ...names.slice(1)), "nil*");
  assert.deepEqual(bodiesOf(client.send("GETJOB", "FROM", "known")), ["body"]);
});
