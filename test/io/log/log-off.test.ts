/** Switching the log off and on while the server runs, also when the disk is slow, broken or in the middle of something. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readManifest } from "../../../src/io/log/manifest.ts";
import { FakeDisk, systemError } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

const ALWAYS = { appendfsync: "always" };
const FOLDER = "/data/log";

/** A log with one job in it that is safe. */
async function scene(settings: Readonly<Record<string, unknown>> = ALWAYS): Promise<LogScene> {
  const found = await LogScene.start(new FakeDisk(), settings);
  found.add("first");
  found.rest();
  return found;
}

function state({ disk }: LogScene): string | undefined {
  return readManifest(disk, FOLDER)?.state;
}

/** A pass whose manifest has its name, and the folder is not synced yet. */
async function installing(): Promise<LogScene> {
  const log = await scene();
  log.log.rewrite();
  while (readManifest(log.disk, FOLDER)?.firstSegment === 1) {
    log.turn();
    log.disk.settleOne();
  }
  return log;
}

test("switched off while a pass moves the manifest: it stays off, and a start knows", async () => {
  const log = await installing();
  log.log.turn(false);
  log.rest();
  assert.equal(log.log.isOn, false);
  assert.equal(state(log), "off");
});

test("switched off before the manifest of a pass has its name: the pass does not switch it on again", async () => {
  const log = await scene();
  log.log.rewrite();
  while (!log.disk.list(FOLDER).includes("manifest.new")) {
    log.turn();
    if (!log.disk.list(FOLDER).includes("manifest.new")) log.disk.settleOne();
  }
  log.log.turn(false);
  log.rest();
  assert.equal(log.log.isOn, false);
  assert.equal(state(log), "off");
});

test("off and on again while a pass moves the manifest: it is on when the new pass has ended", async () => {
  const log = await installing();
  log.log.turn(false);
  assert.equal(log.log.turn(true), undefined);
  while (log.log.figures().state === "wait-rewrite") {
    const manifest = readManifest(log.disk, FOLDER);
    const isBegun = log.disk.list(FOLDER).includes("segment-0000000003.rql");
    assert.ok(manifest?.state === "off" || manifest?.firstSegment === 3 || !isBegun);
    log.turn();
    log.disk.settleOne();
  }
  assert.equal(log.log.figures().state, "on");
  assert.equal(state(log), "on");
});

test("switching off waits for no disk, and what is said waits until a start would know", async () => {
  const log = await scene();
  const { blockingSyncs } = log.disk;
  log.add("a");
  log.log.turn(false);
  log.turn();
  assert.equal(log.disk.blockingSyncs, blockingSyncs);
  assert.deepEqual(log.promised, ["+first"]);
  log.rest();
  assert.deepEqual(log.promised, ["+first", "+a"]);
  assert.equal(state(log), "off");
  assert.equal(log.disk.openFiles, 0);
  log.log.turn(true);
  assert.equal(log.disk.blockingSyncs, blockingSyncs, "nor does switching on");
});

test("switched off on a disk that hangs: all is said after 2 s, with a warning", async () => {
  const log = await scene();
  log.disk.isStuck = true;
  log.log.turn(false);
  log.add("a");
  log.turn();
  log.advance(1999);
  assert.deepEqual(log.promised, ["+first"]);
  log.advance(1);
  assert.deepEqual(log.promised, ["+first", "+a"]);
  assert.equal(log.messages.filter((message) => message.includes("old jobs")).length, 1);
  assert.notEqual(log.log.turn(true), undefined, "a start would take the old log for current");
  log.disk.isStuck = false;
  log.rest();
  assert.equal(state(log), "off");
  assert.equal(log.log.turn(true), undefined);
});

test("switched off on a broken disk: a start with yes knows that the log is old, if the disk takes a word", async () => {
  const log = await scene();
  log.disk.fault = (call, path) =>
    path.includes("segment") && call !== "unlink" ? systemError("EIO") : undefined;
  log.add("a");
  log.rest();
  assert.notEqual(log.log.refusal, "");
  log.log.turn(false);
  log.rest();
  log.remove("first");
  log.rest();
  assert.deepEqual(log.promised, ["+first", "+a", "-first"]);
  assert.equal(log.disk.openFiles, 0);
  const again = await LogScene.start(log.disk.afterKill(), ALWAYS);
  assert.ok(again.messages.some((message) => message.includes("as it was then")));
});

test("switched off on a disk that takes nothing: warned at once, and noted when it does", async () => {
  const log = await scene();
  log.disk.fault = () => systemError("EIO");
  log.add("a");
  log.rest();
  log.log.turn(false);
  log.turn();
  await Promise.resolve();
  log.turn();
  assert.deepEqual(log.promised, ["+first", "+a"]);
  assert.ok(log.messages.some((message) => message.includes("old jobs")));
  assert.equal(state(log), "on");
  log.disk.fault = () => undefined;
  log.advance(1000);
  log.rest();
  assert.equal(state(log), "off");
  assert.equal(log.disk.openFiles, 0);
});

test("a node with a new memory writes a log that is off once, and it stays off", async () => {
  const log = await LogScene.start(new FakeDisk(), { appendonly: false });
  log.add("a");
  log.log.rewrite();
  log.turn();
  log.incarnation++;
  log.log.identityChanged();
  log.rest();
  assert.equal(log.log.isOn, false);
  assert.equal(state(log), "off");
});

test("switched on while the disk fills up: it counts as on when all that was said is in it", async () => {
  const log = await LogScene.start(new FakeDisk(), { appendonly: false });
  log.add("a");
  log.log.turn(true);
  log.turn();
  while (state(log) !== "new" || !log.disk.list(FOLDER).includes("manifest.new")) {
    log.disk.settleOne();
    log.turn();
  }
  log.disk.fault = (call, path) =>
    call === "write" && path.includes("segment") ? systemError("ENOSPC") : undefined;
  log.add("b");
  log.rest();
  assert.deepEqual(log.promised, ["+a", "+b"], "nobody waits for a log that is not on");
  assert.equal(state(log), "on", "what was there when it was switched on is in it");
  assert.equal(log.log.figures().state, "wait-rewrite");
  log.disk.fault = () => undefined;
  log.advance(1000);
  assert.equal(log.log.figures().state, "on");
  const again = await LogScene.start(log.disk.afterKill());
  assert.deepEqual(again.jobs, ["a", "b"]);
});
