/**
 * CLIENT REPLY: clients that do not want to see replies.
 *
 * Requests are sent in one piece, as such clients do: one reply too many shifts all that follow.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";

test("OFF silences everything, itself included, until ON", () => {
  const client = new FakeServer().connect();
  assert.deepEqual(client.raw("CLIENT REPLY OFF\r\nPING\r\nADDJOB q b 0\r\nNOSUCH\r\n"), []);
  assert.equal(client.send("CLIENT", "REPLY", "ON"), "+OK");
  assert.equal(client.send("QLEN", "q"), ":1");
});

test("SKIP silences itself and the next command", () => {
  const client = new FakeServer().connect();
  assert.deepEqual(client.raw("CLIENT REPLY SKIP\r\nPING\r\nPING x\r\nPING y\r\n"), ["$x", "$y"]);
  assert.deepEqual(client.raw("CLIENT REPLY SKIP\r\nCLIENT REPLY ON\r\nPING\r\n"), [
    "+OK",
    "+PONG",
  ]);
  assert.deepEqual(client.raw("CLIENT REPLY SKIP\r\nCLIENT REPLY SKIP\r\nPING\r\nPING z\r\n"), [
    "$z",
  ]);
});

test("SKIP means nothing while replies are off", () => {
  const client = new FakeServer().connect();
  assert.deepEqual(client.raw("CLIENT REPLY OFF\r\nCLIENT REPLY SKIP\r\nPING\r\nPING\r\n"), []);
  assert.equal(client.send("client", "reply", "on"), "+OK");
});

test("other words are errors", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("CLIENT", "REPLY", "foo"), "-ERR syntax error");
  assert.equal(client.send("PING"), "+PONG");
});
