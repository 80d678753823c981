/**
 * All connections together: who goes on when, who is closed for being idle, and the end of all.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { settled, WiredServer } from "./wired-server.ts";

test("after CLIENT PAUSE everybody goes on at the moment, in the order in which they asked", async (t) => {
  const server = new WiredServer(t);
  const sockets = Array.from({ length: 20 }, () => server.attach());
  const [first] = sockets;
  assert.ok(first);
  await first.send(["CLIENT", "PAUSE", 1000], ["ECHO", "late"]);
  for (const [i, socket] of sockets.entries()) await socket.send(["ADDJOB", "q", i, 0]);
  await server.advance(999);
  assert.deepEqual(first.replies(), ["+OK"]);
  assert.equal(server.state.broker.stats.jobsAdded, 0);
  await server.advance(1);
  assert.equal(first.replies()[0], "$late");
  await first.send(["QPEEK", "q", 100]);
  const [jobs] = first.replies().slice(-1);
  assert.ok(Array.isArray(jobs));
  assert.deepEqual(
    jobs.map((job) => Array.isArray(job) && job[2]),
    sockets.map((_, i) => `$${i}`),
  );
});

test("a pause that is made longer meanwhile is kept", async (t) => {
  const server = new WiredServer(t);
  const [a, b] = [server.attach(), server.attach()];
  a.feed(Buffer.from("CLIENT PAUSE 1000\r\n"));
  server.state.clients.pausedUntilMs += 500;
  await b.send(["PING"]);
  await server.advance(1499);
  assert.deepEqual(b.replies(), []);
  await server.advance(1);
  assert.deepEqual(b.replies(), ["+PONG"]);
});

test("a blocked client is answered and goes on with what it sent ahead, in the same turn", async (t) => {
  const server = new WiredServer(t);
  const [waiting, adder] = [server.attach(), server.attach()];
  await waiting.send(["GETJOB", "FROM", "q"], ["PING"], ["GETJOB", "FROM", "q"], ["ECHO", "x"]);
  await adder.send(["ADDJOB", "q", "1", 0], ["ADDJOB", "q", "2", 0]);
  const replies = waiting.replies();
  assert.equal(replies.length, 4);
  assert.deepEqual([replies[1], replies[3]], ["+PONG", "$x"]);
});

test("a client that vanishes while it is held is forgotten", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  await socket.send(["CLIENT", "PAUSE", 1000], ["ADDJOB", "q", "x", 0]);
  socket.destroy();
  await settled();
  await server.advance(1000);
  assert.equal(server.state.broker.stats.jobsAdded, 0);
  assert.equal(server.clients.count, 0);
});

test("idle clients are closed; blocked, held and busy ones are not", async (t) => {
  const server = new WiredServer(t);
  const [idle, blocked, busy, held] = [1, 2, 3, 4].map(() => server.attach());
  assert.ok(idle && blocked && busy && held);
  server.clients.watchIdle(10);
  await blocked.send(["GETJOB", "FROM", "q"]);
  await server.advance(10_001);
  await busy.send(["CLIENT", "PAUSE", 1_000_000]);
  await held.send(["PING"]);
  await eventually(() => idle.destroyed, { what: "the idle one is closed" });
  await settled();
  assert.deepEqual([blocked.destroyed, busy.destroyed, held.destroyed], [false, false, false]);
  await server.advance(10_001);
  await eventually(() => busy.destroyed, { what: "it has become idle" });
  assert.deepEqual([blocked.destroyed, held.destroyed], [false, false]);
});

test("closeAll sends what was written and closes everybody", async (t) => {
  const server = new WiredServer(t);
  const sockets = Array.from({ length: 5 }, () => server.attach());
  for (const socket of sockets) socket.feed(Buffer.from("PING\r\n"));
  server.clients.closeAll();
  assert.equal(server.clients.count, 5, "nothing leaves before the end of the turn");
  await settled();
  assert.equal(server.clients.count, 0);
  for (const socket of sockets) assert.deepEqual(socket.replies(), ["+PONG"]);
});

test("of all clients together the one that leaves most unread is closed, but never the last", async (t) => {
  // Half of it: two megabytes.
  const server = new WiredServer(t, { maxmemory: 4 * 1024 * 1024 });
  const sockets = [300_000, 900_000, 600_000].map((bytes) => ({ bytes, socket: server.attach() }));
  for (const { socket, bytes } of sockets) {
    socket.isStuck = true;
    await socket.send(["ECHO", "x".repeat(bytes)]);
  }
  assert.equal(server.clients.count, 3);
  await sockets[0]?.socket.send(["ECHO", "x".repeat(500_000)]);
  const isClosed = sockets.map(({ socket }) => socket.destroyed);
  assert.deepEqual(isClosed, [false, true, false]);
  assert.equal(server.state.stats.outputLimitDisconnections, 1);
  assert.match(server.host.logged.join(), /of all the replies that were not read, most was its/);
  sockets[2]?.socket.destroy();
  await settled();
  await sockets[0]?.socket.send(["ECHO", "x".repeat(2_000_000)]);
  assert.equal(server.clients.count, 1);
});
