/** WORKING: postpones the next delivery, never brings it forward, and not in the second half of life. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { JobState } from "../../../src/core/job.ts";
import { FakeServer } from "../../support/fake-server.ts";
import { addAndTake, addJob, bodiesOf, stateOf, UNKNOWN_ID } from "./steps.ts";

const TOOLATE =
  "-TOOLATE Half of job TTL already elapsed, you are no longer allowed to postpone the next delivery.";

test("a delivered job is leased anew, as often as asked", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addAndTake(client, "q", "RETRY", 100);
  for (let i = 0; i < 3; i++) {
    server.advance(90_000);
    assert.equal(client.send("WORKING", id), ":100");
    assert.equal(stateOf(server, id), "active 0/0 in 100000");
  }
  server.advance(100_000);
  assert.equal(stateOf(server, id), "queued 0/1 in 100000");
});

test("a job this node does not know is an error", () => {
  const server = new FakeServer();
  const client = server.connect();
  const nojob = "-NOJOB Job not known in the context of this node.";
  assert.equal(client.send("WORKING", UNKNOWN_ID), nojob);
  assert.equal(client.send("WORKING", "bad"), "-BADID Invalid Job ID format.");
  const id = addAndTake(client, "q", "TTL", 1);
  server.advance(1000);
  assert.equal(client.send("WORKING", id), nojob);
});

test("it is refused as soon as more than half of the life is over", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addAndTake(client, "q", "TTL", 1000, "RETRY", 900);
  server.advance(500_000);
  assert.equal(client.send("WORKING", id), ":900");
  server.advance(1);
  assert.equal(client.send("WORKING", id), TOOLATE);
  assert.equal(stateOf(server, id), "active 0/0 in 899999");
});

test("a wall clock that is set changes nothing about that", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addAndTake(client, "q", "TTL", 1000, "RETRY", 900);
  server.host.wallMs += 900_000;
  assert.equal(client.send("WORKING", id), ":900");
  server.advance(500_001);
  server.host.wallMs -= 1_800_000;
  assert.equal(client.send("WORKING", id), TOOLATE);
});

test("it is refused in the second half for jobs to be delivered once as well", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addAndTake(client, "q", "TTL", 10, "RETRY", 0);
  assert.equal(client.send("WORKING", id), ":0");
  server.advance(5001);
  assert.equal(client.send("WORKING", id), TOOLATE);
});

test("a delay is never shortened, and is lengthened when the retry time is longer", () => {
  const server = new FakeServer();
  const client = server.connect();
  const long = addJob(client, "q", "b", "DELAY", 1000, "RETRY", 5);
  assert.equal(client.send("WORKING", long), ":5");
  assert.equal(stateOf(server, long), "active 0/0 in 1000000");
  const short = addJob(client, "q", "b", "DELAY", 5, "RETRY", 100);
  assert.equal(client.send("WORKING", short), ":100");
  assert.equal(stateOf(server, short), "active 0/0 in 100000");
});

test("a queued job leaves its queue for the retry time", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b", "RETRY", 100);
  server.advance(60_000);
  assert.equal(client.send("WORKING", id), ":100");
  assert.equal(client.send("QLEN", "q"), ":0");
  assert.equal(stateOf(server, id), "active 0/0 in 100000");
  server.advance(100_000);
  assert.equal(stateOf(server, id), "queued 0/1 in 100000");
});

test("a queued job to be delivered once stays in its queue", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b", "RETRY", 0);
  assert.equal(client.send("WORKING", id), ":0");
  assert.equal(stateOf(server, id), "queued 0/0 never");
  assert.deepEqual(bodiesOf(client.send("GETJOB", "FROM", "q")), ["b"]);
});

test("a delayed or dequeued job to be delivered once keeps its clock", () => {
  const server = new FakeServer();
  const client = server.connect();
  const delayed = addJob(client, "q", "b", "RETRY", 0, "DELAY", 10);
  assert.equal(client.send("WORKING", delayed), ":0");
  assert.equal(stateOf(server, delayed), "active 0/0 in 10000");
});

test("a job held back by a pause in input is postponed past its end", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addAndTake(client, "q", "RETRY", 100);
  client.send("PAUSE", "q", "in");
  client.send("NACK", id);
  assert.equal(client.send("WORKING", id), ":100");
  client.send("PAUSE", "q", "none");
  assert.equal(stateOf(server, id), "active 1/0 in 100000");
});

test("a dequeued job is postponed", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b", "RETRY", 100);
  server.advance(30_000);
  client.send("DEQUEUE", id);
  assert.equal(client.send("WORKING", id), ":100");
  assert.equal(stateOf(server, id), "active 0/0 in 100000");
});

test("an acknowledged job that is still known is an error", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addAndTake(client, "q");
  server.state.broker.jobs.setState(0, JobState.acked);
  assert.deepEqual(client.raw(`WORKING ${id}\r\n`), ["-ACKED Job already acknowledged."]);
});
