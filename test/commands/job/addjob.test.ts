/** ADDJOB: what a new job is like, by default and with options, and what its id tells. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { START_WALL_MS } from "../../support/fake-host.ts";
import { FakeServer } from "../../support/fake-server.ts";
import { addJob, bodiesOf, pairsOf } from "./steps.ts";

test("a job without options is queued, lives a day and comes back after five minutes", () => {
  const server = new FakeServer();
  const client = server.connect();
  const shown = pairsOf(client.send("SHOW", addJob(client, "q", "hello")));
  assert.equal(shown.state, "$queued");
  assert.equal(shown.repl, ":1");
  assert.equal(shown.ttl, ":86400");
  assert.equal(shown.delay, ":0");
  assert.equal(shown.retry, ":300");
  assert.equal(client.send("QLEN", "q"), ":1");
});

test("the default retry time is a tenth of the life, at least 1 s and at most 5 minutes", () => {
  const client = new FakeServer().connect();
  const expected = [
    [1, 1],
    [9, 1],
    [10, 1],
    [19, 1],
    [20, 2],
    [2999, 299],
    [3000, 300],
    [99_999_999, 300],
  ];
  for (const [ttl = 0, retry] of expected) {
    const shown = pairsOf(client.send("SHOW", addJob(client, "q", "b", "TTL", ttl)));
    assert.equal(shown.retry, `:${retry}`, `TTL ${ttl}`);
  }
});

test("the end of an id tells the life in minutes, odd unless the job is delivered once", () => {
  const client = new FakeServer().connect();
  const expected: [ttl: number, atLeastOnce: string, atMostOnce: string][] = [
    [1, "0001", "0000"],
    [59, "0001", "0000"],
    [119, "0001", "0000"],
    [120, "0003", "0002"],
    [180, "0003", "0002"],
    [3000, "0033", "0032"],
    [86_400, "05a1", "05a0"],
    [99_999_999, "ffff", "fffe"],
  ];
  for (const [ttl, odd, even] of expected) {
    assert.equal(addJob(client, "q", "b", "TTL", ttl).slice(36), odd, `TTL ${ttl}`);
    assert.equal(addJob(client, "q", "b", "TTL", ttl, "RETRY", 1).slice(36), odd);
    assert.equal(addJob(client, "q", "b", "TTL", ttl, "RETRY", 0).slice(36), even);
  }
});

test("an id is a simple string of 40 characters that begins with the node's prefix", () => {
  const server = new FakeServer();
  const client = server.connect();
  const reply = String(client.send("ADDJOB", "q", "b", 0));
  const prefix = server.state.broker.nodeId.slice(0, 8);
  assert.match(reply, new RegExp(`^\\+D-${prefix}-[A-Za-z0-9+/]{24}-05a1$`));
});

test("ids differ although clocks stand still", () => {
  const client = new FakeServer().connect();
  const ids = Array.from({ length: 1000 }, () => addJob(client, "q", "b"));
  assert.equal(new Set(ids).size, ids.length);
});

test("options ignore case, come in any order and count with their last value", () => {
  const client = new FakeServer().connect();
  const options = ["ttl", 50, "async", "Retry", 5, "TTL", 70, "rEtRy", 7, "ASYNC"];
  const shown = pairsOf(client.send("SHOW", addJob(client, "q", "b", ...options)));
  assert.equal(shown.ttl, ":70");
  assert.equal(shown.retry, ":7");
  const other = addJob(client, "q", "b", "MAXLEN", 1, "DELAY", 9, "MAXLEN", 2, "DELAY", 3);
  assert.equal(pairsOf(client.send("SHOW", other)).delay, ":3");
});

test("an option of one request is not seen by the next", () => {
  const client = new FakeServer().connect();
  addJob(client, "q", "b", "TTL", 50, "RETRY", 5, "DELAY", 2, "MAXLEN", 1, "REPLICATE", 1);
  addJob(client, "q", "b");
  const shown = pairsOf(client.send("SHOW", addJob(client, "q", "b")));
  assert.equal(shown.ttl, ":86400");
  assert.equal(shown.retry, ":300");
  assert.equal(shown.delay, ":0");
});

test("a delayed job is active, makes no queue, and is queued when the delay is over", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b", "DELAY", 60);
  assert.equal(pairsOf(client.send("SHOW", id)).state, "$active");
  assert.equal(client.send("QSTAT", "q"), "nil*");
  server.advance(59_999);
  assert.equal(client.send("QLEN", "q"), ":0");
  server.advance(1);
  assert.equal(client.send("QLEN", "q"), ":1");
});

test("a retry time longer than the life is accepted; the job never comes back", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b", "TTL", 60, "RETRY", 600);
  client.send("GETJOB", "FROM", "q");
  server.advance(59_999);
  assert.equal(pairsOf(client.send("SHOW", id)).retry, ":600");
  server.advance(1);
  assert.equal(client.send("SHOW", id), "nil$");
});

test("names and bodies are any bytes, or none", () => {
  const client = new FakeServer().connect();
  const names = ["", "q", "Q", "\xff q\x00", "a b\r\n", "x".repeat(300)];
  for (const name of names) {
    const id = addJob(client, name, `${name}\x00\xfe\r\n`);
    assert.deepEqual(client.send("GETJOB", "FROM", name), [
      [`$${name}`, `$${id}`, `$${name}\x00\xfe\r\n`],
    ]);
  }
  const id = addJob(client, "empty", "");
  assert.deepEqual(client.send("GETJOB", "FROM", "empty"), [["$empty", `$${id}`, "$"]]);
});

test("jobs of one millisecond keep the order in which they were added", () => {
  const client = new FakeServer().connect();
  const bodies = Array.from({ length: 50 }, (_, i) => String(i));
  for (const body of bodies) addJob(client, "q", body);
  assert.deepEqual(bodiesOf(client.send("GETJOB", "COUNT", 100, "FROM", "q")), bodies);
});

test("creation times are nanoseconds that only grow, also when the clock is set back", () => {
  const server = new FakeServer();
  const client = server.connect();
  const times: bigint[] = [];
  for (const wallMs of [START_WALL_MS, START_WALL_MS, START_WALL_MS + 5, START_WALL_MS - 1000]) {
    server.host.wallMs = wallMs;
    const { ctime } = pairsOf(client.send("SHOW", addJob(client, "q", "b")));
    times.push(BigInt(String(ctime).slice(1)));
  }
  const start = BigInt(START_WALL_MS) * 1_000_000n;
  assert.deepEqual(times, [start, start + 1n, start + 5_000_000n, start + 5_000_001n]);
});

test("a client that asked for no replies still adds its jobs", () => {
  const client = new FakeServer().connect();
  client.send("CLIENT", "REPLY", "OFF");
  assert.equal(client.send("ADDJOB", "q", "b", 0), undefined);
  assert.equal(client.send("CLIENT", "REPLY", "ON"), "+OK");
  assert.equal(client.send("QLEN", "q"), ":1");
});
