/**
 * A real disk that is full, and has room again: a small one in memory, where this may be mounted; else a
 * limit on the size of files.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { atEnd } from "../support/cleanup.ts";
import { eventually } from "../support/eventually.ts";
import { startNode } from "../support/node.ts";
import { tempDir } from "../support/temp-dir.ts";
import { RawClient } from "./raw-client.ts";

const MISCONF = /^-MISCONF Errors writing to the AOF file: /;
const BODY = "x".repeat(20_000);

/** Mounts a disk of 1 MB at a fresh folder; why that is not possible here, if it is not. */
async function smallDisk(t: TestContext): Promise<{ dir: string } | { reason: string }> {
  const dir = await tempDir(t);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", dir], { stdio: "pipe" });
  } catch (error) {
    return { reason: `nothing can be mounted here: ${String(error).split("\n")[1] ?? error}` };
  }
  // Behind the end of the server that uses it.
  atEnd(t, async () => {
    execFileSync("umount", ["-l", dir]);
  });
  return { dir };
}

/** Adds one job after the other until it is told to stop or the server is gone; the ids that were answered. */
async function addJobs(client: RawClient, isOver: () => boolean): Promise<string[]> {
  const ids: string[] = [];
  while (!isOver() && !client.hasEnded) {
    const reply = await client.call("ADDJOB", "q", BODY, "0", "RETRY", "300").catch(() => "gone");
    if (String(reply).startsWith("D-")) ids.push(String(reply));
  }
  return ids;
}

test("a full disk: no write is accepted, everything else answers, and it goes on by itself", async (t) => {
  const disk = await smallDisk(t);
  if ("reason" in disk) {
    t.skip(disk.reason);
    return;
  }
  const { dir } = disk;
  const node = await startNode(
    t,
    { appendonly: "yes", "auto-aof-rewrite-percentage": "0" },
    { dir },
  );
  const client = await RawClient.connect(t, { port: node.port });
  const ballast = join(dir, "ballast");
  writeFileSync(ballast, Buffer.alloc(400_000));
  let isOver = false;
  // The one that meets the end of the disk is answered when it is written, and not before.
  const adding = addJobs(client, () => isOver);
  const other = await RawClient.connect(t, { port: node.port });
  await eventually(async () => MISCONF.test(String(await other.call("ACKJOB", "D-x"))), {
    what: "writes are refused",
  });
  assert.match(String(await other.call("GETJOB", "FROM", "q")), /No space left on device$/);
  assert.equal(await other.call("PING"), "PONG");
  assert.ok(Number(await other.call("QLEN", "q")) > 0);
  const info = String(await other.call("INFO", "persistence"));
  assert.match(info, /aof_last_write_status:err\r\n/);
  isOver = true;
  rmSync(ballast);
  await eventually(async () => !MISCONF.test(String(await other.call("ACKJOB", "D-x"))), {
    what: "writes are accepted again",
  });
  const ids = await adding;
  await node.kill9();
  const again = await node.restart();
  const after = await RawClient.connect(t, { port: again.port });
  const queued = Number(await after.call("QLEN", "q"));
  assert.equal(queued, ids.length);
});

test("a file that may not grow: nothing is lost, and nothing is torn", async (t) => {
  const limited = await startNode(t, { appendonly: "yes" });
  const client = await RawClient.connect(t, { port: limited.port });
  try {
    execFileSync("prlimit", ["--pid", String(limited.pid), "--fsize=200000:unlimited"]);
  } catch (error) {
    t.skip(`file sizes cannot be limited here: ${String(error)}`);
    return;
  }
  const adding = addJobs(client, () => false);
  const other = await RawClient.connect(t, { port: limited.port });
  await eventually(async () => MISCONF.test(String(await other.call("ACKJOB", "D-x"))), {
    what: "writes are refused",
  });
  await limited.kill9();
  const ids = await adding;
  const again = await limited.restart();
  const after = await RawClient.connect(t, { port: again.port });
  const queued = Number(await after.call("QLEN", "q"));
  assert.equal(queued, ids.length);
  assert.ok(queued >= 8 && queued <= 10, `${queued} jobs of 20 KB in 200 KB`);
  assert.doesNotMatch(again.log(), /cut off/);
});
