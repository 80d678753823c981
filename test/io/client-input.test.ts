/**
 * What clients send before it can run: those who are blocked are read all the same, what they sent
 * ahead runs in portions, and who sends too much is closed without losing anything that ran.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, encode } from "../process/raw-client.ts";
import { type FakeSocket, settled, WiredServer } from "./wired-server.ts";

const KILOBYTE = 1024;
const MEGABYTE = 1024 * KILOBYTE;
const ONE_MEGABYTE_AHEAD = { "client-query-buffer-limit": MEGABYTE };
const TOO_FAR_AHEAD =
  "-ERR too much sent ahead of a request that waits, see client-query-buffer-limit";
const SENT_MOST = "-ERR too much sent by all clients together, most of it by this one";

function echoes(count: number, bytes: number): Command[] {
  return Array.from({ length: count }, (_, i): Command => ["ECHO", `${i} `.padEnd(bytes, "x")]);
}

/** The beginning of a request whose end does not come, of so many bytes. */
function half(bytes: number): Buffer {
  return Buffer.from("*2\r\n$4\r\nECHO\r\n$9000000\r\n".padEnd(bytes, "h"));
}

/** Whether the client is held and not read, blocked, or neither. */
function reading(socket: FakeSocket): string {
  if (socket.connection.session.isBlocked) return socket.isPaused() ? "blocked, deaf" : "blocked";
  return socket.isPaused() ? "held" : "free";
}

test("no job is given to a client that sent far ahead of its GETJOB and has gone", async (t) => {
  const server = new WiredServer(t);
  const [eager, adder] = [server.attach(), server.attach()];
  await eager.send(["GETJOB", "FROM", "q"], ...echoes(3 * KILOBYTE, KILOBYTE));
  assert.equal(reading(eager), "blocked");
  eager.endInput();
  await adder.send(["ADDJOB", "q", "body", 0, "RETRY", 0]);
  await adder.send(["QLEN", "q"]);
  assert.equal(adder.replies().at(-1), ":1");
  assert.equal(server.state.broker.stats.jobsDelivered, 0);
});

test("a client may send many blocking requests ahead, and gets a job for each in its turn", async (t) => {
  const server = new WiredServer(t);
  const [eager, adder] = [server.attach(), server.attach()];
  const requests = encode(...Array.from({ length: 2000 }, () => ["GETJOB", "FROM", "q"]));
  for (let i = 0; i < 100; i++) {
    while (eager.connection.bufferedBytes < 2 * MEGABYTE) await eager.receive(requests);
    await adder.send(["ADDJOB", "q", i, 0]);
    assert.equal(reading(eager), "blocked");
  }
  assert.equal(eager.replies().length, 100);
});

test("what was sent ahead runs in portions, and others are served between them", async (t) => {
  const server = new WiredServer(t);
  const [eager, other] = [server.attach(), server.attach()];
  const count = 2000;
  await eager.send(["GETJOB", "FROM", "q"], ...echoes(count, KILOBYTE));
  await other.send(["ADDJOB", "q", "body", 0]);
  assert.equal(reading(eager), "held", "it has much to run and need not send more");
  const served: number[] = [];
  const replies = eager.replies();
  while (replies.length < 1 + count) {
    await other.send(["PING"]);
    assert.equal(other.replies().at(-1), "+PONG");
    served.push(eager.replies().length);
    replies.length += served.at(-1) ?? 0;
  }
  assert.ok(Math.max(...served) < 500, `${served}`);
  assert.equal(reading(eager), "free");
  assert.equal(server.state.broker.bufferBytes, 0);
});

test("a client that sends too far ahead is closed; what ran is answered, no job is lost", async (t) => {
  const server = new WiredServer(t, ONE_MEGABYTE_AHEAD);
  const [eager, adder] = [server.attach(), server.attach()];
  eager.isStuck = true;
  await eager.send(["ADDJOB", "p", "b", 0], ["GETJOB", "FROM", "q"]);
  await eager.send(...echoes(1000, KILOBYTE));
  assert.equal(reading(eager), "blocked");
  adder.feed(encode(["ADDJOB", "q", "body", 0, "RETRY", 0]));
  eager.feed(encode(...echoes(100, KILOBYTE)));
  await eager.unstick();
  const [id, ...rest] = eager.replies();
  assert.match(String(id), /^\+D-/);
  assert.deepEqual(rest, [TOO_FAR_AHEAD]);
  await adder.send(["QLEN", "q"]);
  assert.equal(adder.replies().at(-1), ":1");
  assert.equal(server.clients.count, 1);
  assert.equal(server.state.broker.bufferBytes, 0);
  assert.equal(server.state.stats.inputLimitDisconnections, 1);
  assert.match(server.host.logged.join(), /warning: client closed: it sent too much ahead/);
});

test("a single long request is not sent ahead of anything", async (t) => {
  const server = new WiredServer(t, ONE_MEGABYTE_AHEAD);
  const socket = server.attach();
  const request = encode(["ADDJOB", "q", "j".repeat(3 * MEGABYTE), 0]);
  for (let at = 0; at < request.length; at += 64 * KILOBYTE) {
    await socket.receive(request.subarray(at, at + 64 * KILOBYTE));
  }
  assert.match(String(socket.replies()), /^\+D-/);
});

test("of all clients together the one that sent most is closed, the others go on", async (t) => {
  // Three quarters of it: three megabytes.
  const server = new WiredServer(t, { ...ONE_MEGABYTE_AHEAD, maxmemory: 4 * MEGABYTE });
  const [greedy, ...modest] = Array.from({ length: 6 }, () => server.attach());
  assert.ok(greedy !== undefined);
  await greedy.send(["PING"]);
  await greedy.receive(half(1_500_000));
  for (const socket of modest) await socket.receive(half(400_000));
  assert.deepEqual(greedy.replies(), ["+PONG", SENT_MOST]);
  assert.equal(server.clients.count, 5);
  assert.ok(server.state.broker.bufferBytes <= 3 * MEGABYTE);
  for (const socket of modest) assert.deepEqual(socket.replies(), []);
  assert.match(server.host.logged.join(), /most was its/);
});

test("what is given back makes room for others, and without maxmemory there is no limit", async (t) => {
  const server = new WiredServer(t, { ...ONE_MEGABYTE_AHEAD, maxmemory: 4 * MEGABYTE });
  for (let i = 0; i < 10; i++) {
    const socket = server.attach();
    await socket.receive(half(2_000_000));
    socket.destroy();
    await settled();
  }
  assert.equal(server.state.stats.inputLimitDisconnections, 0);
  const unlimited = new WiredServer(t, { maxmemory: 0 });
  for (let i = 0; i < 10; i++) await unlimited.attach().receive(half(2_000_000));
  assert.equal(unlimited.clients.count, 10);
});

test("empty requests run in portions like others", async (t) => {
  const server = new WiredServer(t);
  const [eager, other] = [server.attach(), server.attach()];
  await eager.send(["GETJOB", "FROM", "q"]);
  for (let i = 0; i < 32; i++) eager.feed(Buffer.alloc(64 * KILOBYTE, "\n"));
  await settled();
  other.feed(encode(["ADDJOB", "q", "x", 0]));
  let turns = 0;
  while (eager.connection.bufferedBytes > 0) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
    assert.ok(turns < 1000, "it comes to an end");
  }
  assert.ok(turns >= 16, `${turns} turns`);
});
