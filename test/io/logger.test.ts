/**
 * The log: its lines, levels, secrets, files and rotation, and that no failure of it ends the
 * process. Lines are read back from real files and from real processes that die.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { createLogger, type LogOptions, type ServerLogger } from "../../src/io/logger.ts";
import { tempDir } from "../support/temp-dir.ts";

const WRITER = join(import.meta.dirname, "..", "support", "log-writer.js");

/** A log in a file of its own, and a way to read what is in it. */
async function logInFile(
  t: TestContext,
  options: Partial<LogOptions> = {},
): Promise<{ log: ServerLogger; file: string; content: () => string }> {
  const file = join(await tempDir(t), "ringq.log");
  const log = createLogger({ level: "notice", format: "json", file, ...options });
  return { log, file, content: () => readFileSync(file, "utf8") };
}

/** The lines of a JSON log without their times. */
function entries(content: string): object[] {
  return content
    .trimEnd()
    .split("\n")
    .map((line) => {
      const { time, ...rest } = JSON.parse(line) as { time: string };
      assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      return rest;
    });
}

function sayEverything(log: Pick<ServerLogger, "debug" | "verbose" | "notice" | "warning">): void {
  log.debug("a");
  log.verbose("b");
  log.notice("c");
  log.warning("d");
}

test("a line is one JSON object with time, level by name, data and message", async (t) => {
  const { log, content } = await logInFile(t);
  log.notice("peer failed", { peer: "dcb8", attempts: 3 });
  assert.deepEqual(entries(content()), [
    { level: "notice", peer: "dcb8", attempts: 3, msg: "peer failed" },
  ]);
});

test("each level lets through itself and everything graver", async (t) => {
  const levels = { debug: "abcd", verbose: "bcd", notice: "cd", warning: "d" } as const;
  for (const level of ["debug", "verbose", "notice", "warning"] as const) {
    const { log, content } = await logInFile(t, { level });
    sayEverything(log);
    const said = entries(content()).map((entry) => (entry as { msg: string }).msg);
    assert.equal(said.join(""), levels[level]);
  }
});

test("the last words are written at any level, with the error's stack", async (t) => {
  const { log, content } = await logInFile(t, { level: "warning" });
  log.fatal("bug", { err: new TypeError("oops") });
  const [entry] = entries(content()) as { level: string; err: { type: string; stack: string } }[];
  assert.equal(entry?.level, "fatal");
  assert.equal(entry?.err.type, "TypeError");
  assert.match(entry?.err.stack ?? "", /logger\.test/);
});

test("the level can change at run time, for the logs of areas too", async (t) => {
  const { log, content } = await logInFile(t, { level: "warning" });
  const bus = log.child("bus");
  sayEverything(bus);
  log.setLevel("debug");
  sayEverything(bus);
  assert.deepEqual(entries(content()), [
    { level: "warning", area: "bus", msg: "d" },
    { level: "debug", area: "bus", msg: "a" },
    { level: "verbose", area: "bus", msg: "b" },
    { level: "notice", area: "bus", msg: "c" },
    { level: "warning", area: "bus", msg: "d" },
  ]);
});

test("passwords are not written, wherever in the data they are", async (t) => {
  for (const format of ["json", "pretty"] as const) {
    const { log, content } = await logInFile(t, { format });
    log.notice("configured", {
      password: "hunter2",
      requirepass: "hunter2",
      "cluster-secret": "hunter2",
      "tls-key-file-pass": "hunter2",
      settings: { requirepass: "hunter2", port: 7711 },
      request: { headers: { authorization: "hunter2" } },
    });
    assert.doesNotMatch(content(), /hunter2/);
    assert.match(content(), /\(redacted\)/);
    assert.match(content(), /7711/);
  }
});

test("data that cannot be written as JSON does not break the log", async (t) => {
  const { log, content } = await logInFile(t);
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  log.notice("odd", { circular, big: 2n ** 70n });
  assert.match(content(), /"msg":"odd"/);
});

test("the pretty form has one readable line, and no colours in a file", async (t) => {
  const { log, content } = await logInFile(t, { format: "pretty" });
  log.child("bus").warning("peer failed", { peer: "dcb8" });
  assert.match(
    content(),
    /^\[\d{4}-\d\d-\d\d [\d:]{8}\.\d{3}\] WARNING: peer failed \{"area":"bus","peer":"dcb8"\}\n$/,
  );
});

test("an existing log file is continued", async (t) => {
  const { log, file, content } = await logInFile(t);
  log.notice("first");
  createLogger({ level: "notice", format: "auto", file }).notice("second");
  assert.equal(entries(content()).length, 2);
});

test("after a rotation the log is opened again under its name", async (t) => {
  const { log, file, content } = await logInFile(t);
  log.notice("before");
  renameSync(file, `${file}.1`);
  log.notice("between");
  log.reopen();
  log.notice("after");
  assert.deepEqual(entries(content()), [{ level: "notice", msg: "after" }]);
  assert.equal(entries(readFileSync(`${file}.1`, "utf8")).length, 2);
});

test("a log that cannot be opened again says so and goes on in the old file", async (t) => {
  const { log, file } = await logInFile(t);
  const folder = join(file, "..");
  renameSync(folder, `${folder}-moved`);
  t.after(() => rmSync(`${folder}-moved`, { recursive: true }));
  assert.throws(() => log.reopen(), /Can't open the log file .*: No such file or directory/);
  log.notice("still here");
  assert.match(readFileSync(join(`${folder}-moved`, "ringq.log"), "utf8"), /still here/);
});

test("a log file that cannot be opened is a clear error at the start", async (t) => {
  const file = join(await tempDir(t), "missing", "ringq.log");
  assert.throws(() => createLogger({ level: "notice", format: "json", file }), {
    message: `Can't open the log file ${file}: No such file or directory`,
  });
});

test("a full disk loses lines but does not stop the process", () => {
  const log = createLogger({ level: "notice", format: "json", file: "/dev/full" });
  for (let count = 0; count < 1000; count++) log.notice("x".repeat(10_000));
});

for (const format of ["json", "pretty"]) {
  test(`no ${format} line is lost when the process is killed with -9 right after`, async () => {
    const child = spawn(process.execPath, [WRITER, format, "kill"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const output = await text(child.stdout);
    assert.equal(output.trimEnd().split("\n").length, 10);
  });
}

test("standard output that is no terminal gets JSON by default", async () => {
  const child = spawn(process.execPath, [WRITER, "auto", "kill"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  assert.equal(entries(await text(child.stdout)).length, 10);
});

test("a reader of the log that goes away does not end the process", async (t) => {
  const child = spawn(process.execPath, [WRITER, "json", "wait"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  child.stdout.destroy();
  await once(child.stdout, "close");
  for (let count = 0; count < 5; count++) child.stdin.write("more\n");
  child.stdin.end();
  assert.deepEqual(await once(child, "exit"), [0, null]);
});
