/**
 * CLIENT: names, the list, pausing.
 *
 * REPLY and KILL have files of their own.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeClient } from "../../support/fake-client.ts";
import { FakeServer } from "../../support/fake-server.ts";

const USAGE =
  "-ERR Syntax error, try CLIENT (LIST | KILL ip:port | GETNAME | SETNAME connection-name)";
const BAD_NAME = "-ERR Client names cannot contain spaces, newlines or special characters.";

/** The lines of CLIENT LIST as seen by `client`. */
function list(client: FakeClient): string[] {
  return String(client.send("CLIENT", "LIST")).slice(1).trimEnd().split("\n");
}

test("a form that does not exist, or with a wrong number of words, gets the usage", () => {
  const client = new FakeServer().connect();
  const requests = ["FOO", "LIST x", "INFO x", "ID x", "GETNAME x", "SETNAME", "SETNAME a b"];
  const more = ["SETINFO", "SETINFO LIB-NAME", "PAUSE", "PAUSE 1 2", "REPLY", "REPLY ON x"];
  for (const request of [...requests, ...more, "NO-EVICT", "NO-TOUCH on off"]) {
    assert.equal(client.send("CLIENT", ...request.split(" ")), USAGE, request);
  }
  assert.equal(client.send("CLIENT"), "-ERR wrong number of arguments for 'client' command");
});

test("a client has no name until it takes one, and can drop it", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("CLIENT", "GETNAME"), "nil$");
  assert.equal(client.send("CLIENT", "SETNAME", "!me~"), "+OK");
  assert.equal(client.send("client", "getname"), "$!me~");
  assert.equal(client.send("CLIENT", "SETNAME", ""), "+OK");
  assert.equal(client.send("CLIENT", "GETNAME"), "nil$");
});

test("names are printable and not endless", () => {
  const client = new FakeServer().connect();
  client.send("CLIENT", "SETNAME", "foo");
  for (const name of ["with space", "a\nb", "caf\xe9", "\x7f", "\0"]) {
    assert.equal(client.send("CLIENT", "SETNAME", name), BAD_NAME);
  }
  assert.equal(client.send("CLIENT", "SETNAME", "x".repeat(1024)), "+OK");
  const tooLong = "-ERR Client names cannot be longer than 1024 bytes";
  assert.equal(client.send("CLIENT", "SETNAME", "x".repeat(1025)), tooLong);
  assert.equal(client.send("CLIENT", "SETINFO", "LIB-VER", "x".repeat(1025)), tooLong);
  assert.equal(client.send("CLIENT", "GETNAME"), `$${"x".repeat(1024)}`);
});

test("a client tells what library it uses", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("CLIENT", "SETINFO", "lib-name", "ioredis(x)"), "+OK");
  assert.equal(client.send("CLIENT", "SETINFO", "LIB-VER", "6.0.0"), "+OK");
  assert.match(list(client)[0] ?? "", / lib-name=ioredis\(x\) lib-ver=6\.0\.0$/);
  assert.equal(
    client.send("CLIENT", "SETINFO", "lib-name", "a b"),
    "-ERR lib-name cannot contain spaces, newlines or special characters.",
  );
  assert.equal(
    client.send("CLIENT", "SETINFO", "LIB-VER", "\n"),
    "-ERR lib-ver cannot contain spaces, newlines or special characters.",
  );
  assert.equal(client.send("CLIENT", "SETINFO", "foo", "x"), "-ERR Unrecognized option 'foo'");
});

test("ids count up and are never used again", () => {
  const server = new FakeServer();
  const first = server.connect();
  assert.equal(first.send("CLIENT", "ID"), ":1");
  first.close();
  assert.equal(server.connect().send("CLIENT", "ID"), ":2");
});

test("NO-EVICT and NO-TOUCH are switches without effect", () => {
  const client = new FakeServer().connect();
  for (const form of ["NO-EVICT", "NO-TOUCH"]) {
    for (const word of ["on", "OFF"]) assert.equal(client.send("CLIENT", form, word), "+OK");
    assert.equal(client.send("CLIENT", form, "maybe"), "-ERR syntax error");
  }
});

test("the list has one line a connection, with the fields of the reference in its order", () => {
  const server = new FakeServer();
  const me = server.connect();
  const other = server.connect({ remoteAddress: "[::1]:4000" });
  me.send("CLIENT", "SETNAME", "me");
  server.advance(2500);
  me.send("PING");
  server.advance(1000);
  assert.deepEqual(list(me), [
    "id=1 addr=127.0.0.1:50001 fd=11 name=me age=3 idle=0 flags=N qbuf=0 qbuf-free=0 obl=0 oll=0 " +
      "omem=0 events=r cmd=client resp=2 lib-name= lib-ver=",
    "id=2 addr=[::1]:4000 fd=12 name= age=3 idle=3 flags=N qbuf=0 qbuf-free=0 obl=0 oll=0 " +
      "omem=0 events=r cmd=NULL resp=2 lib-name= lib-ver=",
  ]);
  assert.equal(other.send("CLIENT", "INFO"), `$${list(other)[1]}\n`);
});

test("flags tell who monitors, waits, or uses a unix socket", () => {
  const server = new FakeServer();
  server.connect().send("MONITOR");
  server.connect().send("GETJOB", "FROM", "q");
  const local = server.connect({ isUnixSocket: true, remoteAddress: "/tmp/caf\u00e9.sock:0" });
  const lines = list(local);
  assert.match(lines[0] ?? "", / flags=O .* cmd=monitor /);
  assert.match(lines[1] ?? "", / flags=b .* cmd=getjob /);
  assert.match(lines[2] ?? "", /^id=3 addr=\/tmp\/caf\xc3\xa9\.sock:0 .* flags=U .* cmd=client /);
});

test("who is about to be closed is listed until it has taken its last reply", () => {
  const server = new FakeServer();
  const leaving = server.connect();
  const watching = server.connect();
  leaving.isStuck = true;
  leaving.raw("QUIT\r\n");
  assert.match(list(watching)[0] ?? "", / flags=c .* cmd=quit /);
  leaving.isStuck = false;
  server.turn();
  assert.deepEqual(leaving.readAll(), ["+OK"]);
  assert.equal(list(watching).length, 1);
});

test("the list shows what waits to be run and what was not taken", () => {
  const server = new FakeServer();
  const blocked = server.connect();
  blocked.raw("GETJOB FROM q\r\nPING 123456\r\n");
  const stuck = server.connect();
  stuck.isStuck = true;
  stuck.raw("ECHO 1234567890\r\n");
  const lines = list(server.connect());
  assert.match(lines[0] ?? "", / qbuf=13 qbuf-free=[1-9]\d* /);
  assert.match(lines[1] ?? "", / oll=1 omem=17 events=rw /);
});

test("PAUSE holds everybody until its end, in order, and then everything runs", () => {
  const server = new FakeServer();
  const one = server.connect();
  const two = server.connect();
  assert.equal(one.send("CLIENT", "PAUSE", "1000"), "+OK");
  assert.equal(two.send("PING"), undefined);
  assert.deepEqual(one.raw("ADDJOB q a 0\r\nQLEN q\r\n"), []);
  server.advance(999);
  assert.equal(two.read(), undefined);
  server.advance(1);
  assert.equal(two.read(), "+PONG");
  assert.deepEqual(one.readAll().slice(1), [":1"]);
});

test("a pause is extended and never shortened", () => {
  const server = new FakeServer();
  const client = server.connect();
  assert.deepEqual(client.raw("CLIENT PAUSE 1000\r\nCLIENT PAUSE 0\r\nPING\r\n"), ["+OK"]);
  server.advance(1000);
  assert.deepEqual(client.readAll(), ["+OK", "+PONG"]);
});

test("a pause does not stop blocked clients from being served or timed out", () => {
  const server = new FakeServer();
  const waiting = server.connect();
  waiting.send("GETJOB", "TIMEOUT", "300", "FROM", "q");
  server.connect().send("CLIENT", "PAUSE", "1000");
  server.advance(300);
  assert.equal(waiting.read(), "nil*");
});

test("PAUSE wants milliseconds", () => {
  const client = new FakeServer().connect();
  const notAnInteger = "-ERR timeout is not an integer or out of range";
  assert.equal(client.send("CLIENT", "PAUSE", "x"), notAnInteger);
  assert.equal(client.send("CLIENT", "PAUSE", "-1"), "-ERR timeout is negative");
  assert.equal(client.send("CLIENT", "PAUSE", "0"), "+OK");
  assert.equal(client.send("PING"), "+PONG");
});
