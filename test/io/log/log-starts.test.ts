/** Starting a log again and again: what is there stays, and files that say little do not pile up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { readSegmentHeader, SEGMENT_HEADER_BYTES } from "../../../src/journal/log-format.ts";
import { FakeDisk, PowerCut } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

/** Does it as far as there is power. */
function untilCut(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
}

test("starts that write nothing leave one file beside those that do", async () => {
  let disk = new FakeDisk();
  for (let start = 0; start < 30; start++) {
    const scene = await LogScene.start(disk);
    if (start === 0) scene.add("a");
    scene.rest();
    disk = disk.afterKill();
  }
  assert.deepEqual(disk.list("/data/log").length, 3, "manifest, the job, the last start");
  assert.deepEqual((await LogScene.start(disk)).jobs, ["a"]);
});

test("starts that write little are put together now and then", async () => {
  let disk = new FakeDisk();
  const bodies: string[] = [];
  for (let start = 0; start < 30; start++) {
    const scene = await LogScene.start(disk);
    const body = String(start).padStart(2, "0");
    scene.add(body);
    bodies.push(body);
    scene.rest();
    assert.deepEqual(scene.jobs, bodies);
    assert.ok(disk.list("/data/log").length <= 11, `start ${start}`);
    disk = disk.afterKill();
  }
});

test("a clean stop is one: the log says so", async () => {
  const scene = await LogScene.start(new FakeDisk());
  scene.add("a");
  scene.rest();
  scene.log.close();
  assert.equal(scene.log.isOn, false);
  const again = await LogScene.start(scene.disk.afterPowerLoss(), {}, { bootId: "2".repeat(32) });
  assert.deepEqual(again.jobs, ["a"]);
  assert.ok(!again.messages.some((message) => message.includes("may be missing")));
});

test("a machine that stopped with everysec is told to have lost something, perhaps", async () => {
  const scene = await LogScene.start(new FakeDisk(), { appendfsync: "everysec" });
  scene.add("a");
  scene.rest();
  const settings = { appendfsync: "everysec" };
  const again = await LogScene.start(scene.disk.afterPowerLoss(), settings, {
    bootId: "2".repeat(32),
  });
  assert.ok(again.messages.some((message) => message.includes("may be missing")));
});

test("switched on at run time it holds what was there before, also when the power fails on the way", async () => {
  const whole = await LogScene.start(new FakeDisk(), { appendonly: false });
  for (const body of ["a", "b", "c"]) whole.add(body);
  assert.equal(whole.log.turn(true), undefined);
  assert.equal(whole.log.figures().state, "wait-rewrite");
  whole.rest();
  assert.equal(whole.log.figures().state, "on");
  const again = await LogScene.start(whole.disk.afterPowerLoss(), {}, { bootId: "2".repeat(32) });
  assert.deepEqual(again.jobs, ["a", "b", "c"]);
  for (let cut = 1; cut <= whole.disk.calls; cut++) {
    const disk = new FakeDisk();
    disk.cutAtCall = cut;
    const scene = await LogScene.start(disk, { appendonly: false });
    scene.add("a");
    scene.log.turn(true);
    untilCut(() => scene.rest());
    const next = await LogScene.start(disk.afterKill(), {});
    assert.deepEqual(next.jobs, next.jobs.length === 0 ? [] : ["a"], `killed at call ${cut}`);
  }
});

test("BGREWRITEAOF of a log that is off writes it once, and it stays off", async () => {
  const scene = await LogScene.start(new FakeDisk(), { appendonly: false });
  scene.add("a");
  assert.equal(scene.log.rewrite(), true);
  assert.equal(scene.log.rewrite(), false, "it is being done");
  assert.equal(scene.log.figures().state, "off");
  assert.equal(scene.log.figures().isRewriting, true);
  scene.rest();
  assert.equal(scene.log.figures().isRewriting, false);
  assert.equal(scene.log.isOn, false);
  scene.add("b");
  scene.rest();
  assert.deepEqual((await LogScene.start(scene.disk.afterKill())).jobs, ["a"]);
});

test("damage in what was on the disk for long is no matter of a machine that stopped", async () => {
  const settings = { appendfsync: "everysec" };
  const scene = await LogScene.start(new FakeDisk(), settings, { segmentBytes: 90 });
  for (const body of ["a", "b", "c", "d"]) {
    scene.add(body);
    scene.rest();
    scene.advance(100_000);
  }
  const disk = scene.disk.afterPowerLoss();
  const path = "/data/log/segment-0000000002.rql";
  const bytes = Buffer.from(disk.bytes(path));
  bytes[SEGMENT_HEADER_BYTES] = (bytes[SEGMENT_HEADER_BYTES] as number) ^ 1;
  disk.damage(path, bytes);
  const start = LogScene.start(disk, settings, { bootId: "2".repeat(32) });
  await assert.rejects(start, /segment-0000000002\.rql at byte 92: bad bytes in the middle/);
});

/** Changes one byte of a segment. */
function damage(disk: FakeDisk, segment: number, at: number): void {
  const path = `/data/log/segment-000000000${segment}.rql`;
  const bytes = Buffer.from(disk.bytes(path));
  bytes[at] = (bytes[at] as number) ^ 1;
  disk.damage(path, bytes);
}

test("damage with something intact behind it stops the start, after a power loss as well", async () => {
  for (const isClosed of [true, false]) {
    for (const segment of [1, 2]) {
      const settings = { appendfsync: "everysec" };
      const scene = await LogScene.start(new FakeDisk(), settings, { segmentBytes: 200 });
      for (const body of ["a", "b", "c", "d", "e"]) {
        scene.add(body);
        scene.rest();
        // What is written behind a sync tells of it.
        scene.advance(100_000);
        scene.rest();
      }
      if (isClosed) scene.log.close();
      const disk = scene.disk.afterPowerLoss();
      damage(disk, segment, 100);
      const names = disk.list("/data/log");
      const start = LogScene.start(disk, settings, { bootId: "2".repeat(32) });
      await assert.rejects(start, /at byte 92: bad bytes in the middle/, `${isClosed} ${segment}`);
      assert.deepEqual(disk.list("/data/log"), names);
    }
  }
});

test("a segment of nothing but bad bytes behind a torn one is set aside, not deleted", async () => {
  const settings = { appendfsync: "everysec" };
  const scene = await LogScene.start(new FakeDisk(), settings, { segmentBytes: 100 });
  for (const body of ["a", "b"]) {
    scene.add(body);
    scene.turn();
  }
  const disk = scene.disk.afterKill();
  damage(disk, 1, 100);
  damage(disk, 2, 100);
  const again = await LogScene.start(disk, settings, { bootId: "2".repeat(32) });
  assert.deepEqual(again.jobs, []);
  assert.ok(disk.list("/data/log").includes("segment-0000000002.rql.cut"));
  assert.ok(again.messages.includes("a file was set aside"));
});

const EVERYSEC = { appendfsync: "everysec" };
const FIRST = "/data/log/segment-0000000001.rql";

test("a hole that no sync has covered is cut after a power loss, and what is behind it is kept", async () => {
  const scene = await LogScene.start(new FakeDisk(), EVERYSEC);
  const ends: number[] = [];
  for (const body of ["a", "b", "c"]) {
    scene.add(body);
    scene.turn();
    ends.push(scene.disk.bytes(FIRST).length);
  }
  const disk = scene.disk.afterKill();
  damage(disk, 1, (ends[0] as number) + 40);
  await assert.rejects(LogScene.start(disk, EVERYSEC), /bad bytes in the middle/, "no power loss");
  const again = await LogScene.start(disk, EVERYSEC, { bootId: "2".repeat(32) });
  assert.deepEqual(again.jobs, ["a"]);
  assert.equal(disk.bytes(`${FIRST}.cut`).length, ends[2]);
  assert.equal(disk.bytes(FIRST).length, ends[0]);
});

test("a segment that is shorter than the next one says is damaged if its end was safe, and cut off if not", async () => {
  for (const isSafe of [true, false]) {
    const scene = await LogScene.start(new FakeDisk(), EVERYSEC, { segmentBytes: 300 });
    let length = 0;
    let left: readonly string[] = [];
    for (const body of ["a", "b", "c", "d"]) {
      if (scene.disk.bytes(FIRST).length < 300) {
        length = scene.disk.bytes(FIRST).length;
        left = scene.jobs;
      }
      scene.add(body);
      scene.turn();
      if (!isSafe) continue;
      scene.rest();
      scene.advance(2000);
      scene.rest();
    }
    const disk = scene.disk.afterKill();
    disk.damage(FIRST, disk.bytes(FIRST).subarray(0, length));
    const start = LogScene.start(disk, EVERYSEC, { bootId: "2".repeat(32) });
    if (isSafe) await assert.rejects(start, /the end of the segment is missing/);
    else assert.deepEqual((await start).jobs, left);
  }
});

test("what a failed sync has left in the system's memory alone is written once more by the next process", async () => {
  const scene = await LogScene.start(new FakeDisk(), { appendfsync: "always" });
  scene.add("a");
  scene.rest();
  const safeBytes = scene.disk.bytes(FIRST).length;
  scene.add("b");
  scene.turn();
  const disk = scene.disk.afterKill();
  const written: number[] = [];
  const write = disk.write.bind(disk);
  disk.write = (file, bytes, offset, length, position) => {
    written.push(position);
    return write(file, bytes, offset, length, position);
  };
  await LogScene.start(disk, { appendfsync: "always" });
  assert.ok((written[0] as number) <= safeBytes && (written[0] as number) > 0, `${written}`);
});

/** The policies in the headers, by segment. */
function policies(disk: FakeDisk): string[] {
  const names = disk.list("/data/log").filter((name) => name.endsWith(".rql"));
  return names
    .sort()
    .map((name) => readSegmentHeader(crc32, disk.bytes(`/data/log/${name}`)).policy);
}

test("another appendfsync begins another segment, and always only behind what is synced", async () => {
  const scene = await LogScene.start(new FakeDisk(), { appendfsync: "always" });
  scene.add("a");
  scene.rest();
  scene.config.set([["appendfsync", "everysec"]]);
  scene.add("b");
  scene.rest();
  scene.add("c");
  scene.turn();
  assert.deepEqual(policies(scene.disk), ["always", "everysec"]);
  scene.config.set([["appendfsync", "always"]]);
  scene.add("d");
  scene.turn();
  assert.deepEqual(policies(scene.disk), ["always", "everysec"], "c is not synced");
  assert.deepEqual(scene.promised, ["+a", "+b", "+c"]);
  scene.rest();
  assert.deepEqual(policies(scene.disk), ["always", "everysec", "always"]);
  assert.deepEqual(scene.promised, ["+a", "+b", "+c", "+d"]);
});
