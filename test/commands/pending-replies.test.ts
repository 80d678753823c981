/** ADDJOB that waits for copies: what runs meanwhile, what waits, and what is answered in which order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Arg, FakeClient } from "../support/fake-client.ts";
import { FakeCopies } from "../support/fake-copies.ts";
import { FakeServer } from "../support/fake-server.ts";
import { encodeRequest } from "../support/wire-replies.ts";
import { bodiesOf } from "./job/steps.ts";

const TIMEOUT = "-NOREPL Timeout reached before replicating to the requested number of nodes";
const GONE = "-NOREPL job removed (expired?) before the requested replication level was achieved";
const LEAVING = "-LEAVING This node is leaving the cluster, please connect to a different one";
const LIMIT = 1024;

interface Scene {
  readonly server: FakeServer;
  readonly copies: FakeCopies;
  readonly client: FakeClient;
}

function scene(): Scene {
  const server = new FakeServer();
  const copies = new FakeCopies(server.state);
  return { server, copies, client: server.connect() };
}

/** A request for a job that waits for copies. */
function slow(body: Arg, ...options: Arg[]): Arg[] {
  return ["ADDJOB", "q", body, 0, "REPLICATE", 2, ...options];
}

function sendAll(client: FakeClient, ...requests: Arg[][]): void {
  client.feed(Buffer.concat(requests.map(encodeRequest)));
}

function isId(reply: unknown): boolean {
  return typeof reply === "string" && reply.startsWith("+D-");
}

test("a job with copies is answered with its id when they exist, and is in its queue then", () => {
  const { server, copies, client } = scene();
  const other = server.connect();
  assert.equal(client.send(...slow("body")), undefined);
  assert.equal(other.send("QLEN", "q"), ":0");
  const id = copies.replicate();
  server.turn();
  assert.equal(client.read(), `+${id}`);
  assert.deepEqual(bodiesOf(other.send("GETJOB", "FROM", "q")), ["body"]);
});

for (const [why, text] of [
  ["timeout", TIMEOUT],
  ["gone", GONE],
  ["leaving", LEAVING],
] as const) {
  test(`copies that cannot be had are an error that is counted once (${why})`, () => {
    const { server, copies, client } = scene();
    const { stats, commands } = server.state;
    client.send(...slow("a"));
    assert.equal(stats.errorReplies, 0);
    copies.fail(0, why);
    server.turn();
    assert.equal(client.read(), text);
    assert.equal(stats.errorReplies, 1);
    assert.equal(stats.commandsProcessed, 1);
    const counter = commands.stats.counter("addjob");
    assert.deepEqual([counter?.calls, counter?.failed, counter?.rejected], [1, 1, 0]);
  });
}

test("further ADDJOBs run at once, and their replies keep the order of the requests", () => {
  const { server, copies, client } = scene();
  const fast = ["ADDJOB", "q", "fast", 0, "REPLICATE", 1];
  const wrong = ["ADDJOB", "q", "wrong", "x"];
  sendAll(client, slow("a"), fast, wrong, slow("b"), ["ADDJOB", "q"], slow("c"));
  assert.equal(server.state.broker.stats.jobsAdded, 4);
  const third = copies.replicate(2);
  copies.fail(1, "timeout");
  server.turn();
  assert.deepEqual(client.readAll(), []);
  const first = copies.replicate(0);
  server.turn();
  const [a, f, w, b, arity, c] = client.readAll();
  assert.deepEqual([a, b, c], [`+${first}`, TIMEOUT, `+${third}`]);
  assert.ok(isId(f) && f !== a);
  assert.equal(w, "-ERR timeout is not an integer or out of range");
  assert.equal(arity, "-ERR wrong number of arguments for 'addjob' command");
  assert.equal(server.state.stats.errorReplies, 3);
});

test("any other command, known or not, waits until everything before it is answered", () => {
  for (const other of ["PING", "NOSUCH", "GETJOB NOHANG FROM x", "CLIENT REPLY ON", "QUIT"]) {
    const { server, copies, client } = scene();
    sendAll(client, slow("a"), slow("b"), other.split(" "), slow("c"));
    const processed = server.state.stats.commandsProcessed;
    assert.equal(processed, 2, other);
    copies.replicate(1);
    server.turn();
    assert.deepEqual(client.readAll(), []);
    copies.replicate(0);
    server.turn();
    assert.equal(client.readAll().length, 3, other);
    assert.equal(copies.open.length, other === "QUIT" ? 0 : 1, "the next one runs behind it");
  }
});

test("what waits is run once, however its bytes arrive", () => {
  const { server, copies, client } = scene();
  const bytes = Buffer.concat(
    [slow("a"), ["ECHO", "e"], slow("b"), ["ECHO", "f"]].map(encodeRequest),
  );
  for (const byte of bytes) client.feed(Uint8Array.of(byte));
  assert.equal(copies.open.length, 1);
  const a = copies.replicate();
  server.turn();
  assert.deepEqual(client.readAll(), [`+${a}`, "$e"]);
  const b = copies.replicate();
  server.turn();
  assert.deepEqual(client.readAll(), [`+${b}`, "$f"]);
  assert.equal(server.state.stats.commandsProcessed, 4);
});

test("a client has so many jobs under way and no more; it goes on when half of them are done", () => {
  const { server, copies, client } = scene();
  sendAll(client, ...Array.from({ length: LIMIT + 500 }, (_, i) => slow(i)));
  assert.equal(copies.open.length, LIMIT);
  const ids: string[] = [];
  const finish = (count: number): void => {
    for (let i = 0; i < count; i++) ids.push(`+${copies.replicate()}`);
    server.turn();
  };
  finish(LIMIT / 2 - 1);
  assert.equal(copies.open.length, LIMIT / 2 + 1);
  finish(1);
  assert.equal(copies.open.length, LIMIT / 2 + 500);
  finish(copies.open.length);
  assert.deepEqual(client.readAll(), ids);
  assert.equal(ids.length, LIMIT + 500);
  assert.equal(client.send("QLEN", "q"), `:${LIMIT + 500}`);
});

test("replies that are settled behind an open one count for the limit, answered at once or not", () => {
  const { server, copies, client } = scene();
  sendAll(client, slow("a"), ...Array.from({ length: 2000 }, () => ["ADDJOB", "q"]));
  assert.equal(server.state.stats.errorReplies, LIMIT - 1);
  assert.ok(client.unsentBytes > 50_000);
  copies.replicate();
  server.turn();
  assert.equal(client.readAll().length, 2001);
  assert.equal(client.unsentBytes, 0);
});

test("a client that wants no replies still adds its jobs, and gets those it wants in their order", () => {
  const { server, copies, client } = scene();
  sendAll(client, ["CLIENT", "REPLY", "SKIP"], slow("skipped"), slow("shown"), slow("failed"));
  assert.equal(copies.open.length, 3);
  const shown = copies.replicate(1);
  copies.replicate(0);
  server.turn();
  assert.deepEqual(client.readAll(), [`+${shown}`]);
  copies.fail(0, "timeout");
  server.turn();
  assert.deepEqual(client.readAll(), [TIMEOUT]);
  sendAll(client, ["CLIENT", "REPLY", "OFF"], slow("a"), ["ADDJOB", "q"], slow("b"));
  sendAll(client, ["CLIENT", "REPLY", "ON"], ["PING"]);
  copies.fail(1, "gone");
  copies.replicate(0);
  server.turn();
  assert.deepEqual(client.readAll(), ["+OK", "+PONG"]);
  assert.equal(client.send("QLEN", "q"), ":3");
});

test("replies are the same in RESP3", () => {
  const { server, copies, client } = scene();
  client.send("HELLO", 3);
  sendAll(client, slow("a"), slow("b"), ["CLIENT", "GETNAME"]);
  copies.fail(1, "gone");
  const id = copies.replicate();
  server.turn();
  assert.deepEqual(client.readAll(), [`+${id}`, GONE, "nil_"]);
});

test("a monitor sees each request once, when it runs, its own too", () => {
  const { server, copies, client } = scene();
  const monitor = server.connect();
  monitor.send("MONITOR");
  client.send("MONITOR");
  monitor.readAll();
  sendAll(client, slow("a"), ["ADDJOB", "q", "b", 0, "REPLICATE", 1], ["PING"]);
  assert.equal(monitor.readAll().length, 2);
  assert.equal(client.readAll().length, 2);
  copies.replicate();
  server.turn();
  assert.match(String(monitor.readAll()), /"PING"$/);
  const [a, b, line, pong] = client.readAll();
  assert.ok(isId(a) && isId(b));
  assert.match(String(line), /"PING"$/);
  assert.equal(pong, "+PONG");
});

test("CLIENT PAUSE holds requests, not the answers to those that ran", () => {
  const { server, copies, client } = scene();
  sendAll(client, slow("a"));
  server.connect().send("CLIENT", "PAUSE", 1000);
  sendAll(client, slow("b"), ["PING"]);
  assert.equal(copies.open.length, 1);
  const a = copies.replicate();
  server.turn();
  assert.deepEqual(client.readAll(), [`+${a}`]);
  server.advance(1000);
  const b = copies.replicate();
  server.turn();
  assert.deepEqual(client.readAll(), [`+${b}`, "+PONG"]);
});

test("what a client was adding is given up when it closes, and only that", () => {
  const { server, copies, client } = scene();
  const other = server.connect();
  sendAll(client, slow("a"), slow("b"), slow("c"));
  other.send(...slow("other"));
  copies.replicate(1);
  client.close();
  assert.equal(copies.cancelled, 2);
  assert.equal(copies.open.length, 1);
  const id = copies.replicate();
  server.turn();
  assert.equal(other.read(), `+${id}`);
  assert.deepEqual(bodiesOf(other.send("GETJOB", "COUNT", 9, "FROM", "q")), ["b", "other"]);
});

test("a protocol error ends what is under way, and each request has its answer before it", () => {
  const { server, copies, client } = scene();
  sendAll(client, slow("a"), slow("b"));
  const b = copies.replicate(1);
  client.feed(Buffer.from("*1\r\n+x\r\n"));
  assert.deepEqual(client.readAll(), [GONE, `+${b}`, "-ERR Protocol error: expected '$', got '+'"]);
  assert.equal(copies.cancelled, 1);
  assert.equal(server.state.stats.errorReplies, 1);
});

test("MAXLEN counts the client's jobs on their way into the queue, not those that are delayed", () => {
  const { server, copies, client } = scene();
  const full = "-MAXLEN Queue is already longer than the specified MAXLEN count";
  const limited = (body: string): Arg[] => slow(body, "MAXLEN", 2);
  sendAll(client, slow("late", "DELAY", 9), limited("a"), limited("b"), limited("c"));
  sendAll(client, ["ADDJOB", "other", "d", 0, "REPLICATE", 2, "MAXLEN", 1]);
  assert.equal(copies.open.length, 4);
  while (copies.open.length > 0) copies.replicate();
  server.turn();
  const replies = client.readAll();
  assert.deepEqual(
    replies.map((reply) => (isId(reply) ? "id" : reply)),
    [...["id", "id", "id"], full, "id"],
  );
});

test("places are used again and again, and become more while some of them are settled", () => {
  const { server, copies, client } = scene();
  const expected: string[] = [];
  const open: number[] = [];
  const replicate = (place: number): void => {
    const [number = 0] = open.splice(place, 1);
    expected[number] = `+${copies.replicate(place)}`;
  };
  let added = 0;
  for (let round = 1; round <= 40; round++) {
    // The oldest stays open, and everything behind it is held back.
    while (open.length > 1) replicate(1);
    for (let i = 0; i < 3 * round; i++) open.push(added + i);
    sendAll(client, ...Array.from({ length: 3 * round }, () => slow(added++)));
    if (round % 5 > 1) replicate(0);
  }
  while (open.length > 0) replicate(0);
  server.turn();
  assert.deepEqual(client.readAll(), expected);
  assert.equal(client.send("PING"), "+PONG");
});
