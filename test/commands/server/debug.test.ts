/**
 * DEBUG: what it does, and who may use it.
 *
 * What would stop or end the process is only written down by the fake host.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";

const DENIED = "-ERR DEBUG command not allowed, see enable-debug-command in the configuration";
const FAR = { remoteAddress: "10.0.0.1:1", isLoopback: false };

function serverAllowing(who: "no" | "local" | "yes"): FakeServer {
  return new FakeServer({ settings: { "enable-debug-command": who } });
}

test("enable-debug-command decides who may use it", () => {
  const unix = { isUnixSocket: true, isLoopback: false, remoteAddress: "/tmp/s:0" };
  assert.equal(serverAllowing("no").connect().send("DEBUG", "FLUSHALL"), DENIED);
  assert.equal(serverAllowing("local").connect().send("DEBUG", "FLUSHALL"), "+OK");
  assert.equal(serverAllowing("local").connect(unix).send("DEBUG", "FLUSHALL"), "+OK");
  assert.equal(serverAllowing("local").connect(FAR).send("DEBUG", "FLUSHALL"), DENIED);
  assert.equal(serverAllowing("yes").connect(FAR).send("DEBUG", "FLUSHALL"), "+OK");
});

test("FLUSHALL forgets jobs, queues and pauses, and answers who waits", () => {
  const server = new FakeServer();
  const client = server.connect();
  const waiting = server.connect();
  client.send("ADDJOB", "q", "b", "0");
  client.send("PAUSE", "p", "in");
  waiting.send("GETJOB", "FROM", "other");
  assert.equal(client.send("DEBUG", "FLUSHALL", "whatever", "else"), "+OK");
  assert.equal(waiting.read(), "nil*");
  assert.equal(waiting.send("PING"), "+PONG");
  assert.equal(client.send("QSTAT", "q"), "nil*");
  assert.equal(client.send("PAUSE", "p", "state"), "+none");
  assert.ok(server.host.calls.includes("identity"), "pauses are kept on disk");
});

test("SLEEP takes seconds with fractions; what is no number is no time", () => {
  const server = new FakeServer();
  const client = server.connect();
  for (const seconds of ["0.2", "1e1", "3x", "abc", "-1", "", "Infinity"]) {
    assert.equal(client.send("DEBUG", "SLEEP", seconds), "+OK");
  }
  assert.deepEqual(server.host.calls, [
    "sleep 200",
    "sleep 10000",
    "sleep 3000",
    "sleep 2147483647",
  ]);
});

test("ERROR answers its text, without line ends", () => {
  const client = new FakeServer().connect();
  assert.equal(client.send("DEBUG", "ERROR", "MYCODE some text"), "-MYCODE some text");
  assert.equal(client.send("DEBUG", "ERROR", "A\r\nB"), "-A  B");
});

test("what cannot be done is refused after its arguments were checked", () => {
  const server = new FakeServer();
  const client = server.connect();
  for (const form of ["RESTART", "CRASH-AND-RECOVER"]) {
    const notAnInteger = "-ERR value is not an integer or out of range";
    assert.equal(client.send("DEBUG", form, "x"), notAnInteger);
    const failed = "-ERR failed to restart the server. Check server logs.";
    assert.equal(client.send("DEBUG", form), failed);
    assert.equal(client.send("DEBUG", form, "100"), failed);
  }
  assert.equal(server.host.logged.length, 4);
  assert.match(
    String(client.send("DEBUG", "LOADAOF")),
    /^-ERR the log is only loaded at the start/,
  );
  assert.equal(client.send("PING"), "+PONG");
});

test("only with yes does it crash the process", () => {
  for (const who of ["local", "yes"] as const) {
    const server = serverAllowing(who);
    const client = server.connect();
    const replies = ["SEGFAULT", "assert", "OOM"].map((form) => client.send("DEBUG", form));
    const isYes = who === "yes";
    assert.deepEqual(replies, isYes ? [undefined, undefined, undefined] : [DENIED, DENIED, DENIED]);
    const crashes = ["crash segfault", "crash assert", "crash oom"];
    assert.deepEqual(server.host.calls, isYes ? crashes : []);
  }
});

test("CHECK recounts everything and says what does not agree", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("ADDJOB", "q", "b", "0");
  assert.equal(client.send("DEBUG", "CHECK"), "+OK");
  server.state.broker.stats.jobsByState[0] = 7;
  assert.match(String(client.send("DEBUG", "CHECK")), /^-ERR assertion failed: /);
  assert.equal(server.host.logged.length, 1);
});

test("STRUCTSIZE tells how large records are", () => {
  const client = new FakeServer().connect();
  assert.match(String(client.send("DEBUG", "STRUCTSIZE")), /^\$bits:64 job:\d+ queue:\d+ /);
});

test("other forms are errors that name them", () => {
  const client = new FakeServer().connect();
  for (const [form, ...rest] of [
    ["FOO"],
    ["sleep"],
    ["SLEEP", "1", "2"],
    ["ERROR"],
    ["RESTART", "1", "2"],
  ]) {
    assert.equal(
      client.send("DEBUG", form ?? "", ...rest),
      `-ERR Unknown DEBUG subcommand or wrong number of arguments for '${form}'`,
    );
  }
});
