/** Zeros ahead of the blocks: only where every turn waits for the disk, and never taken for a crash. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeDisk } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

const ALWAYS = { appendfsync: "always", "aof-load-truncated": false };
const EVERYSEC = { appendfsync: "everysec", "aof-load-truncated": false };
const ROOM = { roomBytes: 4096 };
const FIRST = "/data/log/segment-0000000001.rql";

/** One that has two jobs, one after the other. */
async function scene(settings: object, disk = new FakeDisk()): Promise<LogScene> {
  const log = await LogScene.start(disk, { ...settings }, ROOM);
  for (const body of ["a", "b"]) {
    log.add(body);
    log.rest();
  }
  return log;
}

function hasWarned({ messages }: LogScene): boolean {
  return messages.some((message) => message.includes("cut off"));
}

test("with always a file does not grow with its blocks", async () => {
  const { disk } = await scene(ALWAYS);
  assert.equal(disk.bytes(FIRST).length, ROOM.roomBytes);
});

test("room is no torn end: after a kill or a power loss nothing is missing", async () => {
  const { disk } = await scene(ALWAYS);
  for (const left of [disk.afterKill(), disk.afterPowerLoss()]) {
    const again = await LogScene.start(left, ALWAYS, { ...ROOM, bootId: "2".repeat(32) });
    assert.deepEqual(again.jobs, ["a", "b"]);
    assert.equal(hasWarned(again), false);
    assert.ok(left.bytes(FIRST).length < ROOM.roomBytes, "it ends with its last block then");
  }
});

test("a block in the room that the power loss has torn is a torn end", async () => {
  const log = await scene(ALWAYS);
  log.add("c");
  log.turn();
  const settings = { ...ALWAYS, "aof-load-truncated": true };
  const again = await LogScene.start(log.disk.afterPowerLoss(30), settings, ROOM);
  assert.deepEqual(again.jobs, ["a", "b"]);
  assert.equal(hasWarned(again), true);
});

test("zeros elsewhere are what a crash has left", async () => {
  const { disk } = await scene(EVERYSEC);
  const { length } = disk.bytes(FIRST);
  assert.ok(length < 500, "every second there is no room");
  disk.damage(FIRST, Buffer.concat([disk.bytes(FIRST), Buffer.alloc(100)]));
  await assert.rejects(LogScene.start(disk.afterKill(), EVERYSEC, ROOM), /the end is cut off/);
});

test("a stop, and a segment that is full, leave no room behind", async () => {
  const stopped = await scene(ALWAYS);
  stopped.log.close();
  assert.ok(stopped.disk.bytes(FIRST).length < 500);
  const full = await LogScene.start(new FakeDisk(), ALWAYS, { ...ROOM, segmentBytes: 200 });
  for (let i = 0; i < 10; i++) {
    full.add("x");
    full.rest();
  }
  assert.ok(full.disk.bytes(FIRST).length < 500);
});

test("a disk that has no room for room takes blocks all the same", async () => {
  const disk = new FakeDisk();
  disk.roomBytes = 2000;
  const log = await scene(ALWAYS, disk);
  assert.deepEqual(log.promised, ["+a", "+b"]);
  assert.equal(log.log.refusal, "");
  assert.ok(disk.bytes(FIRST).length < 500);
});
