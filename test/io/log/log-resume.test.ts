/**
 * A rewrite pass that is cut off goes on in the next process: it copies only what is not copied yet, and a kill at
 * any call on the way costs nothing.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readManifest } from "../../../src/io/log/manifest.ts";
import { FakeDisk, PowerCut } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

const SLOWLY = { rewriteBytes: 1 };
const OTHER_BOOT = { bootId: "2".repeat(32) };
const ALWAYS = { appendfsync: "always", "auto-aof-rewrite-min-size": 0 };
const BODIES = Array.from({ length: 12 }, (_, i) => String.fromCharCode(97 + i).repeat(60));
const GOES_ON = "the rewrite that was cut off goes on";

/** A log with a pass that has copied about half of its jobs. */
async function cutOff(): Promise<FakeDisk> {
  const scene = await LogScene.start(new FakeDisk(), ALWAYS, SLOWLY);
  for (const body of BODIES) scene.add(body);
  scene.rest();
  scene.log.rewrite();
  for (let turn = 0; turn < 6; turn++) {
    scene.advance(1);
    scene.disk.settle();
  }
  assert.equal(scene.log.figures().isRewriting, true);
  return scene.disk.afterKill();
}

function firstSegment(disk: FakeDisk): number | undefined {
  return readManifest(disk, "/data/log")?.firstSegment;
}

test("it goes on where it was, and ends", async () => {
  const disk = await cutOff();
  const before = disk.bytesUsed;
  const scene = await LogScene.start(disk, ALWAYS);
  assert.ok(scene.messages.includes(GOES_ON));
  scene.advance(1);
  const copied = disk.bytesUsed - before;
  assert.ok(copied > 0 && copied < 8 * 150, `${copied} bytes for about half of the jobs`);
  scene.rest();
  assert.equal(scene.log.figures().isRewriting, false);
  assert.equal(firstSegment(disk), 2);
  const again = await LogScene.start(disk.afterKill(), ALWAYS);
  assert.deepEqual(again.jobs, BODIES);
  assert.ok(!again.messages.includes(GOES_ON));
});

test("however early it is cut off again and again, it ends at last", async () => {
  let disk = await cutOff();
  for (let start = 0; start < 6; start++) {
    const scene = await LogScene.start(disk, ALWAYS, SLOWLY);
    for (let turn = 0; turn < 4; turn++) {
      scene.advance(1);
      scene.disk.settle();
    }
    disk = scene.disk.afterKill();
  }
  assert.equal(firstSegment(disk), 2, "it has ended in one of these lives");
  assert.deepEqual((await LogScene.start(disk, ALWAYS)).jobs, BODIES);
});

test("jobs that go and come meanwhile go and come, wherever it is cut off again", async () => {
  const [gone = "", ...kept] = BODIES;
  const live = async (disk: FakeDisk): Promise<readonly string[]> => {
    let scene: LogScene | undefined;
    try {
      scene = await LogScene.start(disk, ALWAYS, SLOWLY);
      scene.remove(gone);
      scene.add("new");
      scene.rest();
    } catch (error) {
      assert.ok(error instanceof PowerCut || (error as Error).cause instanceof PowerCut);
    }
    return scene?.promised ?? [];
  };
  const whole = await cutOff();
  assert.equal((await live(whole)).length, 2);
  for (let cut = 1; cut <= whole.calls; cut++) {
    const disk = await cutOff();
    disk.cutAtCall = cut;
    const promised = await live(disk);
    for (const [next, machine] of [
      [disk.afterKill(), {}],
      [disk.afterPowerLoss(), OTHER_BOOT],
      [disk.afterPowerLoss(100), OTHER_BOOT],
    ] as const) {
      const { jobs } = await LogScene.start(next, ALWAYS, machine);
      for (const body of kept)
        assert.ok(jobs.includes(body), `${body} is lost, cut at call ${cut}`);
      if (promised.includes("+new")) assert.ok(jobs.includes("new"), `cut at call ${cut}`);
      if (promised.includes(`-${gone}`)) assert.ok(!jobs.includes(gone), `cut at call ${cut}`);
    }
  }
});
