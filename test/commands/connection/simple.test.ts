/**
 * PING, ECHO, SELECT, QUIT and RESET.
 *
 * The commands that every client sends without thinking about them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";

test("PING answers PONG, or its message byte for byte", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("PING"), "+PONG");
  assert.equal(client.send("ping", ""), "$");
  assert.equal(client.send("PiNg", "a\r\nb\0\xff"), "$a\r\nb\0\xff");
  assert.equal(client.send("PING", "a", "b"), "-ERR wrong number of arguments for 'ping' command");
});

test("ECHO gives back its argument", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("ECHO", "\0\x01\xff\r\n"), "$\0\x01\xff\r\n");
  assert.equal(client.send("ECHO"), "-ERR wrong number of arguments for 'echo' command");
});

test("SELECT knows database 0 only", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("SELECT", "0"), "+OK");
  assert.equal(client.send("SELECT", "1"), "-ERR DB index is out of range");
  assert.equal(client.send("SELECT", "-1"), "-ERR DB index is out of range");
  assert.equal(client.send("SELECT", "x"), "-ERR value is not an integer or out of range");
});

test("QUIT answers, closes, and runs nothing behind it", () => {
  const server = new FakeServer();
  const client = server.connect();
  assert.deepEqual(client.raw("ADDJOB q a 0\r\nQUIT now please\r\nADDJOB q b 0\r\n").slice(1), [
    "+OK",
  ]);
  assert.ok(client.isClosed);
  assert.equal(server.connect().send("QLEN", "q"), ":1");
});

test("QUIT needs no login", () => {
  const server = new FakeServer({ settings: { requirepass: "secret" } });
  const client = server.connect();
  assert.equal(client.send("QUIT"), "+OK");
  assert.ok(client.isClosed);
});

test("RESET takes back everything a client has set", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("HELLO", "3", "SETNAME", "me");
  client.send("MONITOR");
  client.send("CLIENT", "REPLY", "OFF");
  const [line, reply] = client.raw("RESET\r\n");
  assert.match(String(line), /"RESET"$/, "the last line of MONITOR");
  assert.equal(reply, "+RESET");
  assert.equal(server.state.clients.monitors.size, 0);
  assert.equal(client.send("CLIENT", "GETNAME"), "nil$");
  assert.match(String(client.send("CLIENT", "LIST")), / flags=N .* resp=2 /);
});

test("RESET ends a login", () => {
  const server = new FakeServer({ settings: { requirepass: "secret" } });
  const client = server.connect();
  assert.equal(client.send("AUTH", "secret"), "+OK");
  assert.equal(client.session.limits.isUnauthenticated, false);
  assert.equal(client.send("RESET"), "+RESET");
  assert.equal(client.send("PING"), "-NOAUTH Authentication required.");
  assert.equal(client.session.limits.isUnauthenticated, true);
});
