/** `ringq check-log` says of a log what a server does with it: the nodes file and the run of the machine count. */
import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { readLogOwner } from "../../src/cli/log-owner.ts";
import { Broker } from "../../src/core/broker.ts";
import { realDisk } from "../../src/io/log/log-disk.ts";
import { LogFolder } from "../../src/io/log/log-folder.ts";
import { LogStart } from "../../src/io/log/log-start.ts";
import { lookingDisk } from "../../src/io/log/looking-disk.ts";
import { tryStart } from "../../src/io/log/trial-start.ts";
import {
  BLOCK_HEADER_BYTES,
  finishBlock,
  SEGMENT_HEADER_BYTES,
  writeSegmentHeader,
} from "../../src/journal/log-format.ts";
import { Replay } from "../../src/journal/replay.ts";
import { block, flipped, segment, segmentHeader } from "../journal/segments.ts";
import { FakeHost } from "../support/fake-host.ts";
import { built, bytesOf, type LogOnDisk, newLog, OTHER_BOOT, SAME_BOOT } from "./log-on-disk.ts";
import { runTool } from "./run-tool.ts";

const { nodeId: NODE_ID } = segmentHeader();
const NEW_ID = "f".repeat(40);

/** A segment that the node has begun after a reset gave it another id. */
function afterReset(number: number): Buffer {
  return segment({ ...segmentHeader(number), nodeId: NEW_ID }, ["gone"]).bytes;
}

test("a reset that was cut off is no damage: the nodes file says which id was before", async (t) => {
  const log = await newLog(t);
  log.writeSegment(5, afterReset(5));
  log.writeNodes(NEW_ID, [NODE_ID]);
  assert.ok(log.check(), log.said);
  for (const number of [2, 3, 4]) {
    const line = new RegExp(`000000000${number}\\.rql: of the time before the node was reset`);
    assert.match(log.said, line);
  }
  log.writeSegment(3, flipped(bytesOf(3), SEGMENT_HEADER_BYTES));
  assert.ok(log.check(), "nobody reads what is of that time");
  log.writeSegment(5, flipped(afterReset(5), SEGMENT_HEADER_BYTES));
  assert.ok(!log.check());
  assert.ok(log.check(true), log.said);
  assert.ok(log.check(), log.said);
});

test("also one that ended before the first segment in the new name", async (t) => {
  const log = await newLog(t);
  log.writeNodes(NEW_ID, [NODE_ID]);
  assert.ok(log.check(), log.said);
  log.writeNodes(NEW_ID, ["e".repeat(40)]);
  assert.ok(!log.check());
  assert.match(log.said, /does not start with it: .*0002\.rql: it is the log of node 0123456789/);
});

test("without a nodes file, or with a damaged one, no server starts with the log, and the file is named", async (t) => {
  const log = await newLog(t);
  const whole = readFileSync(log.nodesFile);
  writeFileSync(log.nodesFile, flipped(whole, 30));
  assert.ok(!log.check());
  assert.match(log.said, /does not start with it: cannot use nodes file .*nodes\.conf: /);
  rmSync(log.nodesFile);
  log.writeSegment(4, bytesOf(4).subarray(0, -5));
  assert.ok(!log.check(true), "what is torn is mended all the same");
  assert.match(log.said, /repaired\n.*still does not start with it: .*nodes\.conf is missing/);
  writeFileSync(log.nodesFile, whole);
  assert.ok(log.check(), log.said);
});

test("a nodes file by another name is found by --nodes-file", async (t) => {
  const log = await newLog(t);
  cpSync(log.nodesFile, join(log.dir, "other.conf"));
  rmSync(log.nodesFile);
  assert.equal(runTool(["check-log", log.dir]).code, 1);
  assert.equal(runTool(["check-log", log.dir, "--nodes-file", "other.conf"]).code, 0);
});

test("what another run of the machine may have left is cut by a server, and check-log says so", async (t) => {
  const log = await newLog(t);
  log.writeSegment(3, bytesOf(3).subarray(0, -5));
  assert.ok(!log.check());
  assert.match(log.said, /a server does not start with it: .*0003\.rql at byte \d+: bad bytes/);
  assert.ok(!log.check(false, OTHER_BOOT));
  assert.match(log.said, /on this machine now says: the end of the log was cut off by a crash/);
  assert.match(log.said, /now goes on without its end \(--repair keeps what is whole\)$/);
});

test("an empty segment in the place of a missing one claims nothing of the one before", async (t) => {
  const log = await newLog(t);
  const header = { ...segmentHeader(2), bytesBefore: 1_000_000 };
  log.writeSegment(2, segment(header, ["gone"]).bytes);
  rmSync(join(log.dir, "log", "segment-0000000003.rql"));
  assert.ok(log.check(true), log.said);
  assert.ok(log.check(), log.said);
});

test("a last segment that is gone is told as missing, and a repair makes up for it", async (t) => {
  const log = await newLog(t);
  log.writeSegment(4, Buffer.concat([bytesOf(4), followed(4)]));
  assert.ok(!log.check());
  assert.match(log.said, /: segment 5 is missing\n/);
  assert.match(log.said, /does not start with it: .*0005\.rql: the file is missing/);
  log.writeSegment(5, Buffer.from("hello world"));
  assert.ok(!log.check());
  assert.ok(log.check(true), log.said);
  assert.ok(log.check(), log.said);
});

test("but not one that a running server begins while the others are read", async (t) => {
  const log = await newLog(t);
  log.writeSegment(4, Buffer.concat([bytesOf(4), followed(4)]));
  const parts = { folder: join(log.dir, "log"), nodeId: NODE_ID, formerIds: [], bootId: SAME_BOOT };
  assert.match(tryStart(parts).refusal, /0005\.rql: the file is missing/);
  const list = lookingDisk.list.bind(lookingDisk);
  // The first listing is for the manifest.
  let lists = 0;
  t.mock.method(lookingDisk, "list", (path: string) => {
    const names = list(path);
    if (++lists === 2) log.writeSegment(5, segment(segmentHeader(5), ["gone"]).bytes);
    return names;
  });
  assert.equal(tryStart(parts).refusal, "");
});

/** The block at the end of a segment that says that another one follows. */
function followed(number: number): Buffer {
  const word = Buffer.alloc(BLOCK_HEADER_BYTES);
  finishBlock(crc32, segmentHeader(number).mark, { segment: number + 1, bytes: 500 }, word);
  return word;
}

/** What is wrong with a log, by name. */
const harms: Record<string, (log: LogOnDisk) => void> = {
  nothing: () => undefined,
  "a missing segment": (log) => rmSync(join(log.dir, "log", "segment-0000000003.rql")),
  "a missing last segment": (log) => log.writeSegment(4, Buffer.concat([bytesOf(4), followed(4)])),
  "a missing manifest": (log) => rmSync(join(log.dir, "log", "manifest")),
  "a foreign file": (log) => log.writeSegment(6, Buffer.from("hello world")),
  "a file that was never begun": (log) => log.writeSegment(5, Buffer.alloc(0)),
  "a header that never came": (log) => log.writeSegment(3, Buffer.alloc(500)),
  "another node": (log) => log.writeNodes(NEW_ID),
  "a reset": (log) => log.writeNodes(NEW_ID, [NODE_ID]),
  "what a failed write has left": (log) => {
    log.writeSegment(3, Buffer.concat([bytesOf(3), Buffer.from("garbage")]));
    const header = { ...segmentHeader(4), bytesBefore: bytesOf(3).length };
    log.writeSegment(4, Buffer.concat([writeSegmentHeader(crc32, header), block(header, "gone")]));
  },
  "a number that stands for no node": (log) =>
    log.writeSegment(4, segment(segmentHeader(4), ["list 7"]).bytes),
};
for (const number of [2, 3, 4]) {
  for (const start of [0, ...(built[number - 2]?.starts ?? [])]) {
    const where = `segment ${number}, byte ${start}`;
    harms[`a flip in ${where}`] = (log) =>
      log.writeSegment(number, flipped(bytesOf(number), start));
    harms[`an end at ${where}`] = (log) =>
      log.writeSegment(number, bytesOf(number).subarray(0, start + 3));
  }
}

test("whatever is wrong, the trial refuses what a start refuses, and warns of what it warns of", async (t) => {
  let refusals = 0;
  for (const [name, harm] of Object.entries(harms)) {
    for (const bootId of [SAME_BOOT, OTHER_BOOT]) {
      const log = await newLog(t);
      harm(log);
      const { nodeId, formerIds } = readLogOwner(log.nodesFile);
      const folder = join(log.dir, "log");
      const before = log.files();
      const trial = tryStart({ folder, nodeId, formerIds, bootId });
      assert.deepEqual(log.files(), before, "nothing was changed");
      const { refusal, warnings } = await start(folder, { nodeId, formerIds, bootId });
      assert.equal(trial.refusal !== "", refusal !== "", `${name}: ${trial.refusal}/${refusal}`);
      assert.ok(refusal.includes(trial.refusal), `${name}: ${refusal}`);
      assert.deepEqual(
        trial.warnings.map(({ message }) => message),
        warnings,
        name,
      );
      if (refusal !== "") refusals++;
    }
  }
  assert.ok(refusals > 10 && refusals < Object.keys(harms).length * 2 - 10, `${refusals}`);
});

/** A real start, which changes the files. */
async function start(
  path: string,
  who: { nodeId: string; formerIds: readonly string[]; bootId: string },
): Promise<{ refusal: string; warnings: string[] }> {
  const warnings: string[] = [];
  const host = new FakeHost(1, {});
  const broker = new Broker(host, { nodeId: who.nodeId, maxMemoryBytes: 0 });
  const nodes = { id: () => "", index: () => -1 };
  const loading = new LogStart({
    ...who,
    folder: new LogFolder(realDisk, path),
    makeReplay: () => new Replay({ broker, host, nodes }),
    acceptsTorn: true,
    log: { notice: () => undefined, warning: (message) => warnings.push(message) },
  });
  try {
    await loading.load();
    return { refusal: "", warnings };
  } catch (error) {
    return { refusal: String(error), warnings };
  }
}
