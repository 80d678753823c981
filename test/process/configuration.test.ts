/**
 * Where settings come from and where they go: command line, file, standard input, environment, SIGHUP,
 * CONFIG REWRITE; and what is said about mistakes.
 */
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startNode, type TestNode } from "../support/node.ts";
import type { Plain } from "../support/reply.ts";
import { tempDir } from "../support/temp-dir.ts";
import { launch, run } from "./launch.ts";
import { RawClient } from "./raw-client.ts";

const UNSUPPORTED = "-ERR Unsupported CONFIG parameter: rename-command";

/** A configuration file in a folder of its own. */
async function configFile(t: TestContext, lines: string[]): Promise<string> {
  const path = join(await tempDir(t), "ringq.conf");
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

async function setting(client: RawClient, name: string): Promise<Plain> {
  const pair = await client.call("CONFIG", "GET", name);
  assert.ok(Array.isArray(pair));
  return pair[1] ?? null;
}

/** Sends SIGHUP and waits until the server has said what it makes of it. */
async function reload(node: TestNode, outcome: RegExp): Promise<void> {
  const before = node.log().length;
  process.kill(node.pid, "SIGHUP");
  await eventually(() => outcome.test(node.log().slice(before)), { what: `log of ${outcome}` });
}

test("--version and --help answer and exit with 0", async (t) => {
  const version = await run(t, ["--version"]);
  assert.deepEqual([version.code, version.stderr], [0, ""]);
  assert.match(version.stdout, /^ringq-server \d+\.\d+\.\d+\n$/);
  assert.equal((await run(t, ["-v"])).stdout, version.stdout);
  const help = await run(t, ["--help"]);
  assert.equal(help.code, 0);
  for (const word of ["Usage: ringq-server", "--maxmemory", "--check-config", "RINGQ_CONF_"]) {
    assert.ok(help.stdout.includes(word), word);
  }
});

test("an unknown option is a usage error, with the one that may be meant", async (t) => {
  const { code, stderr, stdout } = await run(t, ["--prot", "7711"]);
  assert.equal(code, 2);
  assert.match(stderr, /Unknown option --prot, did you mean --port\?/);
  assert.match(stderr, /Try ringq-server --help/);
  assert.equal(stdout, "");
});

test("--check-config says that all is well, or exits with 1 and tells file, line and text", async (t) => {
  const good = await configFile(t, ["port 7711", "save 900 1"]);
  const fine = await run(t, [good, "--check-config"]);
  assert.deepEqual([fine.code, fine.stdout], [0, "configuration is valid\n"]);
  assert.match(fine.stderr, /without effect in ringq: save/);
  const bad = await configFile(t, ["# comment", "port 7711", "maxclients none", "timout 3"]);
  for (const args of [[bad, "--check-config"], [bad]]) {
    const { code, stderr } = await run(t, args);
    assert.equal(code, 1);
    assert.match(stderr, /FATAL CONFIG FILE ERROR/);
    assert.ok(stderr.includes(`at line 3 of ${bad}`), stderr);
    assert.match(stderr, /'maxclients none'\nInvalid max clients limit/);
    assert.match(stderr, /did you mean timeout\?/);
  }
});

test("a configuration file that is not there is an error with its path", async (t) => {
  const path = join(await tempDir(t), "missing.conf");
  const { code, stderr } = await run(t, [path]);
  assert.equal(code, 1);
  assert.equal(stderr, `cannot read configuration file ${path}: No such file or directory\n`);
});

test("--print-config shows what results from file, environment and flags, without secrets", async (t) => {
  const file = await configFile(t, ["timeout 1", "maxclients 11", "slowlog-max-len 7"]);
  const { code, stdout } = await run(t, [file, "--timeout", "3", "--print-config"], {
    env: {
      RINGQ_CONF_TIMEOUT: "2",
      RINGQ_CONF_MAXCLIENTS: "22",
      RINGQ_CONF_REQUIREPASS: "hush",
      RINGQ_CONF_PIDFILE: "/tmp/süß",
    },
  });
  assert.equal(code, 0);
  for (const line of [
    "timeout 3",
    "maxclients 22",
    "slowlog-max-len 7",
    "# requirepass (set, not shown)",
  ]) {
    assert.ok(stdout.includes(`${line}\n`), `${line} in\n${stdout}`);
  }
  assert.doesNotMatch(stdout, /hush/);
  const again = await configFile(t, [stdout]);
  assert.equal((await run(t, [again, "--check-config"])).code, 0, "it is a configuration file");
});

test("a configuration from standard input counts, and outlives SIGHUP", async (t) => {
  const dir = await tempDir(t);
  const server = launch(t, ["-", "--port", "0", "--ports-file", "ports", "--dir", dir], {
    input: "maxclients 77\nslowlog-max-len 5\n",
  });
  await server.says(/ready to accept connections/);
  const { port } = JSON.parse(readFileSync(join(dir, "ports"), "utf8")) as { port: number };
  const client = await RawClient.connect(t, { port });
  assert.equal(await setting(client, "maxclients"), "77");
  server.signal("SIGHUP");
  await server.says(/configuration read again/);
  assert.equal(await setting(client, "maxclients"), "77");
  assert.equal(await setting(client, "slowlog-max-len"), "5");
  const reply = await client.call("CONFIG", "REWRITE");
  assert.equal(reply, "-ERR The server is running without a config file");
});

test("SIGHUP applies what changed in the file, and leaves alone what CONFIG SET changed", async (t) => {
  const file = await configFile(t, ["timeout 100", "slowlog-max-len 10", "tcp-backlog 100"]);
  const node = await startNode(t, {}, { args: [file] });
  const client = await RawClient.connect(t, { port: node.port });
  await client.call("CONFIG", "SET", "slowlog-max-len", "20");
  writeFileSync(file, "timeout 200\nslowlog-max-len 10\ntcp-backlog 200\n");
  await reload(node, /configuration read again/);
  assert.equal(await setting(client, "timeout"), "200");
  assert.equal(await setting(client, "slowlog-max-len"), "20");
  assert.match(node.log(), /"changed":\["timeout"\],"needRestart":\["tcp-backlog"\]/);
});

test("SIGHUP with a file that is broken or gone changes nothing and ends nothing", async (t) => {
  const file = await configFile(t, ["timeout 100"]);
  const node = await startNode(t, {}, { args: [file] });
  const client = await RawClient.connect(t, { port: node.port });
  writeFileSync(file, "timeout 200\nmaxclients none\n");
  await reload(
    node,
    /the configuration was not applied.*Invalid max clients limit|Invalid max clients limit.*the configuration was not applied/,
  );
  rmSync(file);
  await reload(node, /No such file or directory.*the configuration was not applied/);
  assert.equal(await setting(client, "timeout"), "100");
  writeFileSync(file, "timeout 300\n");
  await reload(node, /configuration read again/);
  assert.equal(await setting(client, "timeout"), "300");
});

test("relative paths on the command line and in include count from where the server was started", async (t) => {
  const start = await tempDir(t);
  mkdirSync(join(start, "data"));
  writeFileSync(
    join(start, "main.conf"),
    "include more.conf\nport 0\nports-file ports\ndir data\n",
  );
  writeFileSync(join(start, "more.conf"), "timeout 7\n");
  const server = launch(t, ["main.conf"], { cwd: start });
  await server.says(/ready to accept connections/);
  const ports = readFileSync(join(start, "data", "ports"), "utf8");
  const { port } = JSON.parse(ports) as { port: number };
  const client = await RawClient.connect(t, { port });
  assert.equal(await setting(client, "timeout"), "7");
  assert.equal(await setting(client, "dir"), join(start, "data"));
  writeFileSync(join(start, "more.conf"), "timeout 8\n");
  server.signal("SIGHUP");
  await server.says(/configuration read again/);
  assert.equal(await setting(client, "timeout"), "8");
  await client.call("CONFIG", "SET", "maxclients", "55");
  assert.equal(await client.call("CONFIG", "REWRITE"), "OK");
  assert.match(readFileSync(join(start, "main.conf"), "utf8"), /^maxclients 55$/m);
  assert.ok(!existsSync(join(start, "data", "main.conf")));
});

test("SIGHUP opens the log file anew", async (t) => {
  const dir = await tempDir(t);
  const node = await startNode(t, { logfile: "ringq.log" }, { dir });
  const log = join(dir, "ringq.log");
  const says = (pattern: RegExp): Promise<boolean> =>
    eventually(() => existsSync(log) && pattern.test(readFileSync(log, "utf8")), {
      what: `the log has ${pattern}`,
    });
  await says(/ready to accept connections/);
  renameSync(log, join(dir, "old.log"));
  process.kill(node.pid, "SIGHUP");
  await says(/read again/);
  assert.equal(await node.stop(), 0);
  assert.match(readFileSync(log, "utf8"), /"msg":"bye"/);
  assert.doesNotMatch(readFileSync(join(dir, "old.log"), "utf8"), /bye/);
});

test("CONFIG REWRITE keeps the file's text and permissions, and the next start has the values", async (t) => {
  const file = await configFile(t, ["# kept", "timeout 100", "", "maxmemory 1gb", "# end"]);
  chmodSync(file, 0o640);
  const first = await startNode(t, {}, { args: [file] });
  const client = await RawClient.connect(t, { port: first.port });
  await client.call("CONFIG", "SET", "timeout", "33", "requirepass", "p w", "maxmemory", "512mb");
  assert.equal(await client.call("AUTH", "p w"), "OK");
  assert.equal(await client.call("CONFIG", "REWRITE"), "OK");
  const text = readFileSync(file, "utf8");
  assert.match(text, /^# kept\ntimeout 33\n\nmaxmemory 512mb\n# end\n/);
  assert.match(text, /\nrequirepass "p w"\n/);
  assert.equal(statSync(file).mode & 0o777, 0o640);
  assert.equal(await first.stop(), 0);
  const second = await startNode(t, {}, { args: [file], dir: await tempDir(t) });
  const after = await RawClient.connect(t, { port: second.port });
  assert.equal(await after.call("AUTH", "p w"), "OK");
  assert.equal(await setting(after, "timeout"), "33");
  assert.equal(await setting(after, "maxmemory"), String(512 * 1024 * 1024));
});

test("commands are renamed by the file and by flags, and a rewrite keeps the file's lines", async (t) => {
  const file = await configFile(t, [
    "rename-command CONFIG secret-config",
    'rename-command DEBUG ""',
  ]);
  const flags = ["--rename-command", "shutdown", "", "--rename-command", "PING", "pong"];
  const node = await startNode(t, {}, { args: [file, ...flags] });
  const client = await RawClient.connect(t, { port: node.port });
  for (const gone of ["CONFIG", "DEBUG", "SHUTDOWN", "PING"]) {
    assert.equal(await client.call(gone), `-ERR unknown command '${gone}'`);
  }
  assert.equal(await client.call("PONG"), "PONG");
  assert.deepEqual(await client.call("COMMAND", "INFO", "config", "debug"), [null, null]);
  assert.equal(await client.call("Secret-Config", "SET", "timeout", "33"), "OK");
  assert.equal(await client.call("SECRET-CONFIG", "SET", "rename-command", "x y"), UNSUPPORTED);
  assert.equal(await client.call("SECRET-CONFIG", "REWRITE"), "OK");
  assert.match(
    readFileSync(file, "utf8"),
    /^rename-command CONFIG secret-config\nrename-command DEBUG ""\n/,
  );
  assert.equal(await node.stop(), 0);
  const { code, stderr } = await run(t, [file, "--rename-command", "config", "x"]);
  assert.equal(code, 1);
  assert.match(stderr, /No such command in rename-command\n\(config was renamed .*ringq\.conf:1\)/);
});

test("CONFIG REWRITE without a file is an error", async (t) => {
  const node = await startNode(t);
  const client = await RawClient.connect(t, { port: node.port });
  const reply = await client.call("CONFIG", "REWRITE");
  assert.equal(reply, "-ERR The server is running without a config file");
});

test("who connected before a password was set or removed gets the limits that go with it", async (t) => {
  const node = await startNode(t, { requirepass: "secret" });
  const early = await RawClient.connect(t, { port: node.port });
  const admin = await RawClient.connect(t, { port: node.port });
  assert.equal(await early.call("PING"), "-NOAUTH Authentication required.");
  assert.equal(await admin.call("AUTH", "secret"), "OK");
  await admin.call("CONFIG", "SET", "requirepass", "");
  assert.match(String(await early.call("ADDJOB", "q", "x".repeat(100_000), "0")), /^D-/);
  await admin.call("CONFIG", "SET", "requirepass", "secret");
  early.send(["ADDJOB", "q", "x".repeat(100_000), "0"]);
  assert.match(await early.end(), /^-ERR Protocol error: /);
});
