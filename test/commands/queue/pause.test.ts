/** PAUSE: how words make up a state, what a state means, and what is kept of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";
import { addJob, digest, pairsOf } from "../job/steps.ts";

test("the words add up from nothing, left to right, and replace what stood before", () => {
  const client = new FakeServer().connect();
  const expected: [words: string, state: string][] = [
    ["in", "in"],
    ["out", "out"],
    ["in out", "all"],
    ["all", "all"],
    ["none", "none"],
    ["in none", "none"],
    ["none in", "in"],
    ["all none out", "out"],
    ["IN Out", "all"],
    ["in in in", "in"],
    ["in state", "in"],
    ["state out bcast", "out"],
    ["out BCAST", "out"],
  ];
  for (const [words, state] of expected) {
    assert.equal(client.send("PAUSE", "q", ...words.split(" ")), `+${state}`, words);
    assert.equal(pairsOf(client.send("QSTAT", "q")).pause, `$${state}`);
    assert.equal(client.send("PAUSE", "q", "state"), `+${state}`);
    assert.equal(client.send("PAUSE", "q", "bcast", "STATE"), `+${state}`);
  }
});

test("a word that is none is a syntax error, and nothing changes", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("PAUSE", "q", "in");
  const before = digest(server);
  for (const words of ["foo", "out foo", "foo out", "none foo", "in,out"]) {
    assert.equal(client.send("PAUSE", "q", ...words.split(" ")), "-ERR syntax error", words);
  }
  assert.equal(client.send("PAUSE", "q", ""), "-ERR syntax error");
  const arity = "-ERR wrong number of arguments for 'pause' command";
  assert.equal(client.send("PAUSE", "q"), arity);
  assert.deepEqual(digest(server), before);
});

test("asking for the state, or opening what is open, makes no queue", () => {
  const server = new FakeServer();
  const client = server.connect();
  for (const word of ["state", "none"]) {
    assert.equal(client.send("PAUSE", "q", word), "+none");
    assert.equal(client.send("QSTAT", "q"), "nil*");
  }
  assert.deepEqual(server.host.calls, []);
});

test("every change of state is to be kept on disk before it is answered", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("PAUSE", "q", "in");
  client.send("PAUSE", "q", "state");
  client.send("PAUSE", "q", "foo");
  client.send("PAUSE", "q", "in");
  assert.deepEqual(server.host.calls, ["save"]);
  client.send("PAUSE", "q", "none");
  assert.deepEqual(server.host.calls, ["save", "save"]);
});

test("a state that cannot be saved is not taken on", () => {
  const server = new FakeServer();
  const client = server.connect();
  server.host.saveError = "No space left on device";
  const refusal = "-ERR error saving the cluster node config: No space left on device";
  assert.equal(client.send("PAUSE", "q", "in"), refusal);
  assert.equal(client.send("PAUSE", "q", "state"), "+none");
});

test("a paused queue stays although it is empty and unused, and goes when it is opened", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("PAUSE", "q", "out");
  server.advance(3_600_000);
  assert.equal(pairsOf(client.send("QSTAT", "q")).pause, "$out");
  client.send("PAUSE", "q", "none");
  server.advance(300_000);
  assert.equal(client.send("QSTAT", "q"), "nil*");
});

test("names are any bytes up to the limit", () => {
  const client = new FakeServer({ settings: { "max-queue-name": 3 } }).connect();
  for (const name of ["", "\xff\x00\n", "abc"]) {
    assert.equal(client.send("PAUSE", name, "in"), "+in");
    assert.equal(client.send("PAUSE", name, "state"), "+in");
  }
  const tooLong = "-ERR Queue name is longer than max-queue-name";
  assert.equal(client.send("PAUSE", "abcd", "in"), tooLong);
  assert.equal(client.send("PAUSE", "abcd", "state"), "+none");
});

test("a queue paused in both directions and opened step by step lets jobs through again", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("PAUSE", "q", "all");
  assert.match(String(client.send("ADDJOB", "q", "b", 0)), /^-PAUSED/);
  client.send("PAUSE", "q", "out");
  addJob(client, "q", "b");
  assert.equal(client.send("GETJOB", "NOHANG", "FROM", "q"), "nil*");
  client.send("PAUSE", "q", "in");
  assert.notEqual(client.send("GETJOB", "NOHANG", "FROM", "q"), "nil*");
});

test("pausing again while held jobs are on their way in stops the rest of them", () => {
  const server = new FakeServer();
  const client = server.connect();
  const ids = Array.from({ length: 10 }, (_, i) => addJob(client, "q", String(i)));
  client.send("GETJOB", "COUNT", 10, "FROM", "q");
  client.send("PAUSE", "q", "in");
  client.send("NACK", ...ids);
  client.raw("PAUSE q none\r\nPAUSE q in\r\n");
  assert.equal(client.send("QLEN", "q"), ":0");
  client.send("PAUSE", "q", "none");
  assert.equal(client.send("QLEN", "q"), ":10");
});

test("DEBUG FLUSHALL forgets pauses", () => {
  const client = new FakeServer().connect();
  client.send("PAUSE", "q", "all");
  client.send("DEBUG", "FLUSHALL");
  assert.equal(client.send("PAUSE", "q", "state"), "+none");
});

test("BCAST announces the state that results, and remembers that it did", () => {
  const server = new FakeServer();
  const client = server.connect();
  const { pauses } = server.state.cluster;
  const announced = (): string | undefined => pauses.find(Buffer.from("q"))?.state;
  assert.equal(client.send("PAUSE", "q", "in"), "+in");
  assert.equal(announced(), undefined);
  assert.equal(client.send("PAUSE", "q", "bcast"), "+in", "the state as it is");
  assert.equal(announced(), "in");
  assert.equal(client.send("PAUSE", "q", "all", "bcast"), "+all");
  assert.equal(client.send("PAUSE", "q", "none"), "+none");
  assert.equal(announced(), "all", "that was for this node alone");
  client.send("DEBUG", "FLUSHALL");
  assert.equal(announced(), undefined);
});

test("an announcement that cannot be saved is not made", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("PAUSE", "q", "in", "bcast");
  server.host.saveError = "No space left on device";
  assert.match(String(client.send("PAUSE", "q", "out", "bcast")), /^-ERR error saving/);
  assert.equal(client.send("PAUSE", "q", "state"), "+in");
  assert.equal(server.state.cluster.pauses.find(Buffer.from("q"))?.state, "in");
  assert.match(String(client.send("PAUSE", "new", "out", "bcast")), /^-ERR error saving/);
  assert.equal(server.state.cluster.pauses.find(Buffer.from("new")), undefined);
});

test("a name that the nodes file cannot hold is not announced", () => {
  const client = new FakeServer({ settings: { "max-queue-name": 100_000 } }).connect();
  const name = "x".repeat(65_537);
  assert.match(String(client.send("PAUSE", name, "in", "bcast")), /^-ERR Queue name is longer/);
});
