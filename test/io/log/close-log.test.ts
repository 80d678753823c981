/** The end of the process and a sync that is under way: neither takes the other's error for itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { closeLog } from "../../../src/io/log/close-log.ts";
import { FakeDisk } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

const SEGMENT_BYTES = 500;

test("a log is closed when its last sync has ended", async () => {
  const disk = new FakeDisk();
  const scene = await LogScene.start(disk, { appendfsync: "always" });
  scene.add("a");
  scene.turn();
  assert.equal(scene.log.isSyncing, true);
  const closed = closeLog(scene.log, 0);
  assert.equal(scene.log.isOn, true);
  disk.settle();
  await closed;
  assert.equal(scene.log.isOn, false);
  const next = await LogScene.start(disk.afterPowerLoss(), {}, { bootId: "2".repeat(32) });
  assert.deepEqual(next.jobs, ["a"]);
});

test("what a disk does not answer is not called closed, nor promised", async () => {
  const disk = new FakeDisk();
  const scene = await LogScene.start(disk, { appendfsync: "always" });
  scene.add("a");
  scene.turn();
  disk.isStuck = true;
  scene.log.close();
  assert.equal(scene.log.isOn, true);
  assert.equal(scene.log.isDurable, false);
  assert.deepEqual(scene.promised, []);
});

test("a sync that is waited for covers full segments that another one has not reached", async () => {
  const disk = new FakeDisk();
  const scene = await LogScene.start(disk, {}, { segmentBytes: SEGMENT_BYTES });
  for (let i = 0; i < 9; i++) {
    scene.add(`${i}${"x".repeat(100)}`);
    scene.turn();
    disk.settle();
  }
  scene.advance(1000);
  assert.equal(scene.log.isSyncing, true);
  scene.log.syncNow();
  const next = await LogScene.start(disk.afterPowerLoss(), {}, { bootId: "2".repeat(32) });
  assert.equal(next.jobs.length, 9);
});
