/** ADDJOB's checks: which texts, in which order, and that a refused job leaves no trace. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Arg } from "../../support/fake-client.ts";
import { FakeServer } from "../../support/fake-server.ts";
import { addJob, digest } from "./steps.ts";

const SYNTAX = "-ERR syntax error";
const REPLICATE = "-ERR REPLICATE must be between 1 and 65535";
const TTL = "-ERR TTL must be a number > 0";
const RETRY = "-ERR RETRY time must be a non negative number";
const DELAY = "-ERR DELAY time must be a non negative number";
const MAXLEN = "-ERR MAXLEN must be a positive number";
const RANGE = "-ERR value is not an integer or out of range";
const TIMEOUT = "-ERR timeout is not an integer or out of range";
const NEGATIVE = "-ERR timeout is negative";
const ONCE =
  "-ERR With RETRY set to 0 please explicitly set  REPLICATE to 1 (at-most-once delivery)";
const BEYOND =
  "-ERR The specified DELAY is greater than TTL. Job refused since would never be delivered";
const NOREPL = "-NOREPL Not enough reachable nodes for the requested replication level";
const LEAVING =
  `${NOREPL}, since I'm unable to hold a copy of the message for the following reason: ` +
  "I'm leaving the cluster";
const TOO_LONG = "-MAXLEN Queue is already longer than the specified MAXLEN count";
const PAUSED = "-PAUSED Queue paused in input, try later";
const OOM = "-OOM command not allowed when used memory > 'maxmemory'.";

test("a bad value of an option is answered with that option's own text", () => {
  const client = new FakeServer().connect();
  const expected: [text: string, option: string, ...values: string[]][] = [
    [REPLICATE, "REPLICATE", "0", "-1", "65536", "x", "", "1 ", "99999999999999999999"],
    [TTL, "TTL", "0", "-1", "x", "", " 5", "5.5", "1e3"],
    [RETRY, "RETRY", "-1", "x", "", "+", "--1"],
    [DELAY, "DELAY", "-1", "x", "", "-"],
    [MAXLEN, "MAXLEN", "0", "-1", "x", ""],
    [SYNTAX, "FOO", "1"],
  ];
  for (const [text, option, ...values] of expected) {
    for (const value of values) {
      assert.equal(client.send("ADDJOB", "q", "b", 0, option, value), text, `${option} "${value}"`);
    }
  }
});

test("times above 4294967295 seconds are out of range, and that many seconds are not", () => {
  const client = new FakeServer().connect();
  for (const option of ["TTL", "RETRY", "DELAY"]) {
    for (const seconds of ["4294967296", "4294967396", "9007199254740991"]) {
      assert.equal(client.send("ADDJOB", "q", "b", 0, option, seconds), RANGE);
    }
  }
  addJob(client, "q", "b", "TTL", 4294967295, "RETRY", 4294967295, "DELAY", 4294967294);
});

test("an option without its value and a word that is no option are syntax errors", () => {
  const client = new FakeServer().connect();
  for (const option of ["TTL", "REPLICATE", "RETRY", "DELAY", "MAXLEN", "FOO", ""]) {
    assert.equal(client.send("ADDJOB", "q", "b", 0, option), SYNTAX, option);
  }
  assert.equal(client.send("ADDJOB", "q", "b", 0, "ASYNC", "0"), SYNTAX);
  assert.equal(client.send("ADDJOB", "q", "b", 0, "RETRY", 5, "TTL"), SYNTAX);
});

test("the timeout is a number of milliseconds that is not negative", () => {
  const client = new FakeServer().connect();
  for (const timeout of ["abc", "1.5", " 1", "", "99999999999999999999"]) {
    assert.equal(client.send("ADDJOB", "q", "b", timeout), TIMEOUT, timeout);
  }
  assert.equal(client.send("ADDJOB", "q", "b", "-1"), NEGATIVE);
  for (const timeout of ["+5", "0005", "-0", "100"]) {
    assert.match(String(client.send("ADDJOB", "q", "b", timeout)), /^\+D-/, timeout);
  }
});

/** Requests with two faults each; the first fault in the order of the checks is named. */
const twoFaults: [expected: string, ...args: Arg[]][] = [
  [TTL, "q", "b", 0, "TTL", 0, "RETRY", -1],
  [RETRY, "q", "b", 0, "RETRY", -1, "TTL", 0],
  [SYNTAX, "q", "b", 0, "FOO", "TTL", 0],
  [TTL, "q", "b", 0, "TTL", 0, "FOO"],
  [TTL, "q", "b", "x", "TTL", 0],
  [SYNTAX, "q", "b", -1, "FOO"],
  [TIMEOUT, "q", "b", "x", "RETRY", 0, "REPLICATE", 2],
  [NEGATIVE, "q", "b", -1, "DELAY", 5, "TTL", 5],
  [ONCE, "q", "b", 0, "RETRY", 0, "REPLICATE", 2, "DELAY", 5, "TTL", 5],
  [BEYOND, "q", "b", 0, "DELAY", 5, "TTL", 5, "REPLICATE", 2],
  [NOREPL, "full", "b", 0, "REPLICATE", 2, "MAXLEN", 1],
  [NOREPL, "shut", "b", 0, "REPLICATE", 2],
  [TOO_LONG, "full and shut", "b", 0, "MAXLEN", 1],
];

test("of several faults the first in the order of the checks is answered", () => {
  const client = new FakeServer().connect();
  for (const queue of ["full", "full and shut"]) addJob(client, queue, "b");
  for (const queue of ["shut", "full and shut"]) client.send("PAUSE", queue, "in");
  for (const [expected, ...args] of twoFaults) {
    assert.equal(client.send("ADDJOB", ...args), expected, args.join(" "));
  }
});

test("a job that may be delivered once is refused when more than one copy is asked for", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("ADDJOB", "q", "b", 0, "RETRY", 0, "REPLICATE", 2), ONCE);
  addJob(client, "q", "b", "RETRY", 0, "REPLICATE", 1);
  addJob(client, "q", "b", "RETRY", 0);
});

test("a delay that is as long as the life of the job is refused", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("ADDJOB", "q", "b", 0, "DELAY", 6, "TTL", 5), BEYOND);
  assert.equal(client.send("ADDJOB", "q", "b", 0, "DELAY", 5, "TTL", 5), BEYOND);
  assert.equal(client.send("ADDJOB", "q", "b", 0, "DELAY", 86_400), BEYOND);
  addJob(client, "q", "b", "DELAY", 4, "TTL", 5);
});

test("one node keeps no second copy, waiting or not", () => {
  const client = new FakeServer().connect();
  for (const options of [
    ["REPLICATE", 2],
    ["REPLICATE", 2, "ASYNC"],
    ["REPLICATE", 65_535],
  ]) {
    assert.equal(client.send("ADDJOB", "q", "b", 0, ...options), NOREPL);
  }
  addJob(client, "q", "b", "REPLICATE", 1);
});

test("a node that is leaving takes no jobs, and says why when it alone is the reason", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("CLUSTER", "LEAVING", "yes");
  assert.equal(client.send("ADDJOB", "q", "b", 0), LEAVING);
  assert.equal(client.send("ADDJOB", "q", "b", 0, "ASYNC"), LEAVING);
  assert.equal(client.send("ADDJOB", "q", "b", 0, "REPLICATE", 2), NOREPL);
  client.send("CLUSTER", "LEAVING", "no");
  addJob(client, "q", "b");
});

test("MAXLEN counts what is queued here, not what is delayed, delivered or held back", () => {
  const client = new FakeServer().connect();
  addJob(client, "q", "delayed", "DELAY", 60);
  addJob(client, "q", "1", "MAXLEN", 1);
  assert.equal(client.send("ADDJOB", "q", "2", 0, "MAXLEN", 1), TOO_LONG);
  assert.equal(client.send("ADDJOB", "q", "2", 0, "MAXLEN", 1, "ASYNC"), TOO_LONG);
  addJob(client, "q", "2", "MAXLEN", 2);
  client.send("GETJOB", "COUNT", 2, "FROM", "q");
  addJob(client, "q", "3", "MAXLEN", 1);
  assert.equal(client.send("QLEN", "q"), ":1");
});

test("a queue paused in input refuses jobs, one paused in output takes them", () => {
  const client = new FakeServer().connect();
  const expected = { in: PAUSED, all: PAUSED, out: "+D-", none: "+D-" };
  for (const [state, start] of Object.entries(expected)) {
    client.send("PAUSE", "q", state);
    for (const options of [[], ["ASYNC"], ["DELAY", 5]]) {
      const reply = client.send("ADDJOB", "q", "b", 0, ...options);
      assert.ok(String(reply).startsWith(start), `${state}: ${reply}`);
    }
  }
});

test("bodies and names have limits, which are looked at after the options", () => {
  const settings = { "max-job-size": 10, "max-queue-name": 3 };
  const client = new FakeServer({ settings }).connect();
  const bodyTooLarge = "-ERR Job body is larger than max-job-size";
  const nameTooLong = "-ERR Queue name is longer than max-queue-name";
  addJob(client, "abc", "0123456789");
  assert.equal(client.send("ADDJOB", "abc", "0123456789x", 0), bodyTooLarge);
  assert.equal(client.send("ADDJOB", "abcd", "b", 0), nameTooLong);
  assert.equal(client.send("ADDJOB", "abcd", "0123456789x", 0), bodyTooLarge);
  assert.equal(client.send("ADDJOB", "abcd", "b", 0, "TTL", 0), TTL);
  assert.equal(client.send("ADDJOB", "abcd", "b", 0, "REPLICATE", 2), nameTooLong);
});

test("when memory is used up ADDJOB says so before it looks at anything else", () => {
  const server = new FakeServer({ settings: { maxmemory: 100_000 } });
  const client = server.connect();
  let reply = client.send("ADDJOB", "q", "x".repeat(1000), 0);
  for (let i = 0; i < 100 && reply !== OOM; i++) {
    assert.match(String(reply), /^\+D-/);
    reply = client.send("ADDJOB", "q", "x".repeat(1000), 0);
  }
  assert.equal(reply, OOM);
  assert.equal(client.send("ADDJOB", "q", "b", "x", "FOO"), OOM);
  assert.equal(client.send("ADDJOB", "q"), "-ERR wrong number of arguments for 'addjob' command");
  client.send("GETJOB", "COUNT", 3, "FROM", "q");
  assert.equal(client.send("ADDJOB", "q", "b", 0), OOM, "delivered jobs are still kept");
  client.send("DEBUG", "FLUSHALL");
  addJob(client, "q", "b");
});

test("a refused job changes nothing", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "full", "b");
  client.send("PAUSE", "shut", "in");
  const before = digest(server);
  const refused: Arg[][] = [
    ...twoFaults.filter(([, queue]) => queue !== "full and shut").map(([, ...args]) => args),
    ["shut", "b", 0],
    ["full", "b", 0, "MAXLEN", 1],
    ["new", "b", "x"],
    ["new", "b", 0, "REPLICATE", 3],
  ];
  for (const args of refused) {
    assert.match(String(client.send("ADDJOB", ...args)), /^-/);
    assert.deepEqual(digest(server), before, args.join(" "));
  }
  assert.equal(client.send("QSTAT", "new"), "nil*");
});
