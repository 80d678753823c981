/** ENQUEUE, NACK and DEQUEUE: which jobs they move, what they count, and where the job stands then. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";
import { addAndTake, addJob, bodiesOf, pairsOf, stateOf } from "./steps.ts";

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.";

test("ENQUEUE counts an additional delivery, NACK counts a nack", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addAndTake(client, "q");
  assert.equal(client.send("ENQUEUE", id), ":1");
  assert.equal(stateOf(server, id), "queued 0/1 in 300000");
  assert.equal(client.send("ENQUEUE", id), ":0");
  assert.equal(client.send("NACK", id), ":0");
  client.send("GETJOB", "FROM", "q");
  assert.equal(client.send("NACK", id, id), ":1");
  assert.equal(stateOf(server, id), "queued 1/1 in 300000");
});

test("requeued jobs keep their place by creation time", () => {
  const client = new FakeServer().connect();
  const ids = ["1", "2", "3"].map((body) => addJob(client, "q", body));
  client.send("GETJOB", "COUNT", 2, "FROM", "q");
  assert.equal(client.send("NACK", ids[1] ?? ""), ":1");
  assert.equal(client.send("ENQUEUE", ids[0] ?? ""), ":1");
  assert.deepEqual(bodiesOf(client.send("GETJOB", "COUNT", 3, "FROM", "q")), ["1", "2", "3"]);
});

test("a pending delay is cut short without counting a delivery", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b", "DELAY", 100);
  assert.equal(client.send("ENQUEUE", id), ":1");
  assert.equal(stateOf(server, id), "queued 0/0 in 300000");
});

test("every queueing after the first is counted, however the job came to be queued", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b", "DELAY", 100);
  client.send("NACK", id);
  assert.equal(stateOf(server, id), "queued 1/0 in 300000");
  for (const deliveries of [1, 2]) {
    client.send("GETJOB", "FROM", "q");
    client.send("ENQUEUE", id);
    assert.equal(stateOf(server, id), `queued 1/${deliveries} in 300000`);
  }
  client.send("DEQUEUE", id);
  client.send("ENQUEUE", id);
  assert.equal(stateOf(server, id), "queued 1/3 in 300000");
});

test("a job delivered at most once is never queued again", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addAndTake(client, "q", "RETRY", 0);
  for (const command of ["ENQUEUE", "NACK", "DEQUEUE"]) {
    assert.equal(client.send(command, id), ":0", command);
    assert.equal(stateOf(server, id), "active 0/0 never");
  }
});

test("a job to be delivered once that was taken out of its queue can be put back", () => {
  const server = new FakeServer();
  const client = server.connect();
  for (const command of ["ENQUEUE", "NACK"]) {
    const id = addJob(client, "q", command, "RETRY", 0);
    assert.equal(client.send("DEQUEUE", id), ":1");
    assert.equal(stateOf(server, id), "active 0/0 never");
    server.advance(1_000_000);
    assert.equal(client.send("QLEN", "q"), ":0", "not by itself");
    assert.equal(client.send(command, id), ":1");
    assert.deepEqual(bodiesOf(client.send("GETJOB", "FROM", "q")), [command]);
  }
});

test("a dequeued job comes back when it said it would, and counts as put back", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b", "RETRY", 100);
  server.advance(30_000);
  assert.equal(client.send("DEQUEUE", id), ":1");
  assert.equal(client.send("QLEN", "q"), ":0");
  assert.equal(stateOf(server, id), "active 0/0 in 70000");
  server.advance(70_000);
  assert.equal(stateOf(server, id), "queued 0/1 in 100000");
});

test("DEQUEUE is no delivery: jobs-out does not count it", () => {
  const client = new FakeServer().connect();
  const ids = ["1", "2"].map((body) => addJob(client, "q", body));
  client.send("DEQUEUE", ids[0] ?? "");
  client.send("ACKJOB", ids[1] ?? "");
  assert.equal(pairsOf(client.send("QSTAT", "q"))["jobs-out"], ":0");
});

test("into a queue paused in input NACK and ENQUEUE put jobs when the pause ends", () => {
  const server = new FakeServer();
  const client = server.connect();
  const ids = [
    addAndTake(client, "q"),
    addAndTake(client, "q"),
    addJob(client, "q", "d", "DELAY", 9),
  ];
  client.send("PAUSE", "q", "in");
  for (const [i, command] of ["NACK", "ENQUEUE", "ENQUEUE"].entries()) {
    assert.equal(client.send(command, ids[i] ?? ""), ":1");
    assert.equal(client.send(command, ids[i] ?? ""), ":0", "it counts as queued");
  }
  assert.equal(client.send("QLEN", "q"), ":0");
  assert.deepEqual(
    ids.map((id) => stateOf(server, id)),
    ["active 1/0 in 0", "active 0/1 in 0", "active 0/0 in 0"],
  );
  client.send("PAUSE", "q", "none");
  assert.deepEqual(
    ids.map((id) => stateOf(server, id)),
    ["queued 1/0 in 300000", "queued 0/1 in 300000", "queued 0/0 in 300000"],
  );
});

test("a due job waits for the end of a pause in input, also one to be delivered once", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "once", "RETRY", 0, "DELAY", 1);
  addJob(client, "q", "often", "RETRY", 50, "DELAY", 1);
  client.send("PAUSE", "q", "in");
  server.advance(10_000);
  assert.equal(client.send("QLEN", "q"), ":0");
  client.send("PAUSE", "q", "out");
  assert.equal(client.send("QLEN", "q"), ":2");
  client.send("PAUSE", "q", "none");
  assert.deepEqual(bodiesOf(client.send("GETJOB", "COUNT", 9, "FROM", "q")), ["once", "often"]);
});

test("a lease that ends during a pause in input counts when the job enters", () => {
  const server = new FakeServer();
  const client = server.connect();
  const ids = [addAndTake(client, "q", "RETRY", 10), addAndTake(client, "q", "RETRY", 10)];
  client.send("PAUSE", "q", "in");
  server.advance(25_000);
  assert.equal(stateOf(server, ids[0] ?? ""), "active 0/0 in 0");
  assert.equal(client.send("WORKING", ids[1] ?? ""), ":10");
  client.send("PAUSE", "q", "none");
  const released = ids.map((id) => stateOf(server, id));
  assert.deepEqual(released, ["queued 0/1 in 10000", "active 0/0 in 10000"]);
});

test("a job held back can be acknowledged, and expires at its time", () => {
  const server = new FakeServer();
  const client = server.connect();
  const ids = [addAndTake(client, "q", "TTL", 60), addAndTake(client, "q", "TTL", 60)];
  client.send("PAUSE", "q", "in");
  client.send("NACK", ...ids);
  assert.equal(client.send("ACKJOB", ids[0] ?? ""), ":1");
  server.advance(60_000);
  assert.deepEqual(
    ids.map((id) => stateOf(server, id)),
    ["gone", "gone"],
  );
  client.send("PAUSE", "q", "none");
  assert.equal(client.send("QLEN", "q"), ":0");
});

test("many jobs held back enter over several turns, all of them", () => {
  const server = new FakeServer();
  const client = server.connect();
  const ids: string[] = [];
  for (let i = 0; i < 2500; i++) ids.push(addJob(client, "q", String(i)));
  client.send("GETJOB", "COUNT", 2500, "FROM", "q");
  client.send("PAUSE", "q", "in");
  assert.equal(client.send("NACK", ...ids), ":2500");
  client.send("PAUSE", "q", "none");
  server.advance(0);
  assert.equal(client.send("QLEN", "q"), ":2500");
  const bodies = bodiesOf(client.send("GETJOB", "COUNT", 2500, "FROM", "q"));
  assert.deepEqual(
    bodies,
    ids.map((_, i) => String(i)),
  );
});

test("with memory used up ENQUEUE and NACK are refused before ids are read, DEQUEUE is not", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b");
  client.send("CONFIG", "SET", "maxmemory", 1);
  assert.equal(client.send("ENQUEUE", "bad-id"), OOM);
  assert.equal(client.send("NACK", "bad-id"), OOM);
  assert.equal(client.send("ENQUEUE"), OOM);
  assert.equal(client.send("DEQUEUE", id), ":1");
  assert.equal(client.send("DEQUEUE"), ":0");
  assert.equal(client.send("ACKJOB", id), ":1");
});

test("without ids all of them answer 0", () => {
  const client = new FakeServer().connect();
  for (const command of ["ENQUEUE", "NACK", "DEQUEUE"]) assert.equal(client.send(command), ":0");
});
