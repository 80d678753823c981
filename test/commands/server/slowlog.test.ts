/**
 * SLOWLOG and LATENCY as commands.
 *
 * How long commands take is decided by the fake host, so the entries are exact.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer, type FakeServerOptions } from "../../support/fake-server.ts";

const SLOWLOG_USAGE = "-ERR Unknown SLOWLOG subcommand or wrong # of args. Try GET, RESET, LEN.";

function serverWith(settings: FakeServerOptions["settings"], microsPerCommand: number): FakeServer {
  const server = new FakeServer(settings === undefined ? {} : { settings });
  server.host.microsPerCommand = microsPerCommand;
  return server;
}

test("slow commands are kept, newest first, with what they cost", () => {
  const client = serverWith({}, 20_000).connect();
  client.send("PING", "a\xff");
  client.send("QLEN", "q");
  assert.deepEqual(client.send("SLOWLOG", "GET"), [
    [":1", ":1767225600", ":20000", ["$QLEN", "$q"]],
    [":0", ":1767225600", ":20000", ["$PING", "$a\xff"]],
  ]);
});

test("fast commands and refused ones are not kept", () => {
  const client = serverWith({}, 9999).connect();
  client.send("PING");
  assert.equal(client.send("SLOWLOG", "LEN"), ":0");
  const slow = serverWith({}, 20_000).connect();
  slow.send("NOSUCH");
  assert.equal(slow.send("SLOWLOG", "LEN"), ":0");
});

test("GET takes a number, a negative one means all", () => {
  const client = serverWith({ "slowlog-log-slower-than": 0 }, 5).connect();
  for (let i = 0; i < 15; i++) client.send("PING", i);
  const count = (...args: string[]) => {
    const reply = client.send("SLOWLOG", "GET", ...args);
    return Array.isArray(reply) ? reply.length : reply;
  };
  assert.equal(count("-1"), 15);
  assert.equal(count(), 10);
  assert.equal(count("0"), 0);
  assert.equal(count("3"), 3);
  assert.equal(count("1000"), 19);
});

test("RESET empties the log and ids go on", () => {
  const client = serverWith({}, 20_000).connect();
  client.send("PING");
  assert.equal(client.send("SLOWLOG", "RESET"), "+OK");
  assert.deepEqual(client.send("SLOWLOG", "GET"), [
    [":1", ":1767225600", ":20000", ["$SLOWLOG", "$RESET"]],
  ]);
});

test("other forms of SLOWLOG are errors", () => {
  const client = new FakeServer().connect();
  for (const form of ["FOO", "LEN x", "RESET x", "GET 1 2"]) {
    assert.equal(client.send("SLOWLOG", ...form.split(" ")), SLOWLOG_USAGE);
  }
  const notAnInteger = "-ERR value is not an integer or out of range";
  assert.equal(client.send("SLOWLOG", "GET", "x"), notAnInteger);
  assert.equal(client.send("SLOWLOG", "GET", ""), notAnInteger);
});

test("slow commands appear as events of LATENCY", () => {
  const server = serverWith({ "latency-monitor-threshold": 10 }, 25_000);
  const client = server.connect();
  client.send("PING");
  server.advance(2000);
  server.host.microsPerCommand = 15_000;
  client.send("PING");
  server.host.microsPerCommand = 1;
  assert.deepEqual(client.send("LATENCY", "HISTORY", "fast-command"), [
    [":1767225600", ":25"],
    [":1767225602", ":15"],
  ]);
  assert.deepEqual(client.send("LATENCY", "LATEST"), [
    ["$fast-command", ":1767225602", ":15", ":25"],
  ]);
  server.advance(3000);
  const graph = String(client.send("LATENCY", "GRAPH", "fast-command"));
  assert.ok(graph.startsWith("$fast-command - high 25 ms, low 15 ms (all time high 25 ms)\n"));
  assert.match(String(client.send("LATENCY", "DOCTOR")), /1\. fast-command: 2 slow seconds/);
});

test("RESET forgets the events named, or all", () => {
  const server = serverWith({ "latency-monitor-threshold": 10 }, 25_000);
  const client = server.connect();
  client.raw("PING\r\nQSCAN\r\n");
  server.host.microsPerCommand = 1;
  assert.equal(client.send("LATENCY", "RESET", "COMMAND", "nosuch"), ":1");
  assert.equal(client.send("LATENCY", "RESET"), ":1");
  assert.deepEqual(client.send("LATENCY", "LATEST"), []);
});

test("latencies are whole milliseconds, whatever the clock says", () => {
  const client = serverWith({ "latency-monitor-threshold": 1 }, 5700).connect();
  client.send("PING");
  assert.deepEqual(client.send("LATENCY", "HISTORY", "fast-command"), [[":1767225600", ":5"]]);
});

test("without events there is nothing to show", () => {
  const client = new FakeServer().connect();
  assert.deepEqual(client.send("LATENCY", "LATEST"), []);
  assert.deepEqual(client.send("LATENCY", "HISTORY", "command"), []);
  assert.equal(client.send("LATENCY", "RESET", "a", "b"), ":0");
  const none = "-ERR No samples available for event 'command'";
  assert.equal(client.send("LATENCY", "GRAPH", "command"), none);
  assert.match(String(client.send("LATENCY", "DOCTOR")), /latency monitor is off/);
});

test("other forms of LATENCY are errors", () => {
  const client = new FakeServer().connect();
  for (const form of ["FOO", "LATEST x", "HISTORY", "HISTORY a b", "GRAPH", "DOCTOR x"]) {
    assert.equal(client.send("LATENCY", ...form.split(" ")), "-ERR syntax error");
  }
});
