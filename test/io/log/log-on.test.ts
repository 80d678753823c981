/** Switching a log on in a folder that has none: beside everything else, and no start is ever confused by it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readManifest } from "../../../src/io/log/manifest.ts";
import { FakeDisk, systemError } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

const FOLDER = "/data/log";
const OTHER_BOOT = { bootId: "2".repeat(32) };

/** A server without a log that has one job. */
async function scene(appendfsync = "always"): Promise<LogScene> {
  const found = await LogScene.start(new FakeDisk(), { appendonly: false, appendfsync });
  found.add("a");
  found.rest();
  return found;
}

function stateOf({ log }: LogScene): string {
  return log.figures().state;
}

test("switching on waits for no disk, and nobody waits for it", async () => {
  const log = await scene();
  log.disk.isStuck = true;
  assert.equal(log.log.turn(true), undefined);
  log.add("b");
  log.rest();
  assert.equal(log.disk.blockingSyncs, 0);
  assert.deepEqual(log.promised, ["+a", "+b"]);
  assert.equal(stateOf(log), "wait-rewrite");
  assert.equal(log.log.rewrite(), false, "that is being done already");
  log.disk.isStuck = false;
  log.rest();
  assert.equal(log.disk.blockingSyncs, 0);
  assert.equal(stateOf(log), "on");
  const again = await LogScene.start(log.disk.afterPowerLoss(), {}, OTHER_BOOT);
  assert.deepEqual(again.jobs, ["a", "b"]);
});

test("at whatever answer of the disk the power fails, the next server starts", async () => {
  for (let answers = 0; ; answers++) {
    const log = await scene();
    log.log.turn(true);
    log.turn();
    for (let i = 0; i < answers; i++) {
      log.disk.settleOne();
      log.turn();
    }
    for (const disk of [
      log.disk.afterPowerLoss(),
      log.disk.afterPowerLoss(40),
      log.disk.afterKill(),
    ]) {
      const { jobs } = await LogScene.start(disk, {}, OTHER_BOOT);
      assert.deepEqual(jobs, stateOf(log) === "on" || jobs.length > 0 ? ["a"] : []);
    }
    if (stateOf(log) === "on") return;
  }
});

test("no segment is made before a start would find a manifest", async () => {
  const log = await scene();
  log.log.turn(true);
  log.turn();
  while (!log.disk.list(FOLDER).includes("segment-0000000001.rql")) {
    assert.ok(log.disk.isWaitedFor, "it goes on");
    log.disk.settleOne();
    log.turn();
  }
  assert.equal(readManifest(log.disk.afterPowerLoss(), FOLDER)?.state, "new");
});

test("switched off before it was on: nothing comes of it, and it can be switched on again", async () => {
  const log = await scene();
  log.log.turn(true);
  log.turn();
  log.log.turn(false);
  log.rest();
  assert.equal(stateOf(log), "off");
  assert.equal(log.disk.openFiles, 0);
  assert.deepEqual(
    log.disk.list(FOLDER).filter((name) => name.startsWith("segment")),
    [],
  );
  log.log.turn(true);
  log.rest();
  assert.equal(stateOf(log), "on");
});

for (const call of ["syncFolder", "create", "sync", "rename"] as const) {
  test(`a disk whose ${call} fails is told once, and it is tried again`, async () => {
    const log = await scene();
    log.disk.fault = (made) => (made === call ? systemError("EIO") : undefined);
    assert.equal(log.log.turn(true), undefined);
    for (let i = 0; i < 3; i++) {
      log.rest();
      await Promise.resolve();
      log.advance(1000);
    }
    assert.equal(log.messages.filter((message) => message.includes("cannot be begun")).length, 1);
    assert.equal(stateOf(log), "wait-rewrite");
    assert.notEqual(log.log.figures().writeError, "");
    log.disk.fault = () => undefined;
    log.advance(1000);
    log.rest();
    assert.equal(stateOf(log), "on");
    assert.equal(log.log.figures().writeError, "");
  });
}

test("a folder that cannot be made is an error at once", async () => {
  const log = await scene();
  log.disk.fault = (call) => (call === "makeFolder" ? systemError("EROFS") : undefined);
  assert.equal(log.log.turn(true), "Unable to turn on AOF. Check server logs.");
  assert.equal(stateOf(log), "off");
});

test("a server that stops while its log is being switched on leaves a whole one", async () => {
  const log = await scene();
  log.disk.isStuck = true;
  log.log.turn(true);
  log.turn();
  log.log.close();
  assert.equal(log.log.isOn, false);
  const again = await LogScene.start(log.disk.afterPowerLoss(), {}, OTHER_BOOT);
  assert.deepEqual(again.jobs, ["a"]);
});

test("with always it counts as on when the last answer of its first pass is on the disk", async () => {
  const log = await scene();
  log.log.turn(true);
  log.turn();
  for (let i = 0; stateOf(log) !== "on"; i++) {
    if (i < 40) log.add(String(i));
    log.turn();
    log.disk.settleOne();
    if (stateOf(log) !== "on") continue;
    const again = await LogScene.start(log.disk.afterPowerLoss(), {}, OTHER_BOOT);
    for (const word of log.promised) assert.ok(again.jobs.includes(word.slice(1)), word);
  }
});
