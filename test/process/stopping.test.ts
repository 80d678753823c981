/**
 * How a server ends: signals, SHUTDOWN, Ctrl-C in a terminal, and what its clients still get.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { testEnvironment } from "../support/environment.ts";
import { eventually } from "../support/eventually.ts";
import { startNode } from "../support/node.ts";
import { CTRL_C, hasPty, openPty } from "../support/pty.ts";
import { repositoryRoot } from "../support/repository-files.ts";
import { tempDir } from "../support/temp-dir.ts";
import { launch } from "./launch.ts";
import { RawClient } from "./raw-client.ts";

const MEGABYTE = 1024 * 1024;
const LEAVING = "-LEAVING This node is leaving the cluster, please connect to a different one";

/** Makes a client whose reply of 20 MB is on its way and does not fit into the kernel. */
async function behind(lazy: RawClient, observer: RawClient): Promise<void> {
  await observer.call("ADDJOB", "big", Buffer.alloc(20 * MEGABYTE, "x"), "0");
  lazy.stopReading();
  lazy.send(["QPEEK", "big", 1]);
  await eventually(async () => /omem=[1-9]/.test(String(await observer.call("CLIENT", "LIST"))), {
    what: "the reply does not fit into the kernel",
  });
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} answers blocked clients, closes the others and exits with 0`, async (t) => {
    const node = await startNode(t);
    const idle = await RawClient.connect(t, { port: node.port });
    assert.equal(await idle.call("PING"), "PONG");
    const blocked = await RawClient.connect(t, { port: node.port });
    blocked.send(["GETJOB", "FROM", "q"], ["PING"]);
    await eventually(
      async () => String(await idle.call("INFO", "clients")).includes("blocked_clients:1"),
      { what: "it is blocked" },
    );
    const code = node.stop(signal);
    assert.equal(await blocked.read(), LEAVING);
    assert.equal(await blocked.end(), "");
    assert.equal(await idle.end(), "");
    assert.equal(await code, 0);
    assert.match(node.log(), new RegExp(`"reason":"${signal}","msg":"stopping"`));
    assert.match(node.log(), /"msg":"bye"\}\n$/);
    assert.ok(!existsSync(join(node.dir, "ringq.lock")));
  });
}

for (const request of [["SHUTDOWN"], ["SHUTDOWN", "NOSAVE"], ["shutdown", "save"]]) {
  test(`${request.join(" ")} closes the connection without an answer and exits with 0`, async (t) => {
    const node = await startNode(t);
    const client = await RawClient.connect(t, { port: node.port });
    const blocked = await RawClient.connect(t, { port: node.port });
    blocked.send(["GETJOB", "FROM", "q"]);
    assert.equal(await client.call("SHUTDOWN", "HARDER"), "-ERR syntax error");
    await eventually(
      async () => String(await client.call("INFO", "clients")).includes("blocked_clients:1"),
      { what: "it is blocked" },
    );
    client.send(["ECHO", "before"], request, ["ECHO", "behind"]);
    assert.equal(await client.end(), "$6\r\nbefore\r\n");
    assert.equal(await blocked.read(), LEAVING);
    assert.equal(await node.exited, 0);
    assert.match(node.log(), /"reason":"SHUTDOWN","msg":"stopping"/);
  });
}

test("replies that are on their way are waited for", async (t) => {
  const node = await startNode(t);
  const lazy = await RawClient.connect(t, { port: node.port });
  const observer = await RawClient.connect(t, { port: node.port });
  await behind(lazy, observer);
  observer.send(["SHUTDOWN"]);
  assert.equal(await observer.end(), "");
  lazy.startReading();
  const jobs = await lazy.read();
  assert.ok(Array.isArray(jobs) && Array.isArray(jobs[0]));
  assert.equal(String(jobs[0][2]).length, 20 * MEGABYTE);
  assert.equal(await lazy.end(), "");
  assert.equal(await node.exited, 0);
});

test("the client that asks for SHUTDOWN gets its earlier replies first, however large", async (t) => {
  const node = await startNode(t);
  const client = await RawClient.connect(t, { port: node.port });
  const text = Buffer.alloc(900_000, "x");
  client.stopReading();
  // Below the size at which a client is not served any further, and beyond what the kernel takes.
  for (let i = 0; i < 12; i++) client.send(["ECHO", text]);
  client.send(["SHUTDOWN"]);
  client.startReading();
  for (let i = 0; i < 12; i++) assert.equal(String(await client.read()).length, text.length);
  assert.equal(await client.end(), "");
  assert.equal(await node.exited, 0);
});

test("a client that never reads delays the end by shutdown-timeout at most", async (t) => {
  const node = await startNode(t, { "shutdown-timeout": "1" });
  const lazy = await RawClient.connect(t, { port: node.port });
  const observer = await RawClient.connect(t, { port: node.port });
  await behind(lazy, observer);
  assert.equal(await node.stop(), 0);
  assert.match(node.log(), /"msg":"bye"/);
});

test("a second SIGINT a while later ends a slow stop with code 1", async (t) => {
  const node = await startNode(t);
  const lazy = await RawClient.connect(t, { port: node.port });
  const observer = await RawClient.connect(t, { port: node.port });
  await behind(lazy, observer);
  process.kill(node.pid, "SIGINT");
  process.kill(node.pid, "SIGINT");
  await observer.end();
  const stoppingAtMs = performance.now();
  await eventually(() => performance.now() - stoppingAtMs > 1200, { what: "a second has passed" });
  assert.doesNotMatch(node.log(), /bye/, "two at once are one wish");
  assert.equal(await node.stop("SIGINT"), 1);
});

test("a server whose output nobody reads any more goes on, and ends in order", async (t) => {
  const dir = await tempDir(t);
  const server = launch(t, ["--port", "0", "--ports-file", "ports", "--dir", dir]);
  await server.says(/ready to accept connections/);
  server.closeOutput();
  const { port } = JSON.parse(readFileSync(join(dir, "ports"), "utf8")) as { port: number };
  const client = await RawClient.connect(t, { port });
  for (let i = 0; i < 3; i++) {
    server.signal("SIGHUP");
    assert.equal(await client.call("PING"), "PONG");
  }
  server.signal("SIGTERM");
  assert.equal(await server.exit(), 0);
});

test("SIGTERM ends a server that still waits for the data directory", async (t) => {
  const dir = await tempDir(t);
  // Of another machine: nobody can tell yet whether its process lives.
  const owner = { host: "elsewhere", bootId: "x", pidNamespace: "y", pid: 1, startTime: "1" };
  const lock = join(dir, "ringq.lock");
  writeFileSync(lock, `${JSON.stringify({ ...owner, token: "0123456789abcdef" })}\n`);
  const server = launch(t, ["--port", "0", "--ports-file", "ports", "--dir", dir]);
  await server.says(/waiting to see whether/);
  server.signal("SIGTERM");
  assert.equal(await server.exit(), 0);
  assert.ok(existsSync(lock), "the other's lock is left alone");
});

test("jobs that were claimed in the turn of SHUTDOWN reach who waited for them", async (t) => {
  const node = await startNode(t);
  const waiting = await RawClient.connect(t, { port: node.port });
  const client = await RawClient.connect(t, { port: node.port });
  waiting.send(["GETJOB", "FROM", "q"]);
  await eventually(
    async () => String(await client.call("INFO", "clients")).includes("blocked_clients:1"),
    { what: "it is blocked" },
  );
  client.send(["ADDJOB", "q", "last", "0"], ["SHUTDOWN"]);
  const jobs = await waiting.read();
  assert.ok(Array.isArray(jobs) && Array.isArray(jobs[0]), String(jobs));
  assert.equal(jobs[0][2], "last");
  assert.equal(await node.exited, 0);
});

test("Ctrl-C under npm start, which arrives twice, stops once and leaves nothing behind", {
  skip: !hasPty() && "there is no script(1) here",
}, async (t) => {
  const dir = await tempDir(t);
  const portsFile = join(dir, "ports.json");
  const pty = openPty(t, `exec npm start -- --port 0 --ports-file '${portsFile}' --dir '${dir}'`, {
    cwd: repositoryRoot,
    env: testEnvironment(),
  });
  await pty.expect(/ready to accept connections/, 60_000);
  const { port } = JSON.parse(readFileSync(portsFile, "utf8")) as { port: number };
  const blocked = await RawClient.connect(t, { port });
  blocked.send(["PING"], ["GETJOB", "FROM", "q"]);
  assert.equal(await blocked.read(), "PONG");
  assert.notDeepEqual(processesWith(portsFile), []);
  pty.feed(CTRL_C);
  assert.equal(await blocked.read(), LEAVING);
  assert.deepEqual(await pty.exit(), { code: 0 });
  assert.equal(pty.output.match(/stopping/g)?.length, 1);
  assert.deepEqual(processesWith(portsFile), []);
  assert.ok(!existsSync(join(dir, "ringq.lock")));
});

/** Ids of the processes that have a word in their command line. */
function processesWith(word: string): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, "latin1").includes(word);
    } catch {
      return false;
    }
  });
}
