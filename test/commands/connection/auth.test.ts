/**
 * AUTH: who gets in, what is forgotten when not, and how guessing is slowed down.
 *
 * Time is virtual, so the waits are exact.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fullLimits, unauthenticatedLimits } from "../../../src/protocol/request.ts";
import type { FakeClient } from "../../support/fake-client.ts";
import { FakeServer } from "../../support/fake-server.ts";

const NOAUTH = "-NOAUTH Authentication required.";
const INVALID = "-ERR invalid password";
const WRONGPASS = "-WRONGPASS invalid username-password pair or user is disabled.";

function lockedServer(password = "secret"): FakeServer {
  return new FakeServer({ settings: { requirepass: password } });
}

test("without a password set, AUTH is an error that says so", () => {
  const client = new FakeServer().connect();
  const wanted = "-ERR Client sent AUTH, but no password is set";
  assert.equal(client.send("AUTH", "x"), wanted);
  assert.equal(client.send("AUTH", "default", "x"), wanted);
  assert.equal(client.send("AUTH", "bob", "x"), WRONGPASS);
});

test("AUTH takes one or two arguments", () => {
  const client = lockedServer().connect();
  const wanted = "-ERR wrong number of arguments for 'auth' command";
  assert.equal(client.send("AUTH"), wanted);
  assert.equal(client.send("AUTH", "a", "b", "c"), wanted);
});

test("the right password opens everything, also under the name default", () => {
  for (const args of [["secret"], ["default", "secret"]]) {
    const client = lockedServer().connect();
    assert.equal(client.send("PING"), NOAUTH);
    assert.equal(client.send("AUTH", ...args), "+OK");
    assert.equal(client.send("PING"), "+PONG");
  }
});

test("passwords are compared as a whole, NUL bytes and case included", () => {
  for (const wrong of ["secret", "SECRET\xff", "secret\xff\0junk", ""]) {
    assert.equal(lockedServer("secret\xff").connect().send("AUTH", wrong), INVALID);
  }
  assert.equal(lockedServer("s\0t").connect().send("AUTH", "s\0t"), "+OK");
});

test("a wrong password ends an earlier login", () => {
  const client = lockedServer().connect();
  assert.equal(client.send("AUTH", "secret"), "+OK");
  assert.equal(client.send("AUTH", "wrong"), INVALID);
  assert.equal(client.send("PING"), NOAUTH);
});

test("other users do not exist", () => {
  const server = lockedServer();
  const client = server.connect();
  client.send("AUTH", "secret");
  assert.equal(client.send("AUTH", "bob", "secret"), WRONGPASS);
  assert.equal(client.send("PING"), NOAUTH);
  assert.equal(client.send("AUTH", "DEFAULT", "secret"), WRONGPASS);
  assert.equal(server.state.stats.failedLogins, 2);
});

test("the limits of the reader are narrow until the login and again after a failed one", () => {
  const client = lockedServer().connect();
  assert.deepEqual({ ...client.session.limits }, unauthenticatedLimits());
  client.send("AUTH", "secret");
  assert.deepEqual({ ...client.session.limits }, fullLimits());
  client.send("AUTH", "wrong");
  assert.deepEqual({ ...client.session.limits }, unauthenticatedLimits());
});

/** A connection that tried three passwords just now: the next wrong one costs 200 ms. */
function guesserOf(server: FakeServer, remoteAddress: string): FakeClient {
  const guesser = server.connect({ remoteAddress });
  for (let i = 0; i < 3; i++) assert.equal(guesser.send("AUTH", `guess ${i}`), INVALID);
  return guesser;
}

test("after some wrong passwords the next one waits, with those of the same address", () => {
  const server = lockedServer();
  const guesser = guesserOf(server, "10.0.0.9:1");
  assert.equal(guesser.send("AUTH", "guess"), undefined);
  const neighbour = server.connect({ remoteAddress: "10.0.0.9:2" });
  assert.equal(neighbour.send("AUTH", "another guess"), undefined);
  assert.equal(server.connect({ remoteAddress: "10.0.0.8:1" }).send("AUTH", "secret"), "+OK");

  server.advance(99);
  assert.equal(neighbour.read(), undefined);
  server.advance(1);
  assert.equal(neighbour.read(), INVALID, "who has not failed on its connection comes first");
  server.advance(50);
  assert.equal(guesser.read(), undefined, "one guess a time, however many connections");
  server.advance(200);
  assert.equal(guesser.read(), INVALID);
});

test("while an address waits, a right password is answered no sooner than a wrong one", () => {
  for (const [password, reply] of [
    ["secret", "+OK"],
    ["wrong", INVALID],
  ]) {
    const server = lockedServer();
    guesserOf(server, "10.0.0.9:1");
    const client = server.connect({ remoteAddress: "10.0.0.9:2" });
    assert.equal(client.send("AUTH", password ?? ""), undefined);
    server.advance(99);
    assert.equal(client.read(), undefined);
    server.advance(1);
    assert.equal(client.read(), reply);
  }
});

test("a hundred connections that go on guessing delay a right password by a second at most", () => {
  const server = lockedServer();
  const guessers = Array.from({ length: 100 }, (_, i) =>
    server.connect({ remoteAddress: `10.0.0.9:${i}` }),
  );
  // Enough guesses each for all the time that passes here.
  for (const [i, guesser] of guessers.entries()) {
    guesser.raw(Array.from({ length: 50 }, (_, k) => `AUTH guess-${i}-${k}\r\n`).join(""));
  }
  server.advance(150_000);
  for (let i = 0; i < 20; i++) {
    const client = server.connect({ remoteAddress: `10.0.0.9:${1000 + i}` });
    client.send("AUTH", "secret");
    server.advance(1000);
    assert.equal(client.session.isAuthenticated, true);
    server.advance(37);
  }
  const guesses = guessers.flatMap((guesser) => guesser.readAll()).length;
  assert.ok(guesses > 100 && guesses < 180, `${guesses} guesses in 170 s`);
});

test("clients that go on with a password of yesterday delay nobody", () => {
  const server = lockedServer();
  const stale = server.connect({ remoteAddress: "10.0.0.9:1" });
  const client = server.connect({ remoteAddress: "10.0.0.9:2" });
  for (let i = 0; i < 100; i++) {
    assert.equal(stale.send("AUTH", "yesterday"), INVALID);
    assert.equal(stale.send("HELLO", "3", "AUTH", "app", "yesterday"), WRONGPASS);
  }
  assert.equal(client.send("AUTH", "secret"), "+OK");
  assert.equal(server.state.stats.failedLogins, 200);
});

test("successes of neighbours do not help who guesses", () => {
  const server = lockedServer();
  const guesser = guesserOf(server, "10.0.0.9:1");
  server.advance(1000);
  assert.equal(server.connect({ remoteAddress: "10.0.0.9:2" }).send("AUTH", "secret"), "+OK");
  assert.equal(guesser.send("AUTH", "guess"), INVALID);
  assert.equal(guesser.send("AUTH", "next guess"), undefined);
});

test("who is logged in may log in again whatever its neighbours do", () => {
  const server = lockedServer();
  const client = server.connect({ remoteAddress: "10.0.0.9:2" });
  assert.equal(client.send("AUTH", "secret"), "+OK");
  guesserOf(server, "10.0.0.9:1");
  assert.equal(client.send("AUTH", "secret"), "+OK");
});

test("what comes behind a waiting login waits as well and keeps its order", () => {
  const server = lockedServer();
  guesserOf(server, "10.0.0.9:1");
  const client = server.connect({ remoteAddress: "10.0.0.9:2" });
  assert.deepEqual(client.raw("AUTH secret\r\nPING\r\nECHO x\r\n"), []);
  server.advance(100);
  assert.deepEqual(client.readAll(), ["+OK", "+PONG", "$x"]);
});

test("unix sockets share one record", () => {
  const server = lockedServer();
  const one = server.connect({ isUnixSocket: true, remoteAddress: "/tmp/s:0" });
  for (let i = 0; i < 3; i++) one.send("AUTH", `guess ${i}`);
  const other = server.connect({ isUnixSocket: true, remoteAddress: "/tmp/s:0" });
  assert.equal(other.send("AUTH", "secret"), undefined);
  server.advance(100);
  assert.equal(other.read(), "+OK");
});

test("passwords show up neither in MONITOR nor in the slow log", () => {
  const server = new FakeServer({
    settings: { requirepass: "secret", "slowlog-log-slower-than": 0 },
  });
  const monitor = server.connect();
  monitor.send("AUTH", "secret");
  monitor.send("MONITOR");
  const client = server.connect();
  client.send("AUTH", "secret");
  client.send("HELLO", "2", "AUTH", "default", "secret");
  client.send("CONFIG", "SET", "requirepass", "secret2");
  const seen = JSON.stringify([monitor.readAll(), client.send("SLOWLOG", "GET", "-1")]);
  assert.ok(seen.includes("(redacted)"));
  assert.ok(!seen.includes("secret"), seen);
});
