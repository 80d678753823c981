/**
 * `daemonize yes`: the command returns when the server serves, or says why it does not.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { atEnd } from "../support/cleanup.ts";
import { eventually } from "../support/eventually.ts";
import { startNode } from "../support/node.ts";
import { isRunning } from "../support/process-state.ts";
import { tempDir } from "../support/temp-dir.ts";
import { type LaunchOptions, run } from "./launch.ts";
import { RawClient } from "./raw-client.ts";

/** Runs the command with `daemonize yes`; what it leaves running is killed when the test ends. */
async function daemonize(
  t: TestContext,
  dir: string,
  args: string[],
  options: LaunchOptions = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  atEnd(t, () => void kill(pidIn(dir), "SIGKILL"));
  const always = ["--daemonize", "yes", "--dir", dir, "--pidfile", "pid", "--logfile", "log"];
  return run(t, [...args, ...always, "--port", "0", "--ports-file", "ports"], options);
}

function pidIn(dir: string): number {
  const file = join(dir, "pid");
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
}

function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return pid > 0 && process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function clientOf(t: TestContext, dir: string): Promise<RawClient> {
  const { port } = JSON.parse(readFileSync(join(dir, "ports"), "utf8")) as { port: number };
  return RawClient.connect(t, { port });
}

test("the command returns at once, the server goes on, the pid file tells which it is", async (t) => {
  const dir = await tempDir(t);
  const command = await daemonize(t, dir, []);
  assert.deepEqual(command, { code: 0, stdout: "", stderr: "" });
  const client = await clientOf(t, dir);
  const pid = pidIn(dir);
  assert.match(String(await client.call("INFO", "server")), new RegExp(`process_id:${pid}\r\n`));
  // A new home does not make it forget which file it has to remove.
  assert.equal(await client.call("CONFIG", "SET", "dir", await tempDir(t)), "OK");
  kill(pid, "SIGTERM");
  await client.end();
  await eventually(() => !isRunning(pid), { what: "the process ends" });
  assert.ok(!existsSync(join(dir, "pid")));
  assert.match(readFileSync(join(dir, "log"), "utf8"), /"msg":"bye"/);
});

test("what went wrong in the background is the command's own error", async (t) => {
  const dir = await tempDir(t);
  await startNode(t, {}, { dir });
  const { code, stderr } = await daemonize(t, dir, []);
  assert.equal(code, 10);
  assert.match(stderr, /^the data directory is in use by /);
  assert.ok(!existsSync(join(dir, "pid")));
});

test("a configuration from standard input reaches the background", async (t) => {
  const dir = await tempDir(t);
  const { code } = await daemonize(t, dir, ["-"], { input: "maxclients 77\n" });
  assert.equal(code, 0);
  const client = await clientOf(t, dir);
  assert.deepEqual(await client.call("CONFIG", "GET", "maxclients"), ["maxclients", "77"]);
  client.send(["SHUTDOWN"]);
  assert.equal(await client.end(), "");
  await eventually(() => !existsSync(join(dir, "pid")), { what: "the pid file is removed" });
});

test("a pid file that another server has written meanwhile is left to it", async (t) => {
  const dir = await tempDir(t);
  assert.equal((await daemonize(t, dir, [])).code, 0);
  const client = await clientOf(t, dir);
  writeFileSync(join(dir, "pid"), "another server's");
  client.send(["SHUTDOWN"]);
  assert.equal(await client.end(), "");
  await eventually(() => /"msg":"bye"/.test(readFileSync(join(dir, "log"), "utf8")), {
    what: "it ends",
  });
  assert.equal(readFileSync(join(dir, "pid"), "utf8"), "another server's");
});

test("a pid file that cannot be written is a warning, and no reason to end in disorder", async (t) => {
  const dir = await tempDir(t);
  const args = ["--daemonize", "yes", "--dir", dir, "--logfile", "log"];
  const command = await run(t, [
    ...args,
    "--port",
    "0",
    "--ports-file",
    "ports",
    "--pidfile",
    "no/pid",
  ]);
  assert.equal(command.code, 0);
  const client = await clientOf(t, dir);
  client.send(["SHUTDOWN"]);
  assert.equal(await client.end(), "");
  await eventually(() => /"msg":"bye"/.test(readFileSync(join(dir, "log"), "utf8")), {
    what: "it ends in order",
  });
  assert.match(readFileSync(join(dir, "log"), "utf8"), /the pid file was not written/);
});
