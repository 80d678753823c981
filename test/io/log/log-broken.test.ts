/** A disk that goes on failing: nothing bad is taken for good, and neither it nor the processor is filled up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readManifest } from "../../../src/io/log/manifest.ts";
import { SEGMENT_HEADER_BYTES } from "../../../src/journal/log-format.ts";
import { FakeDisk, systemError } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

const ALWAYS = { appendfsync: "always" };
const FOLDER = "/data/log";

/** A log with one job in it that is safe. */
async function scene(
  settings: Readonly<Record<string, unknown>> = ALWAYS,
  segmentBytes?: number,
): Promise<LogScene> {
  const machine = segmentBytes === undefined ? {} : { segmentBytes };
  const found = await LogScene.start(new FakeDisk(), settings, machine);
  found.add("first");
  found.rest();
  return found;
}

test("a rewriting that waits for the disk and fails is made good before anything is said", async () => {
  const log = await scene();
  let failed = "";
  log.disk.fault = (call, path) => {
    if (call !== "sync" || !path.includes("0002") || failed !== "") return undefined;
    failed = path;
    return systemError("EIO");
  };
  assert.notEqual(log.log.rewriteNow(), undefined);
  assert.notEqual(log.log.refusal, "");
  const lostBytes = log.disk.bytes(failed).length;
  log.add("b");
  log.rest();
  assert.deepEqual(log.promised, ["+first"]);
  log.advance(1000);
  log.rest();
  assert.deepEqual(log.promised, ["+first", "+b"]);
  const disk = log.disk.afterPowerLoss();
  const isThere = disk.list(FOLDER).includes(failed.slice(FOLDER.length + 1));
  if (isThere && disk.bytes(failed).length >= lostBytes) {
    // The pages that the failed sync has thrown away.
    disk.damage(failed, Buffer.from(disk.bytes(failed)).fill(0, SEGMENT_HEADER_BYTES, lostBytes));
  }
  const again = await LogScene.start(disk, ALWAYS, { bootId: "2".repeat(32) });
  assert.deepEqual(again.jobs, ["b", "first"]);
});

test("a disk whose syncs go on failing is not filled with copies", async () => {
  for (const kept of ["nothing", "headers"]) {
    const log = await scene(ALWAYS, 200);
    const syncs = (path: string): boolean =>
      kept === "headers" &&
      path.includes("segment") &&
      log.disk.bytes(path).length === SEGMENT_HEADER_BYTES;
    log.disk.fault = (call, path) =>
      call === "sync" && !syncs(path) ? systemError("EIO") : undefined;
    for (let i = 0; i < 20; i++) log.add(`job ${i} ${"x".repeat(50)}`);
    log.rest();
    const files = log.disk.list(FOLDER).length;
    for (let i = 0; i < 60; i++) {
      log.add(String(i));
      log.advance(1000);
      log.rest();
    }
    const more = log.disk.list(FOLDER).length - files;
    assert.ok(more <= (kept === "nothing" ? 1 : 3), `${more} more files`);
    assert.equal(log.messages.filter((text) => text.includes("the disk failed")).length, 1);
    const jobs = await LogScene.start(log.disk.afterKill(), ALWAYS);
    assert.ok(jobs.jobs.includes("first"), "what is there can be loaded at any time");
    log.disk.fault = () => undefined;
    for (let i = 0; i < 9; i++) {
      log.advance(1000);
      log.rest();
    }
    assert.equal(log.log.refusal, "");
    assert.equal(log.promised.length, 81);
    const cut = await LogScene.start(log.disk.afterPowerLoss(), ALWAYS, { bootId: "2".repeat(32) });
    assert.equal(cut.jobs.length, 81);
  }
});

test("it is tried more and more rarely, every 8 s at last", async () => {
  const log = await scene();
  const triedAtMs: number[] = [];
  log.disk.fault = (call) => {
    if (call === "sync") triedAtMs.push(log.host.nowMs);
    return call === "sync" ? systemError("EIO") : undefined;
  };
  log.add("a");
  log.rest();
  for (let i = 0; i < 60; i++) {
    log.advance(500);
    log.rest();
  }
  const pauses = triedAtMs.slice(1).map((atMs, i) => atMs - (triedAtMs[i] as number));
  assert.deepEqual(pauses.slice(0, 5), [1000, 2000, 4000, 8000, 8000]);
});

test("two calls may fail, whichever: the log can be loaded at any time, and all is promised in the end", async () => {
  const life = async (log: LogScene): Promise<void> => {
    log.add("a");
    log.rest();
    log.add("b");
    for (let i = 0; i < 12; i++) {
      log.rest();
      const next = await LogScene.start(log.disk.afterKill(), ALWAYS);
      for (const word of log.promised) assert.ok(next.jobs.includes(word.slice(1)), word);
      log.advance(1000);
    }
    log.rest();
  };
  // Every third pair: all of them take half a minute.
  for (let first = 1; first <= 14; first++) {
    for (let second = first + 1 + (first % 3); second <= 24; second += 3) {
      const log = await scene();
      let calls = 0;
      log.disk.fault = () =>
        ++calls === first || calls === second ? systemError("EIO") : undefined;
      await life(log);
      assert.deepEqual(log.promised, ["+first", "+a", "+b"], `calls ${first} and ${second} fail`);
      assert.equal(readManifest(log.disk, FOLDER)?.state, "on");
      const cut = await LogScene.start(log.disk.afterPowerLoss(), ALWAYS, {
        bootId: "2".repeat(32),
      });
      assert.deepEqual(cut.jobs, ["a", "b", "first"], `calls ${first} and ${second} fail`);
    }
  }
});

test("a full disk and a sync that hangs together do not keep the processor busy", async () => {
  const log = await scene({ appendfsync: "everysec" });
  log.add("a");
  log.disk.isStuck = true;
  log.advance(2000);
  assert.equal(log.log.figures().isSyncing, true);
  log.disk.roomBytes = 0;
  log.add("b");
  log.advance(100);
  log.advance(1400);
  assert.equal(log.log.endTurn() - log.host.nowMs, 500, "when the sync counts as slow");
  log.advance(3000);
  assert.equal(log.log.endTurn(), Number.POSITIVE_INFINITY, "the end of the sync wakes it");
});

test("an import and a rewriting that nobody may interrupt fill segments of the usual size", async () => {
  const log = await scene(ALWAYS, 500);
  for (let i = 0; i < 50; i++) {
    log.add(`job ${i} ${"x".repeat(100)}`);
    log.log.writeNow();
  }
  log.log.syncNow();
  assert.ok(log.disk.list(FOLDER).length > 10);
  for (const name of log.disk.list(FOLDER)) {
    assert.ok(log.disk.bytes(`${FOLDER}/${name}`).length < 1000, name);
  }
  const again = await LogScene.start(log.disk.afterKill(), ALWAYS);
  assert.equal(again.jobs.length, 51);
});
