/**
 * TIME, MONITOR, SHUTDOWN, BGREWRITEAOF and LOADJOB.
 *
 * Each does one thing; a table of forms is behind none of them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";

test("TIME answers seconds and microseconds as text", () => {
  const server = new FakeServer();
  const client = server.connect();
  assert.deepEqual(client.send("TIME"), ["$1767225600", "$0"]);
  server.advance(1234);
  assert.deepEqual(client.send("TIME"), ["$1767225601", "$234000"]);
  assert.equal(client.send("TIME", "x"), "-ERR wrong number of arguments for 'time' command");
});

test("MONITOR shows what runs, and nothing that was refused", () => {
  const server = new FakeServer();
  const monitor = server.connect();
  assert.equal(monitor.send("MONITOR"), "+OK");
  const client = server.connect();
  client.raw("NOSUCH x\r\nADDJOB q\r\nqlen q\r\nPING 'a\"b'\r\nQUIT\r\n");
  const lines = monitor.readAll().map(String);
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? "", /^\+1767225600\.\d{6} \[127\.0\.0\.1:50002\] "qlen" "q"$/);
  assert.match(lines[1] ?? "", / "PING" "a\\"b"$/);
});

test("a monitor sees its own commands before their replies, and may ask twice", () => {
  const server = new FakeServer();
  const monitor = server.connect();
  monitor.send("MONITOR");
  const replies = monitor.raw("MONITOR\r\nPING\r\n").map(String);
  assert.match(replies[0] ?? "", / "MONITOR"$/);
  assert.equal(replies[1], "+OK");
  assert.match(replies[2] ?? "", / "PING"$/);
  assert.equal(replies[3], "+PONG");
  assert.equal(server.state.clients.monitors.size, 1);
});

test("a monitor that is gone is forgotten", () => {
  const server = new FakeServer();
  const monitor = server.connect();
  monitor.send("MONITOR");
  monitor.close();
  assert.equal(server.state.clients.monitors.size, 0);
  assert.equal(server.connect().send("PING"), "+PONG");
});

test("SHUTDOWN closes the connection without a word and asks for the end", () => {
  for (const option of [[], ["SAVE"], ["nosave"], ["REWRITE-AOF"]]) {
    const server = new FakeServer();
    const client = server.connect();
    assert.deepEqual(client.raw(`SHUTDOWN ${option.join(" ")}\r\nADDJOB q b 0\r\n`), []);
    assert.ok(client.isClosed);
    assert.deepEqual(server.host.calls, ["shutdown"]);
    assert.equal(server.state.broker.jobs.count, 0);
  }
});

test("SHUTDOWN with other words is an error", () => {
  const server = new FakeServer();
  const client = server.connect();
  assert.equal(client.send("SHUTDOWN", "x"), "-ERR syntax error");
  assert.equal(client.send("SHUTDOWN", "REWRITE-AOF", "x"), "-ERR syntax error");
  assert.equal(client.send("SHUTDOWN", "SAVE", "NOSAVE"), "-ERR syntax error");
  assert.deepEqual(server.host.calls, []);
});

test("BGREWRITEAOF says it has begun, LOADJOB is refused", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("BGREWRITEAOF"), "+Background append only file rewriting started");
  const refusal = "-ERR LOADJOB is a special command only processed from AOF";
  assert.equal(client.send("LOADJOB", "x"), refusal);
});
