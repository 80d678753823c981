/**
 * redis-cli against a real server, the ways people use it: one command, a session, its monitors.
 *
 * Its prompt and its `--stat` only exist in a terminal, so these run in a pseudo-terminal.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startTlsNode } from "../process/tls-node.ts";
import { testEnvironment } from "../support/environment.ts";
import { startNode, type TestNode } from "../support/node.ts";
import { hasPty, openPty, type Pty } from "../support/pty.ts";
import { shared } from "../support/shared.ts";
import { hasOption, isMissing, runTool } from "./tools.ts";

const server = shared((scope) => startNode(scope));

const skip = isMissing("redis-cli");
const skipTls = skip || (hasOption("redis-cli", "--tls") ? false : "redis-cli has no TLS");
const skipInTerminal = skip || (hasPty() ? false : "there is no pseudo-terminal (script)");

const JOB_ID = /D-[0-9a-f]{8}-[A-Za-z0-9+/]{24}-[0-9a-f]{4}/;

/** Runs one command; returns what is printed. Fails on a bad exit code. */
async function cli(node: TestNode, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runTool("redis-cli", ["-p", `${node.port}`, ...args]);
  assert.equal(code, 0, stdout + stderr);
  assert.equal(stderr, "");
  return stdout.trimEnd();
}

/** redis-cli in a terminal that has a size; without one it would ask the terminal and wait. */
function terminal(t: TestContext, node: TestNode, args = ""): Pty {
  const command = `stty cols 200 rows 50; exec redis-cli -p ${node.port} ${args}`;
  return openPty(t, command, { env: testEnvironment({ TERM: "xterm", HOME: node.dir }) });
}

test("redis-cli runs single commands", { skip }, async () => {
  const node = await server();
  const id = await cli(node, "ADDJOB", "q", "hello", "0");
  assert.match(id, JOB_ID);
  assert.equal(await cli(node, "QLEN", "q"), "1");
  assert.match(await cli(node, "SHOW", id), /^id\nD-.*\nqueue\nq\nstate\nqueued\n/);
  assert.equal(await cli(node, "GETJOB", "FROM", "q"), `q\n${id}\nhello`);
  assert.equal(await cli(node, "ACKJOB", id), "1");
  assert.equal(await cli(node, "SHOW", id), "");
  assert.match(await cli(node, "NOSUCH"), /^ERR unknown command 'NOSUCH'/);
  assert.equal((await runTool("redis-cli", ["-p", `${node.port}`, "-e", "NOSUCH"])).code, 1);
});

test("redis-cli waits for a job", { skip }, async () => {
  const node = await server();
  const waiting = cli(node, "GETJOB", "TIMEOUT", "10000", "FROM", "q");
  const id = await cli(node, "ADDJOB", "q", "late", "0");
  assert.equal(await waiting, `q\n${id}\nlate`);
});

test("redis-cli speaks RESP3 and JSON", { skip }, async () => {
  const node = await server();
  const id = await cli(node, "-3", "ADDJOB", "q", "hello", "0");
  assert.equal(await cli(node, "-3", "GETJOB", "FROM", "q"), `q\n${id}\nhello`);
  assert.equal(await cli(node, "-3", "GETJOB", "NOHANG", "FROM", "q"), "");
  assert.equal(await cli(node, "--json", "SHOW", `D-00000000-${"0".repeat(24)}-0fff`), "null");
  assert.match(await cli(node, "--json", "CONFIG", "GET", "hz"), /^\{"hz":"10"\}$/);
});

test("redis-cli logs in with a password", { skip }, async (t) => {
  const node = await startNode(t, { requirepass: "secret" });
  assert.match(await cli(node, "PING"), /^NOAUTH/);
  assert.equal(await cli(node, "--no-auth-warning", "-a", "secret", "PING"), "PONG");
  assert.equal(await cli(node, "--no-auth-warning", "-a", "secret", "-3", "PING"), "PONG");
});

test("redis-cli --tls shows its certificate, and is not served without", {
  skip: skipTls,
}, async (t) => {
  const { port, files } = await startTlsNode(t);
  const trusting = ["-p", `${port}`, "--tls", "--cacert", files.ca];
  const own = ["--cert", files.cert, "--key", files.key];
  const added = await runTool("redis-cli", [...trusting, ...own, "ADDJOB", "q", "hello", "0"]);
  assert.match(added.stdout, JOB_ID, added.stderr);
  const stranger = await runTool("redis-cli", [...trusting, "QLEN", "q"]);
  assert.match(stranger.stdout, /^DENIED .* it has no certificate\s*$/, stranger.stderr);
  const distrusting = await runTool("redis-cli", ["-p", `${port}`, "--tls", ...own, "QLEN", "q"]);
  assert.match(distrusting.stderr, /certificate verify failed/);
});

/** Types a command, but not before the prompt is there: redis-cli drops what was typed earlier. */
async function type(session: Pty, command: string): Promise<void> {
  await session.expect(/(?:127\.0\.0\.1:\d+|not connected)> $/);
  session.feed(`${command}\r`);
}

test("redis-cli's prompt works with hints from COMMAND", { skip: skipInTerminal }, async (t) => {
  const session = terminal(t, await startNode(t));
  await type(session, "ADDJOB q hello 0");
  await session.expect(/queue job ms-timeout/);
  const [id] = await session.expect(/D-[0-9a-f]{8}-[A-Za-z0-9+/]{24}-[0-9a-f]{4}\r?\n/);
  await type(session, "GETJOB FROM q");
  await session.expect(/1\) 1\) "q"\s+2\) "D-.*"\s+3\) "hello"/);
  await type(session, `ACKJOB ${id.trim()}`);
  await session.expect(/\(integer\) 1/);
  await type(session, "GETJOB NOHANG FROM q");
  await session.expect(/\(nil\)/);
  await type(session, "quit");
  assert.deepEqual(await session.exit(), { code: 0 });
});

test("redis-cli's prompt survives a restart of the server", { skip: skipInTerminal }, async (t) => {
  const node = await startNode(t);
  const session = terminal(t, node);
  await type(session, "PING one");
  await session.expect(/"one"\r?\n/);
  await node.stop();
  await node.restart();
  // It notices with the next command, and connects again for the one after it.
  await type(session, "PING two");
  await session.expect(/Server closed the connection/);
  await type(session, "PING three");
  await session.expect(/"three"\r?\n/);
});

test("redis-cli --stat shows clients and requests", { skip: skipInTerminal }, async (t) => {
  const node = await server();
  const session = terminal(t, node, "--stat -i 0.1");
  await session.expect(/keys +mem +clients +blocked +requests +connections/);
  await session.expect(/\d+ +[0-9.]+[BKMG] +\d+ +0 +\d+ \(\+0\)/);
  await session.expect(/\d+ +[0-9.]+[BKMG] +\d+ +0 +\d+ \(\+[1-9]\d*\)/);
});

test("redis-cli --latency measures", { skip }, async () => {
  const node = await server();
  assert.match(await cli(node, "--latency", "-i", "0.2"), /^\d+ \d+ [0-9.]+ [1-9]\d*$/);
});

test("redis-cli shows what others do with MONITOR", { skip: skipInTerminal }, async (t) => {
  const node = await server();
  const session = terminal(t, node, "MONITOR");
  await session.expect(/OK/);
  await cli(node, "QLEN", "q");
  await session.expect(/\[127\.0\.0\.1:\d+\] "QLEN" "q"/);
});
