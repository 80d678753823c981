/**
 * One connection, with a socket that does what the test says: when replies leave, when reading stops,
 * and what becomes of replies and jobs when the connection ends at a bad moment.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "../process/raw-client.ts";
import { settled, WiredServer } from "./wired-server.ts";

const MEGABYTE = 1024 * 1024;

test("everything written in a turn leaves in one write, the next turn's in another", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  await socket.send(["PING"], ["PING"], ["ECHO", "x"]);
  assert.deepEqual(socket.writes.map(String), ["+PONG\r\n+PONG\r\n$1\r\nx\r\n"]);
  await socket.send(["PING"]);
  assert.equal(socket.writes.length, 2);
});

test("replies that wait are sent although the client says QUIT and closes its half", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  socket.isStuck = true;
  await socket.send(["ECHO", "one"], ["ECHO", "two"]);
  await socket.send(["QUIT"]);
  socket.endInput();
  await settled();
  assert.equal(socket.destroyed, false);
  await socket.unstick();
  assert.deepEqual(socket.replies(), ["$one", "$two", "+OK"]);
  assert.equal(socket.destroyed, true);
});

test("replies that wait are sent although the server stops twice", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  socket.isStuck = true;
  await socket.send(["ECHO", "one"]);
  for (let i = 0; i < 2; i++) {
    server.clients.closeAll();
    await settled();
  }
  assert.equal(socket.destroyed, false);
  await socket.unstick();
  assert.deepEqual(socket.replies(), ["$one"]);
  assert.equal(server.clients.count, 0);
});

for (const retry of [0, 300]) {
  test(`a reply that the kernel refuses at once was never handed over (RETRY ${retry})`, async (t) => {
    const server = new WiredServer(t);
    const [victim, adder] = [server.attach(), server.attach()];
    await victim.send(["GETJOB", "FROM", "q"]);
    victim.isReset = true;
    await adder.send(["ADDJOB", "q", "body", 0, "RETRY", retry, "REPLICATE", 1], ["QLEN", "q"]);
    assert.equal(victim.destroyed, true);
    await adder.send(["QLEN", "q"]);
    assert.equal(adder.replies().at(-1), ":1");
    assert.equal(server.state.broker.stats.jobsDelivered, 0);
    assert.equal(server.state.broker.stats.jobsReturned, 1);
  });
}

test("a reply that fails behind one that was taken is not thought to have left", async (t) => {
  const server = new WiredServer(t);
  const [victim, adder] = [server.attach(), server.attach()];
  for (const body of ["a", "b"]) await adder.send(["ADDJOB", "q", body, 0, "RETRY", 300]);
  victim.isStuck = true;
  await victim.send(["GETJOB", "FROM", "q"]);
  await victim.send(["GETJOB", "FROM", "q"]);
  victim.isReset = true;
  await victim.unstick();
  assert.equal(victim.destroyed, true);
  assert.equal(victim.writes.length, 1);
  await adder.send(["QPEEK", "q", 2]);
  assert.match(JSON.stringify(adder.replies().at(-1)), /\$b/);
});

test("jobs behind a reply that left are taken back alone", async (t) => {
  const server = new WiredServer(t);
  const [victim, adder] = [server.attach(), server.attach()];
  for (const body of ["a", "b", "c"]) await adder.send(["ADDJOB", "q", body, 0, "RETRY", 300]);
  await victim.send(["GETJOB", "FROM", "q"]);
  victim.isStuck = true;
  await victim.send(["GETJOB", "FROM", "q"]);
  await victim.send(["GETJOB", "FROM", "q"]);
  victim.destroy();
  await settled();
  await adder.send(["QLEN", "q"]);
  assert.equal(adder.replies().at(-1), ":2");
});

test("a client is not read while its replies pile up, and served again when they have left", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  socket.isStuck = true;
  const text = "x".repeat(MEGABYTE);
  await socket.send(["ECHO", text], ["ECHO", "next"]);
  assert.equal(socket.isPaused(), true);
  assert.equal(socket.writableLength, MEGABYTE + 12);
  await socket.unstick();
  assert.equal(socket.isPaused(), false);
  assert.deepEqual(socket.replies(), [`$${text}`, "$next"]);
});

test("a client that is held sends a megabyte ahead and no more", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  await socket.send(["CLIENT", "PAUSE", 1000]);
  const request = encode(["ECHO", "y".repeat(50_000)]);
  let sent = 0;
  for (; !socket.isPaused() && sent < 100; sent++) await socket.receive(request);
  assert.ok(sent >= 20 && sent <= 22, `${sent} times 50 KB`);
  await server.advance(1000);
  while (socket.connection.bufferedBytes > 0) await settled();
  assert.equal(socket.replies().length, 1 + sent);
  assert.equal(socket.isPaused(), false);
  assert.equal(server.state.broker.bufferBytes, 0);
});

test("a stranger whose login is put off sends no more than it may before logging in", async (t) => {
  const server = new WiredServer(t, { requirepass: "secret" });
  const socket = server.attach();
  for (let i = 0; i < 4; i++) await socket.send(["AUTH", `wrong ${i}`]);
  assert.equal(server.clients.count, 1);
  const request = encode(["AUTH", "z".repeat(10_000)]);
  let sent = 0;
  for (; !socket.isPaused() && sent < 100; sent++) await socket.receive(request);
  assert.ok(sent <= 8, `${sent} times 10 KB`);
});

test("held buffers are accounted for, and given back when the connection ends", async (t) => {
  const server = new WiredServer(t);
  const { broker } = server.state;
  const half = server.attach();
  await half.receive(Buffer.from("*2\r\n$4\r\nECHO\r\n$1000000\r\n".padEnd(50_000, "x")));
  assert.ok(broker.bufferBytes >= 50_000);
  const stuck = server.attach();
  stuck.isStuck = true;
  await stuck.send(["ECHO", "r".repeat(100_000)]);
  assert.ok(broker.bufferBytes >= 150_000);
  await stuck.unstick();
  assert.ok(broker.bufferBytes < 110_000);
  half.destroy();
  stuck.isStuck = true;
  await stuck.send(["ECHO", "r".repeat(100_000)]);
  stuck.destroy();
  await settled();
  assert.equal(broker.bufferBytes, 0);
});

test("a connection that is closed is forgotten though the client keeps its half open", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  await socket.send(["QUIT"]);
  assert.deepEqual(socket.replies(), ["+OK"]);
  assert.equal(server.clients.count, 0);
  assert.equal(server.state.clients.count, 0);
  assert.equal(socket.destroyed, false, "what it still sends is read away");
  socket.endInput();
  await settled();
  assert.equal(socket.destroyed, true);
});

test("the soft limit needs no further write, and its time begins anew after a pause", async (t) => {
  const limit = { hardBytes: 0, softBytes: 1000, softSeconds: 10 };
  const server = new WiredServer(t, { "client-output-buffer-limit": limit });
  const socket = server.attach();
  const fill = async (): Promise<void> => {
    socket.isStuck = true;
    await socket.send(["ECHO", "s".repeat(2000)]);
  };
  await fill();
  await server.advance(9000);
  await socket.unstick();
  await server.advance(60_000);
  await fill();
  await server.advance(10_000);
  assert.equal(socket.destroyed, false);
  await server.advance(1);
  assert.equal(socket.destroyed, true);
  assert.equal(server.state.stats.outputLimitDisconnections, 1);
});

test("a monitor that has said QUIT gets its replies and sees nothing more", async (t) => {
  const server = new WiredServer(t);
  const [monitor, other] = [server.attach(), server.attach()];
  await monitor.send(["MONITOR"]);
  monitor.isStuck = true;
  await monitor.send(["ECHO", "last"], ["QUIT"]);
  await other.send(["PING"]);
  await monitor.unstick();
  const replies = monitor.replies();
  assert.equal(replies.length, 4);
  assert.match(String(replies[1]), /"ECHO" "last"$/);
  assert.deepEqual(replies.slice(2), ["$last", "+OK"]);
});

test("a client is not idle while it sends a long request or takes a long reply", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  const { session } = socket.connection;
  const startMs = session.usedAtMs;
  await server.advance(5000);
  await socket.receive(Buffer.from("*2\r\n$4\r\nECHO\r\n$10\r\nhalf"));
  assert.equal(session.usedAtMs, startMs + 5000);
  socket.isStuck = true;
  await socket.receive(Buffer.from("behalf\r\n"));
  await server.advance(5000);
  await socket.unstick();
  assert.equal(session.usedAtMs, startMs + 10_000);
});

test("after a protocol error nothing more is run, and the connection ends", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  await socket.receive(Buffer.from("PING\r\n*1\r\n+x\r\n*1\r\n$4\r\nPING\r\n"));
  await socket.send(["PING"]);
  socket.endInput();
  await settled();
  assert.deepEqual(socket.replies(), ["+PONG", "-ERR Protocol error: expected '$', got '+'"]);
  assert.equal(server.state.stats.protocolErrors, 1);
  assert.equal(socket.destroyed, true);
});
