/**
 * Connections with jobs that wait for copies: what is read and what is not, what becomes of the jobs when
 * the client goes, half or altogether, and when the server does.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Command, encode } from "../process/raw-client.ts";
import { FakeCopies } from "../support/fake-copies.ts";
import { type FakeSocket, settled, WiredServer } from "./wired-server.ts";

const TIMEOUT = "-NOREPL Timeout reached before replicating to the requested number of nodes";
const LEAVING = "-LEAVING This node is leaving the cluster, please connect to a different one";
const SLOW: Command = ["ADDJOB", "q", "body", 0, "REPLICATE", 2];

interface Scene {
  readonly server: WiredServer;
  readonly copies: FakeCopies;
  readonly socket: FakeSocket;
  /** The copies of the first job that waits exist; resolves when the client has been told. */
  readonly replicate: () => Promise<string>;
}

function scene(t: TestContext, settings: Readonly<Record<string, unknown>> = {}): Scene {
  const server = new WiredServer(t, settings);
  const copies = new FakeCopies(server.state);
  const replicate = async (): Promise<string> => {
    const id = copies.replicate();
    await settled();
    return `+${id}`;
  };
  return { server, copies, socket: server.attach(), replicate };
}

test("replies that become known in one turn leave in one write", async (t) => {
  const { copies, socket } = scene(t);
  await socket.send(SLOW, SLOW, SLOW, ["PING"]);
  for (let i = 2; i >= 0; i--) copies.replicate(i);
  await settled();
  // The last one is answered when it has run.
  assert.deepEqual(
    socket.writes.map((bytes) => bytes.length),
    [3 * 43, 7],
  );
});

test("a client that goes gives up what it was adding", async (t) => {
  const { server, copies, socket } = scene(t);
  await socket.send(SLOW, SLOW, ["PING"]);
  socket.destroy();
  await settled();
  assert.equal(copies.cancelled, 2);
  assert.equal(
    server.state.broker.stats.jobsByState.reduce((sum, jobs) => sum + jobs, 0),
    0,
  );
  assert.equal(server.state.broker.bufferBytes, 0);
  assert.equal(server.clients.count, 0);
});

test("a client that closes its half is answered, and closed behind the last reply", async (t) => {
  const { server, socket, replicate } = scene(t);
  await socket.send(SLOW);
  socket.endInput();
  await server.advance(900);
  assert.equal(socket.destroyed, false);
  const id = await replicate();
  assert.deepEqual(socket.replies(), [id]);
  assert.equal(socket.destroyed, true);
  assert.equal(server.clients.count, 0);
});

test("what was sent before the end runs behind jobs that wait for copies", async (t) => {
  const { socket, replicate } = scene(t);
  socket.feed(encode(SLOW, ["ECHO", "one"], SLOW, ["ECHO", "two"]));
  socket.endInput();
  await settled();
  const first = await replicate();
  const second = await replicate();
  assert.deepEqual(socket.replies(), [first, "$one", second, "$two"]);
  assert.equal(socket.destroyed, true);
});

test("a client that has closed its half goes on before all of its jobs have copies", async (t) => {
  const { copies, socket } = scene(t);
  socket.feed(encode(...Array.from({ length: 1100 }, () => SLOW)));
  socket.endInput();
  await settled();
  for (let i = 0; i < 600; i++) copies.replicate();
  await settled();
  assert.deepEqual([copies.open.length, copies.cancelled], [500, 0]);
  while (copies.open.length > 0) copies.replicate();
  await settled();
  assert.equal(socket.replies().length, 1100);
  assert.equal(socket.destroyed, true);
});

test("copies are not waited for long once the client has closed its half", async (t) => {
  const { server, copies, socket } = scene(t);
  await socket.send(SLOW, SLOW, ["ECHO", "end"]);
  await server.advance(5000);
  socket.endInput();
  await server.advance(0);
  await server.advance(999);
  assert.equal(copies.cancelled, 0);
  await server.advance(1);
  assert.equal(copies.cancelled, 2);
  assert.deepEqual(socket.replies(), [TIMEOUT, TIMEOUT, "$end"]);
  assert.equal(socket.destroyed, true);
});

test("a pause that ends late does not keep half a client from being answered", async (t) => {
  const { server, copies, socket } = scene(t);
  await socket.send(SLOW);
  await server.attach().send(["CLIENT", "PAUSE", 60_000]);
  socket.feed(encode(["ECHO", "later"]));
  socket.endInput();
  await server.advance(0);
  await server.advance(1000);
  assert.equal(copies.cancelled, 1);
  assert.deepEqual(socket.replies(), [TIMEOUT]);
  await server.advance(59_000);
  assert.deepEqual(socket.replies(), ["$later"]);
  assert.equal(socket.destroyed, true);
});

test("the end of the server is told to whoever waits for copies", async (t) => {
  const { server, copies, socket } = scene(t);
  await socket.send(SLOW, SLOW, ["PING"]);
  copies.replicate(1);
  server.clients.closeAll();
  await settled();
  const [first, second, ...rest] = socket.replies();
  assert.equal(first, LEAVING);
  assert.match(String(second), /^\+D-/);
  assert.deepEqual(rest, []);
  assert.equal(copies.cancelled, 1);
  assert.equal(server.clients.count, 0);
});

test("a client that sends far ahead of its jobs is not read, and loses nothing", async (t) => {
  const { server, copies, socket, replicate } = scene(t, {
    "client-query-buffer-limit": 1024 * 1024,
  });
  const bytes = encode(...Array.from({ length: 1000 }, () => SLOW), ["ECHO", "x".repeat(60_000)]);
  let sent = 0;
  for (; !socket.isPaused() && sent < 100; sent++) await socket.receive(bytes);
  assert.ok(sent < 15, `${sent} times ${bytes.length} bytes`);
  assert.equal(copies.open.length, 1000);
  while (copies.open.length > 0) {
    for (let i = copies.open.length; i > 1; i--) copies.replicate();
    await replicate();
  }
  assert.equal(socket.isPaused(), false);
  assert.equal(socket.replies().length, 1001 * sent);
  assert.equal(server.state.broker.bufferBytes, 0);
});

test("replies that wait for earlier ones are accounted for, and limited like unread ones", async (t) => {
  const limit = { hardBytes: 5000, softBytes: 0, softSeconds: 0 };
  const { server, copies, socket } = scene(t, { "client-output-buffer-limit": limit });
  const short: Command = ["ADDJOB", "q"];
  await socket.send(SLOW, ...Array.from({ length: 50 }, () => short));
  const { connection } = socket;
  assert.equal(connection.unsentBytes, 50 * 53);
  assert.equal(server.state.broker.bufferBytes, 50 * 53);
  await socket.send(...Array.from({ length: 50 }, () => short));
  connection.flush(true);
  await settled();
  assert.equal(socket.destroyed, true);
  assert.equal(copies.cancelled, 1);
  assert.equal(server.state.stats.outputLimitDisconnections, 1);
  assert.equal(server.state.broker.bufferBytes, 0);
});

test("a client whose jobs wait for copies is not idle", async (t) => {
  const { server, socket, replicate } = scene(t, { timeout: 10 });
  await socket.send(SLOW);
  await server.advance(60_000);
  assert.equal(socket.connection.isWaiting, true);
  await replicate();
  assert.equal(socket.connection.isWaiting, false);
});
