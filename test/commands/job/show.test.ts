/** SHOW: fifteen pairs in a fixed order, in every state a job can be in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { JobState } from "../../../src/core/job.ts";
import { START_WALL_MS } from "../../support/fake-host.ts";
import { FakeServer } from "../../support/fake-server.ts";
import { addAndTake, addJob, FOREIGN_ID, pairsOf, UNKNOWN_ID } from "./steps.ts";

/** State, ttl, next-requeue-within and next-awake-within of a job. */
function clocks(server: FakeServer, id: string): string {
  const shown = pairsOf(server.connect().send("SHOW", id));
  const names = ["state", "ttl", "next-requeue-within", "next-awake-within"];
  return names.map((name) => String(shown[name]).replace(/^[$:]/, "")).join(" ");
}

test("a job is described by fifteen pairs in the order clients read them", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "a queue", "the body", "TTL", 1000, "RETRY", 100, "DELAY", 10);
  const node = `$${server.state.broker.nodeId}`;
  assert.deepEqual(client.send("SHOW", id), [
    ...["$id", `$${id}`, "$queue", "$a queue", "$state", "$active", "$repl", ":1", "$ttl", ":1000"],
    ...["$ctime", `:${START_WALL_MS}000000`, "$delay", ":10", "$retry", ":100", "$nacks", ":0"],
    ...["$additional-deliveries", ":0", "$nodes-delivered", [node], "$nodes-confirmed", []],
    ...["$next-requeue-within", ":10000", "$next-awake-within", ":10000", "$body", "$the body"],
  ]);
});

test("a job this node does not know is nothing", () => {
  const server = new FakeServer();
  const client = server.connect();
  for (const id of [UNKNOWN_ID, FOREIGN_ID]) assert.equal(client.send("SHOW", id), "nil$");
  const id = addJob(client, "q", "b", "TTL", 5);
  server.advance(5000);
  assert.equal(client.send("SHOW", id), "nil$");
});

test("a queued job shows when its retry clock goes round, again and again", () => {
  const server = new FakeServer();
  const id = addJob(server.connect(), "q", "b", "TTL", 1000, "RETRY", 100);
  assert.equal(clocks(server, id), "queued 1000 100000 100000");
  server.advance(99_999);
  assert.equal(clocks(server, id), "queued 901 1 1");
  server.advance(1);
  assert.equal(clocks(server, id), "queued 900 100000 100000");
});

test("a delivered job shows when it comes back; near its end it is looked at earlier", () => {
  const server = new FakeServer();
  const id = addAndTake(server.connect(), "q", "TTL", 150, "RETRY", 100);
  assert.equal(clocks(server, id), "active 150 100000 100000");
  server.advance(40_500);
  assert.equal(clocks(server, id), "active 110 59500 59500");
  server.connect().send("WORKING", id);
  server.advance(20_000);
  assert.equal(clocks(server, id), "active 90 80000 80000");
  const late = addAndTake(server.connect(), "q", "TTL", 30, "RETRY", 100);
  assert.equal(clocks(server, late), "active 30 100000 30000");
});

test("a job to be delivered once is never queued again, before and after its delivery", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b", "TTL", 60, "RETRY", 0);
  assert.equal(clocks(server, id), "queued 60 nil$ 60000");
  client.send("GETJOB", "FROM", "q");
  assert.equal(clocks(server, id), "active 60 nil$ 60000");
  const delayed = addJob(client, "q", "b", "TTL", 60, "RETRY", 0, "DELAY", 7);
  assert.equal(clocks(server, delayed), "active 60 7000 7000");
});

test("a job held back by a pause in input is active and due", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b", "TTL", 1000, "DELAY", 10);
  client.send("PAUSE", "q", "in");
  server.advance(20_000);
  assert.equal(clocks(server, id), "active 980 0 0");
  client.send("PAUSE", "q", "none");
  assert.equal(clocks(server, id), "queued 980 100000 100000");
});

test("states that only a cluster knows have their names", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b");
  const { jobs } = server.state.broker;
  for (const [state, name] of [
    [JobState.replicating, "$wait-repl"],
    [JobState.acked, "$acked"],
  ] as const) {
    jobs.setState(0, state);
    assert.equal(pairsOf(client.send("SHOW", id)).state, name);
  }
});

test("counters and sizes are shown as they are", () => {
  const server = new FakeServer();
  const client = server.connect();
  const body = "\x00\r\n\xff".repeat(5000);
  const id = addJob(client, "\xfe", body, "RETRY", 4_294_967_295, "TTL", 4_294_967_295);
  for (let i = 0; i < 3; i++) {
    client.send("GETJOB", "FROM", "\xfe");
    client.send(i === 1 ? "ENQUEUE" : "NACK", id);
  }
  const shown = pairsOf(client.send("SHOW", id));
  assert.deepEqual(
    [shown.queue, shown.body, shown.retry, shown.ttl, shown.nacks, shown["additional-deliveries"]],
    ["$\xfe", `$${body}`, ":4294967295", ":4294967295", ":2", ":1"],
  );
  assert.equal(shown["next-requeue-within"], ":4294967295000");
});
