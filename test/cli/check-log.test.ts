/**
 * `ringq check-log`: what it says of whole, torn and damaged logs, and what its repairs leave.
 *
 * Most of it runs in this process; the command line itself is tried at the end.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import type { CheckRequest } from "../../src/cli/check-log.ts";
import { checkAof } from "../../src/cli/checked-aof.ts";
import { checkSingleSegment } from "../../src/cli/checked-log.ts";
import { readSegmentHeader, SEGMENT_HEADER_BYTES } from "../../src/journal/log-format.ts";
import { flipped, segment, segmentHeader } from "../journal/segments.ts";
import { startNode } from "../support/node.ts";
import { delJob, loadJob, writtenId } from "../support/reference-aof-writer.ts";
import { tempDir } from "../support/temp-dir.ts";
import { built, bytesOf, newLog, SAME_BOOT } from "./log-on-disk.ts";
import { runTool } from "./run-tool.ts";

/** Of a file that no nodes file belongs to. */
function request(repair: boolean): CheckRequest {
  return { repair, nodesFile: "", bootId: SAME_BOOT };
}

test("a whole log is told segment by segment", async (t) => {
  const log = await newLog(t);
  assert.ok(log.check());
  assert.match(log.said, /segment-0000000003\.rql: segment 3, version 1, node 0123456789abcdef/);
  assert.match(log.said, /3 blocks: 2 gone, 1 node, 2 changed\n {2}ok\n/);
  assert.match(log.said, /log: ok$/);
});

test("a flipped bit at every boundary is found, repaired, and costs one block", async (t) => {
  const log = await newLog(t);
  for (const number of [2, 3, 4]) {
    for (const start of [0, ...(built[number - 2]?.starts ?? [])]) {
      log.writeSegment(number, flipped(bytesOf(number), start));
      assert.ok(!log.check(), `segment ${number}, byte ${start}`);
      assert.match(log.said, new RegExp(`(damaged|torn end) at byte ${start}, `));
      assert.ok(log.check(true));
      assert.ok(log.check(), log.said);
      for (const intact of [2, 3, 4]) log.writeSegment(intact, bytesOf(intact));
    }
  }
});

test("a torn end is what a server cuts off, and a repair does no more", async (t) => {
  const log = await newLog(t);
  const torn = bytesOf(4).subarray(0, -5);
  log.writeSegment(4, torn);
  const [, , last = 0] = built[2]?.starts ?? [];
  assert.ok(!log.check());
  assert.match(log.said, new RegExp(`torn end at byte ${last}, ${torn.length - last} bytes`));
  assert.match(log.said, /the end of the log was cut off by a crash; it goes on from there/);
  assert.match(log.said, /now goes on without its end \(--repair keeps what is whole\)$/);
  assert.ok(log.check(true));
  assert.deepEqual(log.segment(4), bytesOf(4).subarray(0, last));
  const kept = readFileSync(join(log.dir, "log", "segment-0000000004.rql.damaged"));
  assert.deepEqual(kept, torn);
});

test("the same end in an earlier segment is damage, and the last one says so after a repair", async (t) => {
  const log = await newLog(t);
  log.writeSegment(3, bytesOf(3).subarray(0, -5));
  assert.ok(!log.check());
  assert.match(
    log.said,
    /does not start with it: .*3\.rql at byte \d+: bad bytes in the .* \(--repair keeps what is whole\)$/,
  );
  assert.ok(log.check(true));
  assert.match(log.said, /jobs may be delivered again/);
  assert.deepEqual(log.segment(2), bytesOf(2), "what is whole is not touched");
  assert.equal(readSegmentHeader(crc32, log.segment(4)).policy, "no");
  assert.ok(log.check());
});

test("a segment or a manifest that is missing is made anew, the segment empty", async (t) => {
  const log = await newLog(t);
  for (const name of ["segment-0000000003.rql", "manifest"]) rmSync(join(log.dir, "log", name));
  assert.ok(!log.check());
  assert.match(log.said, /cannot use the manifest: it is missing/);
  assert.match(log.said, /segment 3 is missing/);
  assert.ok(log.check(true));
  assert.ok(log.check(), log.said);
});

test("a file in which nothing of a log is, behind a gap, is set aside, and the log is whole without it", async (t) => {
  const log = await newLog(t);
  const foreign = Buffer.from("hello world".repeat(100));
  for (const name of ["segment-0000000007.rql", "segment-9999999999.rql"]) log.write(name, foreign);
  assert.ok(!log.check());
  assert.match(log.said, /segment-0000000007\.rql: nothing of a log is in it/);
  assert.match(log.said, /says: a file was set aside \(file .*0000000007\.rql\.cut\)/);
  assert.doesNotMatch(log.said, /missing/);
  assert.ok(log.check(true));
  assert.deepEqual(log.files().slice(-2), [
    "segment-0000000007.rql.damaged",
    "segment-9999999999.rql.damaged",
  ]);
  for (const number of [2, 3, 4]) assert.deepEqual(log.segment(number), bytesOf(number));
  assert.ok(log.check(), log.said);
});

test("a file that was made and never begun is no damage, whatever is behind it", async (t) => {
  const log = await newLog(t);
  for (const number of [5, 6]) log.writeSegment(number, Buffer.alloc(0));
  assert.ok(!log.check());
  assert.match(log.said, /goes on without its end/);
  assert.ok(log.check(true));
  assert.ok(log.check(), log.said);
  assert.deepEqual(log.segment(4), bytesOf(4));
});

test("a segment with an absurd number is told, and no case for a repair", async (t) => {
  const log = await newLog(t);
  log.write("segment-0001000000.rql", segment(segmentHeader(1_000_000), ["gone"]).bytes);
  assert.ok(!log.check(true));
  assert.match(log.said, /log: segments 5 to 999999 are missing\n/);
  assert.match(log.said, /cannot be repaired: 999995 segments are missing$/);
});

test("a segment of another log, or by another name, is no case for a repair", async (t) => {
  const log = await newLog(t);
  const nodeId = "f".repeat(40);
  log.writeSegment(3, segment({ ...segmentHeader(3), nodeId }, ["gone"]).bytes);
  assert.ok(!log.check(true));
  assert.match(log.said, /cannot be repaired: .*it is of node ffff/);
  log.writeSegment(3, bytesOf(2));
  assert.ok(!log.check(true));
  assert.match(log.said, /it is segment 2 by another name/);
  assert.deepEqual(
    log.files().filter((name) => name.includes("damaged")),
    [],
  );
});

test("repairing twice keeps both damaged files", async (t) => {
  const log = await newLog(t);
  const [, start = 0] = built[0]?.starts ?? [];
  for (let i = 0; i < 2; i++) {
    log.writeSegment(2, flipped(bytesOf(2), start));
    assert.ok(log.check(true));
  }
  const damaged = log.files().filter((name) => name.startsWith("segment-0000000002"));
  assert.deepEqual(damaged.slice(1), [
    "segment-0000000002.rql.damaged",
    "segment-0000000002.rql.damaged-2",
  ]);
});

test("a repair that fails half-way leaves a log that no server starts with, and the next one goes on", async (t) => {
  const log = await newLog(t);
  log.writeSegment(2, flipped(bytesOf(2), SEGMENT_HEADER_BYTES));
  const obstacle = join(log.dir, "log", "segment-0000000004.rql.repaired");
  mkdirSync(obstacle);
  assert.throws(() => log.check(true));
  assert.match(readFileSync(join(log.dir, "log", "manifest"), "latin1"), /state repairing/);
  assert.notDeepEqual(log.segment(2), flipped(bytesOf(2), SEGMENT_HEADER_BYTES));
  rmSync(obstacle, { recursive: true });
  assert.ok(!log.check(), "nothing is damaged any more, but nobody knows what is lost");
  assert.match(log.said, /a repair of it did not come to its end/);
  assert.ok(log.check(true));
  assert.equal(readSegmentHeader(crc32, log.segment(4)).policy, "no");
  assert.match(readFileSync(join(log.dir, "log", "manifest"), "latin1"), /state off/);
  assert.ok(log.check(), log.said);
});

test("a segment can be looked at alone, and repaired alone if no other one is behind it", async (t) => {
  const log = await newLog(t);
  const lines: string[] = [];
  const checkAlone = (number: number, repair: boolean): boolean => {
    const path = join(log.dir, "log", `segment-000000000${number}.rql`);
    return checkSingleSegment(path, request(repair), (line) => lines.push(line));
  };
  assert.ok(checkAlone(3, false));
  const damaged = flipped(bytesOf(3), SEGMENT_HEADER_BYTES + 5);
  log.writeSegment(3, damaged);
  assert.ok(!checkAlone(3, false));
  assert.ok(!checkAlone(3, true));
  assert.match(lines.at(-1) ?? "", /cannot be repaired alone: .*check-log --repair .*\/log$/);
  assert.deepEqual(log.segment(3), damaged);
  rmSync(join(log.dir, "log", "segment-0000000004.rql"));
  assert.ok(checkAlone(3, true));
  assert.ok(log.check(), log.said);
});

test("the last segment that was repaired alone says that something is missing", async (t) => {
  const log = await newLog(t);
  log.writeSegment(4, flipped(bytesOf(4), SEGMENT_HEADER_BYTES));
  const path = join(log.dir, "log", "segment-0000000004.rql");
  assert.ok(checkSingleSegment(path, request(true), () => undefined));
  assert.equal(readSegmentHeader(crc32, log.segment(4)).policy, "no");
  assert.ok(log.check(), log.said);
});

test("an append-only file of Disque is checked, and repaired by leaving out what is damaged", async (t) => {
  const path = join(await tempDir(t), "disque.aof");
  const whole = [
    loadJob({ id: writtenId(1) }),
    delJob(writtenId(1)),
    loadJob({ id: writtenId(2) }),
  ];
  const [first = Buffer.alloc(0), ...rest] = whole;
  writeFileSync(
    path,
    Buffer.concat([first, Buffer.from("garbage"), ...rest, first.subarray(0, 9)]),
  );
  const lines: string[] = [];
  const check = (repair: boolean): boolean => {
    lines.length = 0;
    return checkAof(path, request(repair), (line) => lines.push(line));
  };
  assert.ok(!check(false));
  assert.match(lines.join("\n"), new RegExp(`damaged at byte ${first.length}, 7 bytes: no record`));
  assert.match(lines.join("\n"), /2 LOADJOB, 1 DELJOB; 1 jobs are left at its end/);
  assert.match(lines.join("\n"), /torn end at byte \d+, 9 bytes: the file ends within a record/);
  assert.ok(check(true));
  assert.deepEqual(readFileSync(path), Buffer.concat(whole));
  assert.ok(check(false));
});

test("exit codes: 0 whole, 1 damaged, 2 usage or not to be had", async (t) => {
  const log = await newLog(t);
  assert.equal(runTool(["check-log"], log.dir).code, 0);
  log.writeSegment(3, flipped(bytesOf(3), SEGMENT_HEADER_BYTES + 5));
  const damaged = runTool(["check-log", log.dir]);
  assert.equal(damaged.code, 1);
  assert.match(damaged.stdout, /damaged at byte 92/);
  assert.equal(runTool(["check-log", "--repair", log.dir]).code, 0);
  const nothing = runTool(["check-log", join(log.dir, "nothing")]);
  assert.deepEqual([nothing.code, nothing.stdout], [2, ""]);
  assert.match(nothing.stderr, /nothing: No such file or directory/);
});

test("wrong usage exits with 2 and a hint", () => {
  for (const args of [["chek-log"], ["check-log", "--repiar"]]) {
    const { code, stderr } = runTool(args);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, /Try ringq --help/);
  }
  assert.match(runTool(["check-log", "--help"]).stdout, /--repair/);
});

test("a log that a server uses is looked at, and not repaired", async (t) => {
  const log = await newLog(t);
  log.writeSegment(3, flipped(bytesOf(3), SEGMENT_HEADER_BYTES + 5));
  const node = await startNode(t, {}, { dir: log.dir });
  assert.equal(runTool(["check-log", log.dir]).code, 1);
  for (const path of [
    log.dir,
    join(log.dir, "log"),
    join(log.dir, "log", "segment-0000000003.rql"),
  ]) {
    const { code, stderr } = runTool(["check-log", "--repair", path]);
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(`in use by process ${node.pid}\\b.*when no server uses it`));
  }
});
