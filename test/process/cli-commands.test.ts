/**
 * `ringq COMMAND` as scripts use it: what is printed where, and the exit code.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runCli, startCli } from "../support/cli.ts";
import { testEnvironment } from "../support/environment.ts";
import { startNode } from "../support/node.ts";
import { cliPath } from "../support/programs.ts";
import { startScriptServer } from "../support/script-server.ts";
import { shared } from "../support/shared.ts";
import { tempDir } from "../support/temp-dir.ts";

const server = shared((scope) => startNode(scope));

const ok = (stdout: string) => ({ code: 0, stdout, stderr: "" });

test("replies are bytes for scripts, and types, JSON or CSV when asked", async (t) => {
  const { port } = await server();
  const cli = (...args: string[]) => runCli(t, ["-p", `${port}`, ...args]);
  const added = await cli("ADDJOB", "q", "1e3", "0");
  assert.match(added.stdout, /^D-\S{38}\n$/);
  const id = added.stdout.trim();
  assert.deepEqual(await cli("QPEEK", "q", "1"), ok(`q\n${id}\n1e3\n`));
  assert.deepEqual(await cli("--no-raw", "QLEN", "q"), ok("(integer) 1\n"));
  assert.deepEqual(await cli("--csv", "QPEEK", "q", "1"), ok(`"q","${id}","1e3"\n`));
  assert.match((await cli("--json", "QSTAT", "q")).stdout, /^\{"name":"q","len":1,/);
});

test("an error is told on standard error with exit code 1", async (t) => {
  const { port } = await server();
  const { code, stdout, stderr } = await runCli(t, ["-p", `${port}`, "SHOW", "nonsense"]);
  assert.deepEqual([code, stdout, stderr], [1, "", "BADID Invalid Job ID format.\n"]);
});

test("no server is exit code 1, a wrong command line 2, each in a line", async (t) => {
  const server = await startScriptServer(t, () => undefined);
  await server.stop();
  const nobody = await runCli(t, ["-p", `${server.port}`, "PING"]);
  assert.deepEqual([nobody.code, nobody.stdout], [1, ""]);
  assert.match(nobody.stderr, /^ringq: cannot connect to 127\.0\.0\.1:\d+: Connection refused\n$/);
  for (const args of [
    ["-p", "x", "PING"],
    ["--nosuch"],
    ["-x"],
    ["-X", "body"],
    ["-X", "body", "ECHO", "other"],
    ["-x", "-X", "body", "ECHO", "body"],
    ["--pipe", "PING"],
    ["tail"],
    ["stat", "-i", "x"],
  ]) {
    const wrong = await runCli(t, args);
    assert.equal(wrong.code, 2, args.join(" "));
    assert.match(wrong.stderr, /^ringq: [^\n]+\nTry ringq --help\n$/);
  }
});

test("-r repeats, -x takes the last argument from standard input byte by byte", async (t) => {
  const { port } = await server();
  const at = ["-p", `${port}`];
  assert.deepEqual(
    await runCli(t, [...at, "-r", "3", "-i", "0.01", "PING"]),
    ok("PONG\nPONG\nPONG\n"),
  );
  const input = Buffer.from([0, 255, 10, 13]);
  assert.deepEqual(
    await runCli(t, [...at, "-x", "ECHO"], { input }),
    ok(`${input.toString("latin1")}\n`),
  );
});

test("the README's commands work as they stand there, with -X for the body of a job", async (t) => {
  const node = await startNode(t);
  const folder = await tempDir(t);
  const picture = Buffer.from([0xff, 0xd8, 0, 13, 10]);
  writeFileSync(join(folder, "picture.jpg"), picture);
  const client = `#!/bin/sh\nexec '${process.execPath}' '${cliPath}' -p ${node.port} "$@"\n`;
  writeFileSync(join(folder, "ringq"), client, { mode: 0o755 });
  const env = testEnvironment({ PATH: `${folder}:${process.env.PATH}` });
  const readme = readFileSync("README.md", "utf8");
  const lines = [...readme.matchAll(/^\$ (ringq .*(?:ADDJOB|QSTAT) .*?) +#/gm)].map(
    ([, line]) => line,
  );
  assert.equal(lines.length, 3);
  for (const line of lines) {
    const { status, stderr } = spawnSync("sh", ["-c", line ?? ""], { cwd: folder, env });
    assert.deepEqual([status, stderr.toString()], [0, ""], line);
  }
  const { stdout } = await runCli(t, ["-p", `${node.port}`, "--raw", "QPEEK", "photos", "1"]);
  assert.ok(stdout.endsWith(`\n${picture.toString("latin1")}\n`));
});

test("lines of standard input are commands; one that fails does not stop the others", async (t) => {
  const { port } = await server();
  const input = 'PING "a b"\n\nNOSUCH\nPING "c\nPING "\\xff"\n';
  const { code, stdout, stderr } = await runCli(t, ["-p", `${port}`], { input });
  assert.deepEqual([code, stdout], [1, "a b\n\xff\n"]);
  assert.match(stderr, /^ERR unknown command 'NOSUCH'\nunbalanced quotes/);
});

test("--pipe sends what it reads and counts replies and errors", async (t) => {
  const node = await server();
  const at = ["-p", `${node.port}`];
  const jobs = "*4\r\n$6\r\nADDJOB\r\n$1\r\nq\r\n$3\r\na\r\n\r\n$1\r\n0\r\n".repeat(5000);
  assert.deepEqual(
    await runCli(t, [...at, "--pipe"], { input: jobs }),
    ok("errors: 0, replies: 5000\n"),
  );
  const some = await runCli(t, [...at, "--pipe"], { input: "QLEN q\r\nNOSUCH\r\n" });
  assert.deepEqual(some, {
    code: 1,
    stdout: "errors: 1, replies: 2\n",
    stderr: "ERR unknown command 'NOSUCH'\n",
  });
  const cut = await runCli(t, [...at, "--pipe", "--pipe-timeout", "0.2"], {
    input: "*2\r\n$4\r\nECHO\r\n$99\r\nab",
  });
  assert.equal(cut.code, 1);
  assert.match(cut.stderr, /no reply for 0\.2 s/);
});

test("SHUTDOWN answers by closing the connection, which is no failure", async (t) => {
  const node = await startNode(t);
  assert.deepEqual(await runCli(t, ["-p", `${node.port}`, "shutdown"]), ok(""));
  assert.equal(await node.exited, 0);
  assert.equal((await runCli(t, ["-p", `${node.port}`, "shutdown"])).code, 1);
});

test("MONITOR goes on until the server ends, and is an error then", async (t) => {
  const node = await startNode(t);
  const monitor = startCli(t, ["-p", `${node.port}`, "monitor"]);
  await monitor.prints(/OK/);
  await runCli(t, ["-p", `${node.port}`, "QLEN", "q"]);
  await monitor.prints(/\[127\.0\.0\.1:\d+\] "QLEN" "q"/);
  await node.stop();
  assert.equal((await monitor.result).code, 1);
});

test("help and version need no server", async (t) => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  assert.deepEqual(await runCli(t, ["--version"]), ok(`ringq ${version}\n`));
  const help = await runCli(t, ["--help"]);
  for (const word of ["--askpass", "ringq cluster create", "RINGQ_AUTH", "Exit codes"]) {
    assert.ok(help.stdout.includes(word), word);
  }
  for (const args of [
    ["help", "tail"],
    ["tail", "--help"],
  ]) {
    assert.match((await runCli(t, args)).stdout, /^ringq tail <queue>/);
  }
});
