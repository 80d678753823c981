/** From a request to a handler: the gates in their order, what is counted, and what is put off. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Arg } from "../support/fake-client.ts";
import { FakeServer } from "../support/fake-server.ts";
import { addAndTake, addJob, bodiesOf, stateOf } from "./job/steps.ts";

const NOAUTH = "-NOAUTH Authentication required.";
const OOM = "-OOM command not allowed when used memory > 'maxmemory'.";
const ARITY = "-ERR wrong number of arguments for 'addjob' command";

test("an unknown command is named as it was sent, in one line, and not at any length", () => {
  const client = new FakeServer().connect();
  const expected: [sent: string, shown: string][] = [
    ["NoSuch", "NoSuch"],
    ["", ""],
    ["a\r\nb", "a  b"],
    ["a\x00b\x1b[0m", "a\\x00b\\x1b[0m"],
    ["\xff", "\xff"],
    ["x".repeat(128), "x".repeat(128)],
    ["y".repeat(1_000_000), "y".repeat(128)],
  ];
  for (const [sent, shown] of expected) {
    assert.equal(client.send(sent, "argument"), `-ERR unknown command '${shown}'`);
  }
});

test("a wrong number of arguments is told with the command's own name in lower case", () => {
  assert.equal(new FakeServer().connect().send("ADDJOB", "q"), ARITY);
  const renames = [{ from: "addjob", to: "produce" }];
  const client = new FakeServer({ renames }).connect();
  assert.equal(client.send("PRODUCE", "q", "b"), ARITY);
  assert.match(String(client.send("produce", "q", "b", 0)), /^\+D-/);
  assert.equal(client.send("ADDJOB", "q"), "-ERR unknown command 'ADDJOB'");
});

test("before the password is given nothing is told but that it is missing", () => {
  const server = new FakeServer({ settings: { requirepass: "secret" } });
  const client = server.connect();
  const requests: Arg[][] = [
    ["NOSUCH"],
    ["ADDJOB"],
    ["PING"],
    ["HELLO"],
    ["HELLO", 3],
    ["HELLO", 3, "SETNAME", "a"],
    ["HELLO", 3, "SETNAME", "a", "SETNAME", "b"],
    ["ADDJOB", "q", "b", 0],
    ["RESET"],
  ];
  for (const request of requests) assert.equal(client.send(...request), NOAUTH, request.join(" "));
  assert.equal(client.session.name, "");
  assert.equal(client.send("AUTH", "secret"), "+OK");
  assert.equal(client.send("PING"), "+PONG");
  const other = server.connect();
  assert.ok(Array.isArray(other.send("HELLO", 2, "AUTH", "default", "secret")));
  const leaving = server.connect();
  assert.equal(leaving.send("QUIT"), "+OK");
  assert.equal(leaving.isClosed, true);
});

test("the password comes before the number of arguments, that before memory, memory before the rest", () => {
  const server = new FakeServer({ settings: { requirepass: "secret", maxmemory: 1 } });
  const client = server.connect();
  assert.equal(client.send("ADDJOB", "q"), NOAUTH);
  client.send("AUTH", "secret");
  assert.equal(client.send("ADDJOB", "q"), ARITY);
  assert.equal(client.send("ADDJOB", "q", "b", "no number"), OOM);
  assert.equal(client.send("NACK", "bad id"), OOM);
  assert.equal(client.send("ACKJOB", "bad id"), "-BADID Invalid Job ID format.");
  for (const request of ["PING", "GETJOB NOHANG FROM q", "PAUSE q in", "QLEN q", "INFO memory"]) {
    assert.doesNotMatch(String(client.send(...request.split(" "))), /^-/, request);
  }
});

test("near the memory limit what is only remembered goes before anything is refused", () => {
  const server = new FakeServer();
  const client = server.connect();
  const often = addAndTake(client, "q");
  const once = addAndTake(client, "q", "RETRY", 0);
  const waiting = addJob(client, "q", "w", "RETRY", 0);
  client.send("CONFIG", "SET", "maxmemory", server.state.broker.usedBytes);
  addJob(client, "q", "new");
  assert.equal(stateOf(server, once), "gone");
  assert.equal(stateOf(server, often), "active 0/0 in 300000");
  assert.equal(stateOf(server, waiting), "queued 0/0 never");
  assert.equal(server.state.broker.stats.jobsEvicted, 1);
});

test("with maxmemory-policy noeviction nothing goes, and commands that add are refused", () => {
  const server = new FakeServer({ settings: { "maxmemory-policy": "noeviction" } });
  const client = server.connect();
  const once = addAndTake(client, "q", "RETRY", 0);
  client.send("CONFIG", "SET", "maxmemory", server.state.broker.usedBytes - 1);
  assert.equal(client.send("ADDJOB", "q", "b", 0), OOM);
  assert.equal(stateOf(server, once), "active 0/0 never");
  client.send("CONFIG", "SET", "maxmemory-policy", "acks");
  assert.equal(client.send("PING"), "+PONG");
  assert.equal(stateOf(server, once), "gone");
});

test("maxmemory 0 means no limit", () => {
  const client = new FakeServer({ settings: { maxmemory: 0 } }).connect();
  addJob(client, "q", "b");
  assert.equal(client.send("ENQUEUE"), ":0");
});

test("calls, failures and refusals are counted apart", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "b");
  client.send("ADDJOB", "q", "b", "x");
  client.send("ADDJOB", "q");
  client.send("NOSUCH");
  client.send("GETJOB", "FROM", "empty");
  const { stats, commands } = server.state;
  const counter = commands.stats.counter("addjob");
  assert.deepEqual([counter?.calls, counter?.failed, counter?.rejected], [2, 1, 1]);
  assert.equal(commands.stats.counter("getjob")?.calls, 1);
  assert.equal(stats.commandsProcessed, 3);
  assert.equal(stats.errorReplies, 3);
});

test("slow commands are noted with how long they took, fast ones are not", () => {
  const settings = { "slowlog-log-slower-than": 1000, "latency-monitor-threshold": 5 };
  const server = new FakeServer({ settings });
  const client = server.connect();
  addJob(client, "q", "b");
  server.host.microsPerCommand = 1000;
  client.send("QLEN", "q");
  server.host.microsPerCommand = 7000;
  addJob(client, "q", "slow");
  client.send("QPEEK", "q", 0);
  server.host.microsPerCommand = 1;
  const entries = client.send("SLOWLOG", "GET") as unknown[][];
  const shown = entries.map((entry) => [String(entry[2]), (entry[3] as string[])[0]]);
  assert.deepEqual(shown, [
    [":7000", "$QPEEK"],
    [":7000", "$ADDJOB"],
    [":1000", "$QLEN"],
  ]);
  const latest = client.send("LATENCY", "LATEST") as string[][];
  assert.deepEqual(latest.map(([event, , last]) => [event, last]).sort(), [
    ["$command", ":7"],
    ["$fast-command", ":7"],
  ]);
});

test("each command of a pipeline is timed by itself", () => {
  const server = new FakeServer({ settings: { "slowlog-log-slower-than": 0 } });
  const client = server.connect();
  server.host.microsPerCommand = 40;
  client.raw("QLEN a\r\nQLEN b\r\nQLEN c\r\n");
  assert.equal(server.state.commands.stats.counter("qlen")?.micros, 120);
});

test("while clients are paused no request runs; then all run in order", () => {
  const server = new FakeServer();
  const [client, other] = [server.connect(), server.connect()];
  assert.deepEqual(client.raw("CLIENT PAUSE 100\r\nPING 1\r\nPING 2\r\n"), ["+OK"]);
  assert.equal(other.send("ADDJOB", "q", "b", 0), undefined);
  assert.equal(server.state.broker.stats.jobsAdded, 0);
  server.advance(99);
  assert.deepEqual([...client.readAll(), ...other.readAll()], []);
  server.advance(1);
  assert.deepEqual(client.readAll(), ["$1", "$2"]);
  assert.match(String(other.read()), /^\+D-/);
});

test("a pause is lengthened by a longer one and never shortened", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.raw("CLIENT PAUSE 50\r\n");
  client.raw("CLIENT PAUSE 30\r\nPING\r\n");
  server.advance(79);
  assert.deepEqual(client.readAll(), ["+OK"]);
  server.advance(1);
  assert.deepEqual(client.readAll(), ["+PONG"]);
});

test("a request that waits for the end of a pause counts once, and only when it ran", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("CLIENT", "PAUSE", 100);
  client.send("QLEN", "q");
  const before = client.session.usedAtMs;
  server.advance(50);
  assert.equal(server.state.commands.stats.counter("qlen")?.calls, 0);
  assert.equal(client.session.usedAtMs, before);
  server.advance(50);
  assert.equal(server.state.commands.stats.counter("qlen")?.calls, 1);
  assert.equal(client.session.usedAtMs, before + 100);
});

test("a login that is put off after failures counts once, when it is tried", () => {
  const server = new FakeServer({ settings: { requirepass: "secret" } });
  const client = server.connect();
  let failures = 0;
  while (failures < 10 && client.send("AUTH", `guess ${failures}`) !== undefined) failures++;
  assert.ok(failures > 0 && failures < 10, "new guesses are put off after some");
  assert.equal(server.state.stats.commandsProcessed, failures);
  server.advance(60_000);
  assert.equal(client.read(), "-ERR invalid password");
  assert.equal(server.state.stats.commandsProcessed, failures + 1);
  assert.equal(server.state.commands.stats.counter("auth")?.calls, failures + 1);
});

test("CLIENT REPLY OFF silences everything until ON", () => {
  const client = new FakeServer().connect();
  const requests = ["CLIENT REPLY OFF", "PING", "NOSUCH", "QPEEK q x", "ADDJOB", "CLIENT REPLY ON"];
  assert.deepEqual(client.raw(requests.map((request) => `${request}\r\n`).join("")), ["+OK"]);
  assert.equal(client.send("PING"), "+PONG");
});

test("CLIENT REPLY SKIP silences the next command only, whatever becomes of it", () => {
  const client = new FakeServer().connect();
  for (const skipped of ["PING", "NOSUCH", "ADDJOB", "QPEEK q x", "GETJOB FROM q"]) {
    const replies = client.raw(`PING 1\r\nCLIENT REPLY SKIP\r\n${skipped}\r\nPING 2\r\n`);
    assert.deepEqual(replies, ["$1", "$2"], skipped);
  }
  client.raw("CLIENT REPLY OFF\r\nCLIENT REPLY SKIP\r\nPING\r\n");
  assert.deepEqual(client.raw("PING\r\nCLIENT REPLY ON\r\n"), ["+OK"]);
});

test("a client that does not take its replies is not served any further until it does", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "x".repeat(300_000));
  client.isStuck = true;
  client.raw("QPEEK q 1\r\n".repeat(10));
  assert.equal(server.state.commands.stats.counter("qpeek")?.calls, 4);
  server.advance(1000);
  assert.equal(server.state.commands.stats.counter("qpeek")?.calls, 4);
  client.isStuck = false;
  server.turn();
  assert.equal(client.readAll().length, 10);
});

test("nothing behind QUIT runs, and what was asked before is answered", () => {
  const server = new FakeServer();
  const client = server.connect();
  assert.deepEqual(client.raw("PING 1\r\nQUIT now please\r\nADDJOB q b 0\r\n"), ["$1", "+OK"]);
  assert.equal(client.isClosed, true);
  assert.equal(server.state.broker.stats.jobsAdded, 0);
});

test("jobs are handed out before the next client is looked at", () => {
  const server = new FakeServer();
  const [first, second] = [server.connect(), server.connect()];
  first.send("GETJOB", "FROM", "q");
  addJob(server.connect(), "q", "b");
  assert.equal(second.send("GETJOB", "NOHANG", "FROM", "q"), "nil*");
  assert.deepEqual(bodiesOf(first.read()), ["b"]);
});
