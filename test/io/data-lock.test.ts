/**
 * The lock of the data directory, between real processes: held, released, killed, frozen, raced
 * for. Holders elsewhere (other machines, other containers) are lock files that the test writes.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { DataLockedError, type LockOptions, lockDataFolder } from "../../src/io/data-lock.ts";
import { type LockOwner, newOwner, printOwner } from "../../src/io/lock-owner.ts";
import { atEnd } from "../support/cleanup.ts";
import { eventually } from "../support/eventually.ts";
import { tempDir } from "../support/temp-dir.ts";

const HOLDER = join(import.meta.dirname, "..", "support", "lock-holder.js");

/** Long enough that a test which has to wait for it fails by its own deadline. */
const NEVER_MS = 3_600_000;
const PATIENT = { refreshMs: 20, staleAfterMs: NEVER_MS, pollMs: 5 };
const HASTY = { refreshMs: 20, staleAfterMs: 200, pollMs: 5 };

/** Starts a process that takes the lock, and waits for the first line it prints. */
async function startHolder(
  t: TestContext,
  folder: string,
  staleAfterMs = NEVER_MS,
): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, [HOLDER, folder, String(staleAfterMs)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  atEnd(t, () => void child.kill("SIGKILL"));
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { child, line };
}

/** Takes the lock for the length of the test. */
async function lock(t: TestContext, folder: string, options: LockOptions = { timing: PATIENT }) {
  const held = await lockDataFolder(folder, options);
  atEnd(t, () => held.release());
  return held;
}

/** Leaves a lock file as another process would. */
function leaveLock(folder: string, owner: Partial<LockOwner>, name = "ringq.lock"): string {
  const path = join(folder, name);
  fs.writeFileSync(path, printOwner({ ...newOwner(), ...owner }));
  return path;
}

const ELSEWHERE = { bootId: "another boot", host: "elsewhere", pid: 4711 };

/** A pid that was just in use and is not any more. */
async function deadPid(): Promise<number> {
  const child = spawn("true");
  await once(child, "exit");
  return child.pid ?? 0;
}

test("the lock is a file that names its holder and is gone after the release", async (t) => {
  const folder = await tempDir(t);
  const held = await lock(t, folder);
  assert.equal(held.path, join(folder, "ringq.lock"));
  assert.match(fs.readFileSync(held.path, "utf8"), new RegExp(`"pid":${process.pid},`));
  held.release();
  held.release();
  assert.equal(fs.existsSync(held.path), false);
  await lock(t, folder);
});

test("a second server of the same process is refused too", async (t) => {
  const folder = await tempDir(t);
  await lock(t, folder);
  await assert.rejects(lockDataFolder(folder, { timing: HASTY }), DataLockedError);
});

test("another process is refused with exit code 10 and told who holds the lock", async (t) => {
  const folder = await tempDir(t);
  const { child } = await startHolder(t, folder);
  await assert.rejects(lockDataFolder(folder), {
    name: "DataLockedError",
    exitCode: 10,
    message: new RegExp(
      `^the data directory is in use by process ${child.pid} on host .*ringq\\.lock\\)$`,
    ),
  });
  const second = await startHolder(t, folder);
  assert.match(second.line, new RegExp(`in use by process ${child.pid} `));
  await once(second.child, "exit");
  assert.equal(second.child.exitCode, 10);
});

test("the lock of a process killed with -9 is taken over at once", async (t) => {
  const folder = await tempDir(t);
  const { child } = await startHolder(t, folder);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(fs.existsSync(join(folder, "ringq.lock")), true);
  await lock(t, folder);
});

test("a killed process that nobody has waited for yet counts as dead", async (t) => {
  const folder = await tempDir(t);
  // The shell becomes a program that never waits for its child.
  const script = '"$@" & echo $!; exec sleep 60';
  const parent = spawn("sh", ["-c", script, "sh", process.execPath, HOLDER, folder, "9999", "60"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  atEnd(t, () => void parent.kill("SIGKILL"));
  const lines = createInterface(parent.stdout)[Symbol.asyncIterator]();
  const pid = Number((await lines.next()).value);
  atEnd(t, () => {
    if (fs.existsSync(`/proc/${pid}`)) process.kill(pid, "SIGKILL");
  });
  assert.equal((await lines.next()).value, "locked");
  process.kill(pid, "SIGKILL");
  await eventually(() => / Z /.test(fs.readFileSync(`/proc/${pid}/stat`, "latin1")), {
    what: "the killed process is a zombie",
  });
  await lock(t, folder);
});

test("a frozen process keeps its lock as long as it can be seen", async (t) => {
  const folder = await tempDir(t);
  const { child } = await startHolder(t, folder);
  child.kill("SIGSTOP");
  fs.utimesSync(join(folder, "ringq.lock"), 1, 1);
  await assert.rejects(lockDataFolder(folder, { timing: HASTY }), DataLockedError);
});

test("a process that exits without a word releases its lock", async (t) => {
  const folder = await tempDir(t);
  const { child } = await startHolder(t, folder);
  child.stdin?.write("exit\n");
  await once(child, "exit");
  assert.equal(fs.existsSync(join(folder, "ringq.lock")), false);
});

test("a pid that belongs to another process by now does not hold the lock", async (t) => {
  const folder = await tempDir(t);
  leaveLock(folder, { pid: process.ppid, startTime: "1" });
  await lock(t, folder);
});

test("our own pid in a lock we never took is that of a predecessor in a container", async (t) => {
  const folder = await tempDir(t);
  leaveLock(folder, {});
  await lock(t, folder);
});

test("a pid that is not in use does not hold the lock", async (t) => {
  const folder = await tempDir(t);
  leaveLock(folder, { pid: await deadPid() });
  await lock(t, folder);
});

test("a holder that cannot be seen loses its lock when it never touches it", async (t) => {
  const folder = await tempDir(t);
  leaveLock(folder, ELSEWHERE);
  const waits: string[] = [];
  const before = performance.now();
  await lock(t, folder, { timing: HASTY, onWait: (message) => waits.push(message) });
  assert.ok(performance.now() - before >= HASTY.staleAfterMs - 5);
  assert.deepEqual(waits, [
    "waiting to see whether process 4711 on host elsewhere still uses the data directory",
  ]);
});

test("a holder that cannot be seen keeps its lock while it touches it", async (t) => {
  const folder = await tempDir(t);
  const path = leaveLock(folder, ELSEWHERE);
  let seconds = 1;
  const touching = setInterval(() => fs.utimesSync(path, ++seconds, seconds), 10);
  atEnd(t, () => clearInterval(touching));
  await assert.rejects(lockDataFolder(folder, { timing: { ...HASTY, staleAfterMs: 5000 } }), {
    message: /in use by process 4711 on host elsewhere/,
  });
});

test("in another container of this machine the time before the start counts", async (t) => {
  const folder = await tempDir(t);
  const path = leaveLock(folder, { pidNamespace: "pid:[1]" });
  fs.utimesSync(path, new Date(), new Date(Date.now() - 60_000));
  const waits: string[] = [];
  const timing = { ...HASTY, staleAfterMs: 30_000 };
  await lock(t, folder, { timing, onWait: (message) => waits.push(message) });
  assert.deepEqual(waits, []);
});

for (const text of ["", "garbage", "{}", "null", '{"pid":-1}', "x".repeat(100_000)]) {
  test(`a lock holding ${JSON.stringify(text.slice(0, 10))} is watched and replaced`, async (t) => {
    const folder = await tempDir(t);
    fs.writeFileSync(join(folder, "ringq.lock"), text);
    const waits: string[] = [];
    await lock(t, folder, { timing: HASTY, onWait: (message) => waits.push(message) });
    assert.match(waits.join(), /whether an unknown process still uses/);
  });
}

test("of many servers that find a stale lock at the same time exactly one gets it", async (t) => {
  const folder = await tempDir(t);
  leaveLock(folder, { pid: await deadPid() });
  const attempts = Array.from({ length: 20 }, () => lock(t, folder));
  const results = await Promise.allSettled(attempts);
  assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
  for (const result of results) {
    if (result.status === "rejected") assert.ok(result.reason instanceof DataLockedError);
  }
});

test("of many processes that find a stale lock at the same time exactly one gets it", async (t) => {
  const folder = await tempDir(t);
  leaveLock(folder, { pid: await deadPid() });
  const holders = await Promise.all(Array.from({ length: 5 }, () => startHolder(t, folder)));
  const lines = holders.map((holder) => holder.line);
  assert.equal(lines.filter((line) => line === "locked").length, 1, lines.join("\n"));
  assert.equal(lines.filter((line) => line.includes("in use by process")).length, 4);
});

test("a takeover that somebody died in is cleared away", async (t) => {
  const folder = await tempDir(t);
  const pid = await deadPid();
  leaveLock(folder, { pid });
  const takeover = leaveLock(folder, { pid }, "ringq.lock.takeover");
  await lock(t, folder);
  assert.equal(fs.existsSync(takeover), false);
});

test("an old takeover of somebody who cannot be seen is cleared away", async (t) => {
  const folder = await tempDir(t);
  leaveLock(folder, { pid: await deadPid() });
  const takeover = leaveLock(folder, ELSEWHERE, "ringq.lock.takeover");
  fs.utimesSync(takeover, 1, 1);
  await lock(t, folder, { timing: { ...HASTY, staleAfterMs: 60_000 } });
  assert.equal(fs.existsSync(takeover), false);
});

test("the holder touches its lock again and again", async (t) => {
  const folder = await tempDir(t);
  const held = await lock(t, folder);
  fs.utimesSync(held.path, 1, 1);
  await eventually(() => fs.statSync(held.path).mtimeMs > 1000, { what: "the lock is touched" });
});

test("a lock that somebody deleted is put back", async (t) => {
  const folder = await tempDir(t);
  const held = await lock(t, folder);
  fs.unlinkSync(held.path);
  await eventually(() => fs.existsSync(held.path), { what: "the lock is back" });
  await assert.rejects(lockDataFolder(folder), DataLockedError);
});

test("a holder whose lock was taken is told once, and leaves the new lock alone", async (t) => {
  const folder = await tempDir(t);
  const messages: string[] = [];
  const options = { timing: PATIENT, onLost: (message: string) => messages.push(message) };
  const held = await lock(t, folder, options);
  leaveLock(folder, ELSEWHERE);
  await eventually(() => messages.length > 0, { what: "the holder is told" });
  assert.deepEqual(messages, [
    "the data directory was taken over by process 4711 on host elsewhere",
  ]);
  held.release();
  assert.equal(fs.existsSync(held.path), true);
});

test("a holder that asks learns of the loss at once, before its next touch", async (t) => {
  const folder = await tempDir(t);
  const messages: string[] = [];
  const timing = { ...PATIENT, refreshMs: NEVER_MS };
  const held = await lock(t, folder, { timing, onLost: (message) => messages.push(message) });
  assert.equal(held.isHeld(), true);
  leaveLock(folder, ELSEWHERE);
  assert.equal(held.isHeld(), false);
  assert.equal(held.isHeld(), false);
  assert.equal(messages.length, 1);
});

test("a released lock is not held, and asking does not put it back", async (t) => {
  const folder = await tempDir(t);
  const held = await lock(t, folder);
  held.release();
  assert.equal(held.isHeld(), false);
  assert.equal(fs.existsSync(held.path), false);
});

test("a folder that is not there, or not fit for a lock, is a clear error", async (t) => {
  const folder = await tempDir(t);
  const missing = join(folder, "missing");
  await assert.rejects(lockDataFolder(missing), {
    message: `cannot lock data directory ${missing}: No such file or directory`,
  });
  fs.mkdirSync(join(folder, "ringq.lock"));
  await assert.rejects(lockDataFolder(folder), /cannot lock data directory .*: Illegal operation/);
});
