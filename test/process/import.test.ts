/**
 * Moving from Disque: a server started with its append-only file serves the jobs, and never takes them twice.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startNode } from "../support/node.ts";
import { delJob, loadJob, type WrittenJob, writtenId } from "../support/reference-aof-writer.ts";
import { tempDir } from "../support/temp-dir.ts";
import { run } from "./launch.ts";
import { RawClient } from "./raw-client.ts";

const log = { appendonly: "yes" };

/** A job that was created a minute ago and lives for another hour. */
function recent(number: number, job: Partial<WrittenJob> = {}): Buffer {
  const createdMs = Date.now() - 60_000;
  const etime = Math.floor(Date.now() / 1000) + 3600;
  return loadJob({ id: writtenId(number, job.retry), createdMs, etime, ...job });
}

async function written(t: TestContext, name: string, ...records: Buffer[]): Promise<string> {
  const path = join(await tempDir(t), name);
  writeFileSync(path, Buffer.concat(records));
  return path;
}

test("--import serves the jobs, and a second start does not take them again", async (t) => {
  const file = await written(
    t,
    "old.aof",
    recent(1, { body: "first" }),
    recent(2),
    delJob(writtenId(2)),
    recent(3, { retry: 0 }),
    recent(4, { state: 1, delay: 3600, queue: "later" }),
  );
  const before = readFileSync(file);
  const settings = { ...log, "aof-enqueue-jobs-once": "yes", import: [file] };
  const node = await startNode(t, settings);
  const client = await RawClient.connect(t, { port: node.port });
  assert.equal(
    await client.call("QLEN", "q"),
    1,
    "what RETRY 0 has is not queued: there is a DELJOB",
  );
  assert.deepEqual(await client.call("GETJOB", "NOHANG", "FROM", "q"), [
    ["q", writtenId(1), "first"],
  ]);
  assert.equal(await client.call("ACKJOB", writtenId(1)), 1);
  assert.match(node.log(), /"jobs":3.*imported the jobs of an AOF/);
  await node.kill9();
  const again = await node.restart();
  const later = await RawClient.connect(t, { port: again.port });
  assert.match(again.log(), /not imported: it was before/);
  assert.equal(await later.call("SHOW", writtenId(1)), null, "what is acknowledged stays away");
  const shown = await later.call("SHOW", writtenId(4));
  assert.ok(Array.isArray(shown) && shown.includes("active"));
  assert.deepEqual(readFileSync(file), before);
});

test("an AOF under the configured name is found and imported", async (t) => {
  const dir = await tempDir(t);
  writeFileSync(join(dir, "jobs.aof"), recent(1));
  const node = await startNode(t, { ...log, appendfilename: "jobs.aof" }, { dir });
  const client = await RawClient.connect(t, { port: node.port });
  assert.ok(Array.isArray(await client.call("SHOW", writtenId(1))));
});

test("a file that is damaged, or not there, stops the start and is named", async (t) => {
  const file = await written(t, "bad.aof", recent(1), Buffer.from("damage"), recent(2));
  const dir = await tempDir(t);
  const args = [
    "--port",
    "0",
    "--ports-file",
    "p",
    "--dir",
    dir,
    "--appendonly",
    "yes",
    "--import",
  ];
  const damaged = await run(t, [...args, file]);
  assert.equal(damaged.code, 1);
  assert.match(damaged.stdout, /cannot import .*bad\.aof: it is damaged at offset \d+/);
  const missing = await run(t, [...args, "none.aof"]);
  assert.equal(missing.code, 1);
  assert.match(missing.stdout, /cannot import .*none\.aof: No such file/);
});
