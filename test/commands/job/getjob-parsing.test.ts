/** GETJOB's arguments: options before FROM, queue names behind it, and the texts for what is wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Arg } from "../../support/fake-client.ts";
import { FakeServer } from "../../support/fake-server.ts";
import { addJob, bodiesOf, digest } from "./steps.ts";

const SYNTAX = "-ERR syntax error";
const COUNT = "-ERR COUNT must be a number greater than zero";
const TIMEOUT = "-ERR timeout is not an integer or out of range";
const NEGATIVE = "-ERR timeout is negative";

const wrong: [expected: string, ...args: Arg[]][] = [
  [SYNTAX, "FROM"],
  [SYNTAX, "q"],
  [SYNTAX, "q", "FROM"],
  [SYNTAX, "NOHANG"],
  [SYNTAX, "NOHANG", "q"],
  [SYNTAX, "NOHANG", "FROM"],
  [SYNTAX, "COUNT"],
  [SYNTAX, "COUNT", 1],
  [SYNTAX, "COUNT", 1, "FROM"],
  [SYNTAX, "NOHANG", "TIMEOUT"],
  [SYNTAX, "WITHCOUNTERS", "BADOPT", "FROM", "q"],
  [SYNTAX, "", "FROM", "q"],
  [COUNT, "COUNT", 0, "FROM", "q"],
  [COUNT, "COUNT", -1, "FROM", "q"],
  [COUNT, "COUNT", "x", "FROM", "q"],
  [COUNT, "COUNT", "", "FROM", "q"],
  [COUNT, "COUNT", "FROM", "q"],
  [TIMEOUT, "TIMEOUT", "x", "FROM", "q"],
  [TIMEOUT, "TIMEOUT", "", "FROM", "q"],
  [TIMEOUT, "TIMEOUT", "1.5", "FROM", "q"],
  [TIMEOUT, "TIMEOUT", "99999999999999999999", "FROM", "q"],
  [TIMEOUT, "TIMEOUT", "FROM", "q"],
  [NEGATIVE, "TIMEOUT", -1, "FROM", "q"],
];

test("what is wrong with the arguments is answered, and no queue is made", () => {
  const server = new FakeServer();
  const client = server.connect();
  const before = digest(server);
  for (const [expected, ...args] of wrong) {
    assert.equal(client.send("GETJOB", ...args), expected, args.join(" "));
  }
  assert.deepEqual(digest(server), before);
});

test("of several faults the leftmost is answered", () => {
  const client = new FakeServer().connect();
  const expected: [expected: string, ...args: Arg[]][] = [
    [COUNT, "COUNT", 0, "TIMEOUT", "x", "FROM", "q"],
    [TIMEOUT, "TIMEOUT", "x", "COUNT", 0, "FROM", "q"],
    [NEGATIVE, "TIMEOUT", -1, "BADOPT", "FROM", "q"],
    [TIMEOUT, "TIMEOUT", "x", "TIMEOUT", 5, "FROM", "q"],
    [COUNT, "COUNT", 0],
    [SYNTAX, "BADOPT", "COUNT", 0, "FROM", "q"],
  ];
  for (const [text, ...args] of expected) {
    assert.equal(client.send("GETJOB", ...args), text, args.join(" "));
  }
});

test("options ignore case, come in any order and count with their last value", () => {
  const client = new FakeServer().connect();
  for (const body of ["1", "2", "3", "4"]) addJob(client, "q", body);
  const two = client.send("getjob", "withCounters", "Count", 9, "nohang", "COUNT", 2, "from", "q");
  assert.deepEqual(bodiesOf(two), ["1", "2"]);
  assert.deepEqual(bodiesOf(client.send("GETJOB", "FROM", "q")), ["3"]);
});

test("everything behind FROM is a queue name", () => {
  const client = new FakeServer().connect();
  addJob(client, "COUNT", "b");
  assert.equal(client.send("GETJOB", "NOHANG", "FROM", "from"), "nil*");
  const reply = client.send("GETJOB", "NOHANG", "FROM", "nohang", "COUNT", "3", "TIMEOUT");
  assert.deepEqual(bodiesOf(reply), ["b"]);
  assert.notEqual(client.send("QSTAT", "3"), "nil*");
});

test("a queue name longer than the limit is refused, wherever it stands", () => {
  const server = new FakeServer({ settings: { "max-queue-name": 3 } });
  const client = server.connect();
  addJob(client, "abc", "b");
  const text = "-ERR Queue name is longer than max-queue-name";
  assert.equal(client.send("GETJOB", "NOHANG", "FROM", "abcd"), text);
  assert.equal(client.send("GETJOB", "FROM", "abc", "abcd"), text);
  assert.equal(client.send("GETJOB", "COUNT", 0, "FROM", "abcd"), COUNT);
  assert.deepEqual(bodiesOf(client.send("GETJOB", "FROM", "abc")), ["b"]);
});

test("an absurdly long timeout is waited for", () => {
  const server = new FakeServer();
  const client = server.connect();
  assert.equal(client.send("GETJOB", "TIMEOUT", Number.MAX_SAFE_INTEGER, "FROM", "q"), undefined);
  server.advance(1e12);
  assert.equal(client.read(), undefined);
  addJob(server.connect(), "q", "b");
  assert.deepEqual(bodiesOf(client.read()), ["b"]);
});
