/**
 * The last segment is missed when somebody takes it away, and only then: no crash, wherever it comes, and no trouble of
 * the disk leaves a log that waits for a segment which never was or was meant to go.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SEGMENT_HEADER_BYTES } from "../../../src/journal/log-format.ts";
import { FakeDisk, PowerCut, systemError } from "./fake-disk.ts";
import { LogScene, type MachineOptions } from "./log-scene.ts";

const OTHER_BOOT = { bootId: "2".repeat(32) };
const SMALL = { segmentBytes: 150, rewriteBytes: 1 };

/** Takes the last segment away; its path. */
function takeLast(disk: FakeDisk): string {
  const path = `/data/log/${lastName(disk)}`;
  disk.unlinkNow(path);
  return path;
}

function lastName(disk: FakeDisk): string {
  const names = disk.list("/data/log").filter((name) => name.endsWith(".rql"));
  return names.sort().at(-1) ?? "";
}

/** Adds one job after the other, each synced. */
function addAll(scene: LogScene, bodies: string): void {
  for (const body of bodies) {
    scene.add(body);
    scene.rest();
    scene.advance(1100);
    scene.rest();
  }
}

test("a last segment that is gone is missed, after a kill, a power failure and a stop", async () => {
  for (const appendfsync of ["always", "everysec"]) {
    const scene = await LogScene.start(new FakeDisk(), { appendfsync }, SMALL);
    addAll(scene, "abc");
    const ends = [scene.disk.afterKill(), scene.disk.afterPowerLoss(100_000)];
    scene.log.close();
    for (const disk of [...ends, scene.disk.afterKill()]) {
      const path = takeLast(disk);
      for (const bootId of ["1".repeat(32), OTHER_BOOT.bootId]) {
        const start = LogScene.start(disk, { appendfsync }, { bootId });
        await assert.rejects(start, new RegExp(`${path}: the file is missing`));
      }
    }
  }
});

test("also the only one that the last process has written, behind a process that was stopped in good order", async () => {
  const first = await LogScene.start(new FakeDisk());
  first.add("a");
  first.log.close();
  const second = await LogScene.start(first.disk.afterKill());
  addAll(second, "b");
  const disk = second.disk.afterKill();
  takeLast(disk);
  await assert.rejects(LogScene.start(disk), /segment-0000000002\.rql: the file is missing/);
});

test("what stands in its place instead is not taken for the end of the log", async () => {
  const scene = await LogScene.start(new FakeDisk(), {}, SMALL);
  addAll(scene, "abc");
  const disk = scene.disk.afterKill();
  const path = takeLast(disk);
  for (const content of ["", "my notes"]) {
    disk.close(disk.create(path));
    disk.damage(path, Buffer.from(content));
    await assert.rejects(LogScene.start(disk, {}, OTHER_BOOT), /the log cannot be used/);
    assert.equal(disk.bytes(path).toString(), content);
  }
});

test("an empty segment that a repair has put in its place stays there, wherever a start is cut off", async () => {
  const scene = await LogScene.start(new FakeDisk(), {}, SMALL);
  addAll(scene, "abc");
  // Where there are jobs, a start keeps such segments anyway.
  for (const body of "abc") scene.remove(body);
  scene.rest();
  addAll(scene, "d");
  const path = `/data/log/${lastName(scene.disk)}`;
  for (let cut = 1, isOver = false; !isOver; cut++) {
    const disk = scene.disk.afterKill();
    disk.damage(path, disk.bytes(path).subarray(0, SEGMENT_HEADER_BYTES));
    disk.cutAtCall = cut;
    isOver = await LogScene.start(disk).then(
      () => true,
      () => false,
    );
    assert.deepEqual((await LogScene.start(disk.afterKill())).jobs, [], `cut at ${cut}`);
  }
});

test("a disk that does not take the word of it costs nothing but that", async () => {
  for (const roomBytes of [0, 7]) {
    const scene = await LogScene.start(new FakeDisk(), {}, SMALL);
    addAll(scene, "a");
    const first = "/data/log/segment-0000000001.rql";
    const { disk } = scene;
    const write = disk.write.bind(disk);
    const bytes = disk.bytes(first).length;
    disk.write = (file, from, offset, length, position) => {
      const isWord = position === bytes && length === 20;
      if (isWord && roomBytes === 0) throw systemError("ENOSPC");
      return write(file, from, offset, isWord ? roomBytes : length, position);
    };
    addAll(scene, "b");
    assert.equal(disk.bytes(first).length, bytes + roomBytes);
    assert.deepEqual((await LogScene.start(disk.afterKill())).jobs, ["a", "b"]);
  }
});

/** A life of many segments and passes; with trouble, some syncs fail, so that segments are deleted again. */
function live(scene: LogScene, hasTrouble: boolean): void {
  addAll(scene, "ab");
  scene.log.rewrite();
  addAll(scene, "cd");
  if (hasTrouble) {
    let syncs = 0;
    scene.disk.fault = (call) =>
      call === "sync" && ++syncs % 3 > 0 ? systemError("EIO") : undefined;
    for (let i = 0; i < 4; i++) addAll(scene, "e");
    scene.disk.fault = () => undefined;
  }
  addAll(scene, "fg");
}

/** A life on a disk that ends at this call, in a machine that goes on or one that does not. */
async function liveUntil(cutAtCall: number, hasTrouble: boolean): Promise<FakeDisk> {
  const disk = new FakeDisk();
  disk.cutAtCall = cutAtCall;
  try {
    live(await LogScene.start(disk, { appendfsync: "always" }, SMALL), hasTrouble);
  } catch (error) {
    const { cause } = error as Error;
    assert.ok(error instanceof PowerCut || cause instanceof PowerCut, String(error));
  }
  return disk;
}

test("wherever a life ends, no start waits for a segment in vain", async () => {
  for (const hasTrouble of [false, true]) {
    const { calls } = await liveUntil(Number.POSITIVE_INFINITY, hasTrouble);
    for (let cut = 1; cut <= calls; cut++) {
      const disk = await liveUntil(cut, hasTrouble);
      const ends: [FakeDisk, MachineOptions][] = [
        [disk.afterKill(), {}],
        [disk.afterPowerLoss(), OTHER_BOOT],
        [disk.afterPowerLoss(100_000), OTHER_BOOT],
      ];
      for (const [end, machine] of ends) {
        const next = await LogScene.start(end, {}, { ...machine, ...SMALL });
        addAll(next, "z");
        await LogScene.start(next.disk.afterKill(), {}, machine);
      }
    }
  }
});
