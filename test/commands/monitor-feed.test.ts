/** What monitors see: every request that runs, before it runs, and nothing that must stay secret. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeClient } from "../support/fake-client.ts";
import { FakeServer } from "../support/fake-server.ts";

/** A client that watches. */
function monitor(server: FakeServer): FakeClient {
  const client = server.connect();
  assert.equal(client.send("MONITOR"), "+OK");
  return client;
}

/** What a monitor has seen, without the times. */
function seen(client: FakeClient): string[] {
  return client.readAll().map((line) => String(line).replace(/^\+[0-9]+\.[0-9]{6} /, ""));
}

test("requests are shown with their time, their client and their arguments as typed", () => {
  const server = new FakeServer();
  const watching = monitor(server);
  const client = server.connect({ remoteAddress: "10.0.0.1:5555" });
  client.send("aDDjob", "q", 'a"b\n\x01\xff', 0);
  const [line] = watching.readAll();
  const expected = '[10.0.0.1:5555] "aDDjob" "q" "a\\"b\\n\\x01\\xff" "0"';
  assert.match(String(line), /^\+1767225600\.\d{6} /);
  assert.deepEqual(String(line).slice(19), expected);
});

test("a client on a unix socket is shown with its path", () => {
  const server = new FakeServer();
  const watching = monitor(server);
  const client = server.connect({ remoteAddress: "/tmp/ringq.sock:0", isUnixSocket: true });
  client.send("PING");
  assert.deepEqual(seen(watching), ['[unix:/tmp/ringq.sock] "PING"']);
});

test("what did not run is not shown: unknown, wrong arity, refused, QUIT, put off", () => {
  const server = new FakeServer();
  const watching = monitor(server);
  const client = server.connect();
  client.raw("NOSUCH\r\nADDJOB q\r\n");
  server.state.broker.memory.maxBytes = 1;
  client.send("ADDJOB", "q", "b", 0);
  server.state.broker.memory.maxBytes = 0;
  assert.deepEqual(seen(watching), []);
  client.send("CLIENT", "PAUSE", 10);
  client.send("PING");
  assert.equal(seen(watching).length, 1);
  server.advance(10);
  assert.equal(seen(watching).length, 1);
  client.send("QUIT");
  assert.deepEqual(seen(watching), []);
});

test("a monitor sees its own request before the reply to it", () => {
  const server = new FakeServer();
  const watching = monitor(server);
  assert.match(String(watching.send("PING")), /"PING"$/);
  assert.equal(watching.read(), "+PONG");
});

test("a monitor that wants no replies still sees its own requests", () => {
  const server = new FakeServer();
  const watching = monitor(server);
  const shown = (requests: string): string[] =>
    watching
      .raw(requests)
      .map((reply) => String(reply).replace(/^\+[0-9.]+ \[.*?\] /, ""))
      .filter((line) => !line.startsWith('"CLIENT"'));
  const skipped = "CLIENT REPLY SKIP\r\nPING skipped\r\nPING seen\r\n";
  assert.deepEqual(shown(skipped), ['"PING" "skipped"', '"PING" "seen"', "$seen"]);
  const silent = "CLIENT REPLY OFF\r\nPING silent\r\nNOSUCH\r\nCLIENT REPLY ON\r\n";
  assert.deepEqual(shown(silent), ['"PING" "silent"', "+OK"]);
});

test("passwords are not shown", () => {
  const server = new FakeServer({ settings: { requirepass: "hunter2" } });
  const watching = server.connect();
  watching.send("AUTH", "hunter2");
  watching.send("MONITOR");
  const client = server.connect();
  client.send("AUTH", "hunter2");
  client.send("HELLO", 3, "AUTH", "default", "hunter2");
  client.send("CONFIG", "SET", "requirepass", "hunter2");
  const lines = seen(watching);
  assert.equal(lines.length, 3);
  assert.doesNotMatch(lines.join(), /hunter2/);
});

test("all monitors see everything; one that is gone sees nothing more", () => {
  const server = new FakeServer();
  const [first, second] = [monitor(server), monitor(server)];
  first.readAll();
  second.close();
  server.connect().send("PING");
  assert.equal(seen(first).length, 1);
  assert.equal(server.state.clients.monitors.size, 1);
});

test("a monitor that is closed for being behind is not fed beyond the limit", () => {
  const server = new FakeServer();
  const stuck = monitor(server);
  stuck.isStuck = true;
  const client = server.connect();
  const body = Buffer.alloc(7 * 1024 * 1024, "m");
  for (let i = 0; i < 4; i++) client.send("PING", body);
  assert.equal(stuck.isClosed, false);
  const { unsentBytes } = stuck;
  client.send("PING", body);
  assert.equal(stuck.isClosed, true);
  assert.equal(stuck.session.reply.length, 0);
  assert.equal(stuck.unsentBytes, unsentBytes);
});

test("a monitor that does not read is closed when it is 32 MB behind", () => {
  const server = new FakeServer();
  const [stuck, other] = [monitor(server), monitor(server)];
  stuck.isStuck = true;
  other.readAll();
  const client = server.connect();
  const body = Buffer.alloc(3 * 1024 * 1024);
  client.send("ADDJOB", "q", body, 0);
  client.send("ADDJOB", "q", body, 0);
  assert.equal(stuck.isClosed, false);
  client.send("ADDJOB", "q", body, 0);
  assert.equal(stuck.isClosed, true);
  assert.equal(server.state.stats.outputLimitDisconnections, 1);
  assert.equal(other.isClosed, false);
  assert.match(String(client.send("PING")), /PONG/);
});
