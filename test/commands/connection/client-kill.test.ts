/**
 * CLIENT KILL: exactly the connections that are meant.
 *
 * A filter read wrongly closes the wrong ones, so every test also looks at who is left.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";

test("an address closes the connection that has it", () => {
  const server = new FakeServer();
  const killer = server.connect();
  const victim = server.connect({ remoteAddress: "10.0.0.1:999" });
  assert.equal(killer.send("CLIENT", "KILL", "10.0.0.1:99"), "-ERR No such client");
  assert.equal(killer.send("CLIENT", "KILL", "10.0.0.1:999"), "+OK");
  assert.ok(victim.isClosed);
  assert.equal(killer.send("CLIENT", "KILL", "10.0.0.1:999"), "-ERR No such client");
});

test("a client may kill itself by its address and gets the answer first", () => {
  const server = new FakeServer();
  const client = server.connect();
  assert.equal(client.send("CLIENT", "KILL", client.remoteAddress), "+OK");
  assert.ok(client.isClosed);
});

test("a client that does not take its replies is closed at once, the caller only after its answer", () => {
  const server = new FakeServer();
  const killer = server.connect();
  const victim = server.connect();
  for (const client of [killer, victim]) client.isStuck = true;
  victim.send("PING");
  killer.send("CLIENT", "KILL", "SKIPME", "no");
  assert.ok(victim.isClosed);
  assert.ok(!killer.isClosed);
  killer.isStuck = false;
  server.turn();
  assert.equal(killer.read(), ":2");
  assert.ok(killer.isClosed);
});

test("with filters the caller is spared unless SKIPME says no", () => {
  const server = new FakeServer();
  const client = server.connect();
  const own = client.remoteAddress;
  assert.equal(client.send("CLIENT", "KILL", "ADDR", own), ":0");
  assert.equal(client.send("CLIENT", "KILL", "ADDR", own, "SKIPME", "yes"), ":0");
  assert.equal(client.send("CLIENT", "KILL", "addr", own, "skipme", "NO"), ":1");
  assert.ok(client.isClosed);
});

test("all filters must fit", () => {
  const server = new FakeServer();
  const killer = server.connect();
  const victim = server.connect({ remoteAddress: "10.0.0.1:1" });
  const id = String(victim.session.id);
  assert.equal(killer.send("CLIENT", "KILL", "ID", id, "ADDR", "1.2.3.4:5"), ":0");
  assert.equal(killer.send("CLIENT", "KILL", "ID", "77", "ADDR", "10.0.0.1:1"), ":0");
  assert.ok(!victim.isClosed);
  assert.equal(
    killer.send("CLIENT", "KILL", "ID", id, "TYPE", "Normal", "ADDR", "10.0.0.1:1"),
    ":1",
  );
  assert.ok(victim.isClosed);
});

test("without other filters everybody goes, and SKIPME decides about the caller", () => {
  const server = new FakeServer();
  const killer = server.connect();
  const others = [server.connect(), server.connect()];
  assert.equal(killer.send("CLIENT", "KILL", "TYPE", "normal"), ":2");
  assert.ok(others.every((client) => client.isClosed));
  server.connect();
  assert.equal(killer.send("CLIENT", "KILL", "SKIPME", "no"), ":2");
  assert.ok(killer.isClosed);
});

test("id 0 is nobody's, and a filter's name alone is no address", () => {
  const server = new FakeServer();
  const killer = server.connect();
  const other = server.connect();
  assert.equal(killer.send("CLIENT", "KILL", "ID", "0", "SKIPME", "yes"), ":0");
  for (const word of ["ID", "type", "ADDR", "SKIPME"]) {
    assert.equal(killer.send("CLIENT", "KILL", word), "-ERR syntax error");
  }
  assert.ok(!other.isClosed && !killer.isClosed);
});

test("bad filters are errors and nobody is closed", () => {
  const server = new FakeServer();
  const killer = server.connect();
  const other = server.connect();
  const cases: [args: string[], error: string][] = [
    [[], "-ERR syntax error"],
    [["ID", "x"], "-ERR value is not an integer or out of range"],
    [["ID", ""], "-ERR value is not an integer or out of range"],
    [["TYPE", "slave"], "-ERR Unknown client type 'slave'"],
    [["SKIPME", "maybe"], "-ERR syntax error"],
    [["FOO", "bar"], "-ERR syntax error"],
    [["ID", "2", "FOO"], "-ERR syntax error"],
    [["ID", "2", "ADDR"], "-ERR syntax error"],
    [["ID", "2", "FOO", "x"], "-ERR syntax error"],
  ];
  for (const [args, error] of cases) {
    assert.equal(killer.send("CLIENT", "KILL", ...args), error, args.join(" "));
  }
  assert.ok(!other.isClosed);
});

test("a blocked client that is killed leaves its queue", () => {
  const server = new FakeServer();
  const killer = server.connect();
  const victim = server.connect();
  victim.send("GETJOB", "FROM", "q");
  killer.send("CLIENT", "KILL", "ID", String(victim.session.id));
  killer.send("ADDJOB", "q", "b", "0");
  assert.equal(killer.send("QLEN", "q"), ":1");
});
