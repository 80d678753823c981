/**
 * HELLO: Disque's list of nodes, and the greeting of today's Redis clients.
 *
 * Clients of the one insist on types, those of the other on names; both are compared exactly.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeClientOptions } from "../../support/fake-client.ts";
import { FakeServer, type FakeServerOptions } from "../../support/fake-server.ts";
import type { WireReply } from "../../support/wire-replies.ts";

const SECRET = { settings: { requirepass: "secret" } };
const NOAUTH = "-NOAUTH Authentication required.";
const WRONGPASS = "-WRONGPASS invalid username-password pair or user is disabled.";

/** Address, port and priority that bare HELLO gives for the own node. */
function ownEntry(server: FakeServerOptions, client: FakeClientOptions): WireReply[] {
  const reply = new FakeServer(server).connect(client).send("HELLO");
  assert.ok(Array.isArray(reply));
  const entry = reply[2];
  assert.ok(Array.isArray(entry));
  return entry.slice(1);
}

function greeting(proto: number, id: number): [string, WireReply][] {
  return [
    ["$server", "$redis"],
    ["$version", "$7.2.0"],
    ["$proto", `:${proto}`],
    ["$id", `:${id}`],
    ["$mode", "$standalone"],
    ["$role", "$master"],
    ["$modules", []],
  ];
}

test("bare HELLO gives the format, the own id, and the own node with text in every field", () => {
  const server = new FakeServer();
  const id = `$${server.state.broker.nodeId}`;
  assert.deepEqual(server.connect().send("HELLO"), [":1", id, [id, "$127.0.0.1", "$7711", "$1"]]);
});

test("bare HELLO is the same list on a RESP3 connection", () => {
  const client = new FakeServer().connect();
  client.send("HELLO", "3");
  const reply = client.send("HELLO");
  assert.ok(Array.isArray(reply));
  assert.equal(reply.length, 3);
});

test("the own address is the announced one, or the one the client has reached", () => {
  const reached = { localIp: "192.168.1.2", localPort: 7712 };
  assert.deepEqual(ownEntry({}, reached), ["$192.168.1.2", "$7712", "$1"]);
  const announced = { settings: { "announce-ip": "broker.example", "announce-port": 80 } };
  assert.deepEqual(ownEntry(announced, reached), ["$broker.example", "$80", "$1"]);
  assert.deepEqual(ownEntry({ tcpPort: 7799 }, { isUnixSocket: true }), [
    "$127.0.0.1",
    "$7799",
    "$1",
  ]);
});

test("a leaving node has priority 100", () => {
  const client = new FakeServer().connect();
  client.send("CLUSTER", "LEAVING", "yes");
  const reply = client.send("HELLO");
  assert.deepEqual(Array.isArray(reply) && Array.isArray(reply[2]) && reply[2][3], "$100");
});

test("HELLO 3 answers a map and turns nulls into those of RESP3", () => {
  const client = new FakeServer().connect();
  const reply = client.send("HELLO", "3");
  assert.ok(reply instanceof Map);
  assert.deepEqual([...reply], greeting(3, client.session.id));
  assert.equal(client.send("CLIENT", "GETNAME"), "nil_");
  assert.equal(client.send("GETJOB", "NOHANG", "FROM", "q"), "nil_");
});

test("HELLO 2 answers the same as a flat list, and leads back to RESP2", () => {
  const client = new FakeServer().connect();
  client.send("HELLO", "3");
  assert.deepEqual(client.send("HELLO", "2"), greeting(2, client.session.id).flat());
  assert.equal(client.send("CLIENT", "GETNAME"), "nil$");
});

test("other versions are refused, and nothing changes", () => {
  const client = new FakeServer().connect();
  for (const version of ["1", "4", "0", "-3"]) {
    assert.equal(client.send("HELLO", version), "-NOPROTO unsupported protocol version");
  }
  for (const version of ["x", "", "3.0"]) {
    const wanted = "-ERR Protocol version is not an integer or out of range";
    assert.equal(client.send("HELLO", version), wanted);
  }
  assert.match(String(client.send("HELLO", "3", "SETNAME", "a b")), /^-ERR Client names cannot/);
  assert.equal(client.send("CLIENT", "GETNAME"), "nil$");
});

test("HELLO sets the client's name", () => {
  const client = new FakeServer().connect();
  assert.ok(client.send("HELLO", "3", "setname", "worker-1") instanceof Map);
  assert.equal(client.send("CLIENT", "GETNAME"), "$worker-1");
});

test("an option that is unknown or incomplete is named", () => {
  const client = new FakeServer().connect();
  const cases: [args: string[], option: string][] = [
    [["FOO"], "FOO"],
    [["SETNAME"], "SETNAME"],
    [["AUTH", "default"], "AUTH"],
    [["SETNAME", "x", "AUTH", "y"], "AUTH"],
  ];
  for (const [args, option] of cases) {
    const wanted = `-ERR Syntax error in HELLO option '${option}'`;
    assert.equal(client.send("HELLO", "3", ...args), wanted);
  }
  assert.equal(client.send("CLIENT", "GETNAME"), "nil$");
});

test("HELLO logs in", () => {
  const client = new FakeServer(SECRET).connect();
  const reply = client.send("HELLO", "3", "AUTH", "default", "secret", "SETNAME", "me");
  assert.ok(reply instanceof Map);
  assert.equal(client.send("CLIENT", "GETNAME"), "$me");
});

test("without a login only a HELLO that brings one is looked at", () => {
  const client = new FakeServer(SECRET).connect();
  assert.equal(client.send("HELLO"), NOAUTH);
  assert.equal(client.send("HELLO", "3"), NOAUTH);
  assert.equal(client.send("HELLO", "3", "SETNAME", "x"), NOAUTH);
  assert.equal(client.send("HELLO", "3", "SETNAME", "x", "SETNAME", "y"), NOAUTH);
  assert.equal(client.send("PING"), NOAUTH);
});

test("a wrong user or password is WRONGPASS and ends an earlier login", () => {
  const server = new FakeServer(SECRET);
  for (const [user, password] of [
    ["default", "wrong"],
    ["bob", "secret"],
  ] as const) {
    const client = server.connect();
    client.send("AUTH", "secret");
    assert.equal(client.send("HELLO", "3", "AUTH", user, password), WRONGPASS);
    assert.equal(client.send("PING"), NOAUTH);
  }
  assert.equal(server.state.stats.failedLogins, 2);
});

test("without a password set the default user may log in with any, as in Redis", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("HELLO", "3", "AUTH", "bob", "whatever"), WRONGPASS);
  assert.ok(client.send("HELLO", "3", "AUTH", "default", "whatever") instanceof Map);
});

test("guessing through HELLO is slowed down as with AUTH", () => {
  const server = new FakeServer(SECRET);
  const guesser = server.connect();
  for (let i = 0; i < 3; i++) guesser.send("HELLO", "3", "AUTH", "default", `guess ${i}`);
  const client = server.connect();
  assert.equal(client.send("HELLO", "3", "AUTH", "default", "secret"), undefined);
  server.advance(100);
  assert.ok(client.read() instanceof Map);
});
