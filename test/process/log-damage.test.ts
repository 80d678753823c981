/**
 * Logs that something has damaged: what a crash does to them is mended, anything else stops the start.
 */
import assert from "node:assert/strict";
import {
  appendFileSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startNode } from "../support/node.ts";
import { tempDir } from "../support/temp-dir.ts";
import { run } from "./launch.ts";
import { RawClient } from "./raw-client.ts";

const JOBS = 5;

/** A folder with the log of a server that was killed; its one segment. */
async function killedLog(t: TestContext): Promise<{ dir: string; segment: string }> {
  const node = await startNode(t, { appendonly: "yes" });
  const client = await RawClient.connect(t, { port: node.port });
  for (let i = 0; i < JOBS; i++) await client.call("ADDJOB", "q", `body ${i}`, "0");
  await node.kill9();
  return { dir: node.dir, segment: join(node.dir, "log", "segment-0000000001.rql") };
}

/** How many jobs a server finds in the folder, and its log. */
async function loaded(t: TestContext, dir: string): Promise<{ jobs: unknown; log: string }> {
  const node = await startNode(t, { appendonly: "yes" }, { dir });
  const client = await RawClient.connect(t, { port: node.port });
  const jobs = await client.call("QLEN", "q");
  return { jobs, log: node.log() };
}

/** What a server says that does not start with this folder. */
async function refusal(t: TestContext, dir: string, ...more: string[]): Promise<string> {
  const args = ["--port", "0", "--ports-file", "p", "--dir", dir, "--appendonly", "yes", ...more];
  const { code, stdout } = await run(t, args);
  assert.equal(code, 1, stdout);
  return stdout;
}

test("a last block that is cut off is cut away, with a warning", async (t) => {
  const { dir, segment } = await killedLog(t);
  truncateSync(segment, statSync(segment).size - 7);
  const { jobs, log } = await loaded(t, dir);
  assert.equal(jobs, JOBS - 1);
  assert.match(log, /"level":"warning".*the end of the log was cut off by a crash/);
});

test("zeros or other bytes behind the last block are cut away", async (t) => {
  const { dir, segment } = await killedLog(t);
  const size = statSync(segment).size;
  appendFileSync(segment, Buffer.concat([Buffer.alloc(5000), Buffer.from("something")]));
  assert.equal((await loaded(t, dir)).jobs, JOBS);
  assert.equal(statSync(segment).size, size);
});

test("aof-load-truncated no refuses a log that is cut off, and leaves it alone", async (t) => {
  const { dir, segment } = await killedLog(t);
  const size = statSync(segment).size - 7;
  truncateSync(segment, size);
  assert.match(await refusal(t, dir, "--aof-load-truncated", "no"), /aof-load-truncated is no/);
  assert.equal(statSync(segment).size, size);
});

test("a damage in the middle stops the start; file, place and help are named", async (t) => {
  const { dir, segment } = await killedLog(t);
  const bytes = readFileSync(segment);
  const at = bytes.indexOf("body 2");
  bytes[at] = 0x21;
  writeFileSync(segment, bytes);
  const said = await refusal(t, dir);
  assert.match(said, /segment-0000000001\.rql at byte \d+: bad bytes in the middle of the log/);
  assert.match(said, /ringq check-log/);
  assert.deepEqual(readFileSync(segment), bytes);
});

test("a log of another format, of another node, or without its files stops the start", async (t) => {
  const { dir, segment } = await killedLog(t);
  const bytes = readFileSync(segment);
  const newer = Buffer.from(bytes);
  newer.writeUInt16BE(999, 8);
  writeFileSync(segment, newer);
  assert.match(await refusal(t, dir), /format version 999, this server reads version 1/);
  writeFileSync(segment, bytes);
  const nodes = join(dir, "nodes.conf");
  const identity = readFileSync(nodes);
  rmSync(nodes);
  assert.match(await refusal(t, dir), /it is the log of node [0-9a-f]{40}/);
  writeFileSync(nodes, identity);
  rmSync(segment);
  assert.match(await refusal(t, dir), /segment-0000000001\.rql: the file is missing/);
  writeFileSync(segment, bytes);
  rmSync(join(dir, "log", "manifest"));
  assert.match(await refusal(t, dir), /there are segments and no manifest/);
});

test("a damaged manifest stops the start", async (t) => {
  const { dir } = await killedLog(t);
  const manifest = join(dir, "log", "manifest");
  writeFileSync(
    manifest,
    readFileSync(manifest, "latin1").replace("first-segment 1", "first-segment 2"),
  );
  assert.match(await refusal(t, dir), /cannot use .*manifest: it is damaged/);
});

test("a segment that was made and not written is no part of the log", async (t) => {
  const { dir } = await killedLog(t);
  writeFileSync(join(dir, "log", "segment-0000000002.rql"), Buffer.alloc(80));
  assert.equal((await loaded(t, dir)).jobs, JOBS);
});

test("a start with an empty folder makes a log", async (t) => {
  assert.equal((await loaded(t, await tempDir(t))).jobs, 0);
});
