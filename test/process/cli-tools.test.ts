/**
 * The tools that look: stat, top, queues, tail, latency; and those that move jobs: export, import, bench.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runCli, startCli } from "../support/cli.ts";
import { startCluster } from "../support/cluster.ts";
import { testEnvironment } from "../support/environment.ts";
import { startNode } from "../support/node.ts";
import { cliPath } from "../support/programs.ts";
import { CTRL_C, hasPty, openPty } from "../support/pty.ts";
import { shared } from "../support/shared.ts";
import { tempDir } from "../support/temp-dir.ts";

const server = shared((scope) => startNode(scope));

const skip = hasPty() ? false : "there is no pseudo-terminal (script)";

test("stat prints a line a round, plain in a pipe, and ends well with Ctrl-C", async (t) => {
  const { port } = await server();
  const twice = await runCli(t, ["-p", `${port}`, "stat", "-r", "2", "-i", "0.1"]);
  assert.equal(twice.code, 0);
  assert.match(twice.stdout, /^ +queued +active .*\n( +[\d,]+ .*\n){2}$/);
  const endless = startCli(t, ["stat", "-p", `${port}`, "-i", "0.05"]);
  await endless.prints(/(\n.*){4}/);
  endless.signal("SIGINT");
  assert.equal((await endless.result).code, 0);
});

test("top shows nodes and queues, with rates and ages, and obeys keys", { skip }, async (t) => {
  const cluster = await startCluster(t, 2);
  await cluster.addMany(0, "mail", 3);
  const { port } = cluster.node(1);
  const plain = await runCli(t, ["-p", `${port}`, "top", "-r", "1", "-i", "0.1"]);
  assert.equal(plain.code, 0, plain.stderr);
  assert.match(plain.stdout, /^ringq top {2}\d queues?, 2 nodes, by depth\n/);
  assert.match(plain.stdout, /\nall +3 /);
  assert.match(plain.stdout, /\nmail +3 +\d+m?s +0 +0 +0 /);
  const pty = openPty(
    t,
    `stty cols 110 rows 20; exec ${process.execPath} ${cliPath} -p ${port} top -i 0.1`,
    {
      env: testEnvironment({ TERM: "xterm", NO_COLOR: "1" }),
    },
  );
  await pty.expect(/mail +3 /);
  pty.feed("s");
  await pty.expect(/by in/);
  pty.feed("n");
  await pty.expect(/mail.*127\.0\.0\.1:\d+/);
  pty.feed("q");
  assert.deepEqual(await pty.exit(), { code: 0 });
  assert.ok(pty.output.endsWith("\x1b[?1049l\x1b[?25h"), "the terminal is as before");
});

test("queues finds the biggest, the oldest and the stuck of all nodes", async (t) => {
  const cluster = await startCluster(t, 2);
  await cluster.addMany(0, "big", 5);
  await cluster.add(1, "small", "x");
  await cluster.call(0, "PAUSE", "big", "out");
  const args = ["-p", `${cluster.node(0).port}`, "queues"];
  const { code, stdout } = await runCli(t, args);
  assert.equal(code, 0);
  assert.match(stdout, /^Biggest\nQUEUE.*\nbig +5 .*\nsmall +1 .*\n\nOldest\n/);
  assert.match(stdout, /Stuck\nQUEUE.*\nbig .* paused \(\w+\)\n/);
  const lines = (await runCli(t, [...args, "--json", "--age", "0"])).stdout.trim().split("\n");
  const [big, small] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual([big?.queue, big?.depth, small?.stuck], ["big", 5, "nobody takes jobs"]);
});

test("tail shows the newest jobs of all nodes and follows, taking none", async (t) => {
  const cluster = await startCluster(t, 2);
  await cluster.addMany(0, "q", 3);
  const at = ["-p", `${cluster.node(1).port}`, "tail", "q"];
  const two = await runCli(t, [...at, "-n", "2"]);
  assert.match(two.stdout, /^D-\S{38} {2}"1"\nD-\S{38} {2}"2"\n$/);
  const tail = startCli(t, [...at, "-f", "-n", "1", "-i", "0.05", "--json"]);
  await tail.prints(/"body":"2"\}\n/);
  await cluster.add(1, "q", "new");
  await tail.prints(/\n\{"id":"D-\S{38}","body":"new"\}\n$/);
  tail.signal("SIGINT");
  assert.equal((await tail.result).code, 0);
  assert.equal((await cluster.takeAll([0, 1], "q", 4)).size, 4);
});

test("latency measures round trips", async (t) => {
  const { port } = await server();
  const { code, stdout } = await runCli(t, [
    "-p",
    `${port}`,
    "latency",
    "-r",
    "2",
    "-i",
    "0.1",
    "--every",
    "1",
  ]);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^ +pings +min ms .*\n( +\d+( +[\d.]+){6}\n){2} +\d+( +[\d.]+){6} {2}in all\n$/,
  );
});

test("a tool at a terminal ends with Ctrl-C and gives it back", { skip }, async (t) => {
  const { port } = await server();
  const pty = openPty(t, `exec ${process.execPath} ${cliPath} -p ${port} latency -i 60`, {
    env: testEnvironment({ TERM: "xterm" }),
  });
  await pty.expect(/\r +\d+ +[\d.]+/);
  pty.feed(CTRL_C);
  assert.deepEqual(await pty.exit(), { code: 0 });
});

test("an export of one cluster is the import of another, byte by byte, each job once", async (t) => {
  const from = await startCluster(t, 2);
  await from.addMany(0, "q", 20, "REPLICATE", 2, "RETRY", 7);
  await from.add(1, "later", "x", "DELAY", 1000);
  await from.call(0, "ADDJOB", Buffer.from([0xff]), Buffer.from([0, 0xfe]), 0);
  const file = join(await tempDir(t), "jobs.jsonl");
  const out = await runCli(t, ["-p", `${from.node(0).port}`, "export", "-o", file]);
  assert.deepEqual([out.code, out.stdout, out.stderr], [0, "", "22 jobs exported\n"]);
  const to = await startNode(t);
  const back = await runCli(t, ["-p", `${to.port}`, "import", file]);
  assert.deepEqual([back.code, back.stdout], [0, "22 of 22 jobs imported\n"]);
  const again = await runCli(t, ["-p", `${to.port}`, "export"]);
  const content = (text: string) =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .map(({ queue, queue64, body, body64, retry }) =>
        JSON.stringify([queue, queue64, body, body64, retry]),
      )
      .sort();
  assert.deepEqual(content(again.stdout), content(readFileSync(file, "utf8")));
});

test("an import with a damaged line changes nothing, refused jobs go to the rejects", async (t) => {
  const node = await startNode(t);
  const folder = await tempDir(t);
  const [file, rejects] = [join(folder, "jobs"), join(folder, "rejects")];
  const good = '{"queue":"q","body":"x"}\n';
  const at = ["-p", `${node.port}`];
  const damaged = await runCli(t, [...at, "import"], { input: `${good}{"queue":"q"}\n` });
  assert.equal(damaged.code, 2);
  assert.equal(
    damaged.stderr,
    "ringq: standard input, line 2: body is missing; nothing was imported\n",
  );
  assert.equal((await runCli(t, [...at, "QLEN", "q"])).stdout, "0\n");
  await runCli(t, [...at, "PAUSE", "closed", "in"]);
  writeFileSync(file, `${good}{"queue":"closed","body":"y"}\n`);
  const partly = await runCli(t, [...at, "import", file, "--rejects", rejects]);
  assert.deepEqual([partly.code, partly.stdout], [1, "1 of 2 jobs imported\n"]);
  assert.match(partly.stderr, /^line 2: PAUSED/);
  assert.equal(readFileSync(rejects, "utf8"), '{"queue":"closed","body":"y"}\n');
  assert.equal((await runCli(t, [...at, "import", "/no/such/file"])).code, 2);
});

test("an export never overwrites, and leaves nothing half behind", async (t) => {
  const node = await server();
  const file = join(await tempDir(t), "jobs");
  writeFileSync(file, "precious");
  assert.equal((await runCli(t, ["-p", `${node.port}`, "export", "-o", file])).code, 2);
  assert.equal(readFileSync(file, "utf8"), "precious");
  const gone = await runCli(t, ["-p", "1", "export", "-o", `${file}2`]);
  assert.equal(gone.code, 1);
  assert.ok(!existsSync(`${file}2`) && !existsSync(`${file}2.partial`));
});

test("bench measures on a queue of its own and leaves it empty", async (t) => {
  const { port } = await startNode(t, { requirepass: "p" });
  const args = ["-p", `${port}`, "bench", "--jobs", "2000", "--seconds", "0.2", "--clients", "2"];
  const { code, stdout, stderr } = await runCli(t, args, { env: { RINGQ_AUTH: "p" } });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(
    stdout,
    /\nadded +[\d,]+( +[\d.]+){4}\nadded, taken, acknowledged +[\d,]+( +[\d.]+){4}\n$/,
  );
  const info = await runCli(t, ["-p", `${port}`, "INFO", "jobs"], { env: { RINGQ_AUTH: "p" } });
  assert.match(info.stdout, /jobs_queued:0\r/);
  assert.equal((await runCli(t, args)).code, 1, "without the password");
});
