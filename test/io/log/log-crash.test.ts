/**
 * A power cut or a kill at every single call to the disk: what was promised is there, what was taken back
 * stays away.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeDisk, PowerCut } from "./fake-disk.ts";
import { LogScene, type MachineOptions } from "./log-scene.ts";

const SETTINGS = { appendfsync: "always" };
const OTHER_BOOT = { bootId: "2".repeat(32) };

/** Some turns of a life with everything in it; some turns come while the disk is busy. */
function live(scene: LogScene): void {
  scene.add("a");
  scene.add("b");
  scene.turn();
  scene.add("c");
  scene.turn();
  scene.disk.settle();
  scene.turn();
  scene.remove("a");
  scene.rest();
  scene.log.rewrite();
  scene.turn();
  scene.add("d");
  scene.remove("b");
  scene.turn();
  scene.disk.settle();
  scene.advance(1100);
  scene.rest();
  scene.log.rewrite();
  scene.add("e");
  scene.rest();
  scene.advance(1100);
  scene.rest();
}

/** A life on this disk until it ends or the power does; what was promised. */
async function liveUntilCut(
  disk: FakeDisk,
  settings: Readonly<Record<string, unknown>>,
  machine: MachineOptions = {},
): Promise<readonly string[]> {
  try {
    const scene = await LogScene.start(disk, settings, machine);
    live(scene);
    return scene.promised;
  } catch (error) {
    assert.ok(
      error instanceof PowerCut || (error as Error).cause instanceof PowerCut,
      String(error),
    );
    return [];
  }
}

/** What was promised must hold for these jobs; removals may have happened unheard. */
function keeps(jobs: readonly string[], promised: readonly string[], when: string): void {
  const removed = ["a", "b"];
  for (const promise of promised) {
    const body = promise.slice(1);
    const isThere = jobs.includes(body);
    if (promise.startsWith("-")) assert.ok(!isThere, `${body} is back, ${when}`);
    else if (!removed.includes(body)) assert.ok(isThere, `${body} is lost, ${when}`);
    else if (!promised.includes(`-${body}`)) continue;
  }
}

async function callsOf(settings: Readonly<Record<string, unknown>>): Promise<number> {
  const disk = new FakeDisk();
  const promised = await liveUntilCut(disk, settings);
  assert.deepEqual(promised, ["+a", "+b", "+c", "-a", "+d", "-b", "+e"]);
  return disk.calls;
}

test("a whole life needs the disk now and then", async () => {
  const calls = await callsOf(SETTINGS);
  assert.ok(calls > 30 && calls < 300, `${calls} calls`);
});

for (const extraBytes of [0, 1, 20, 90, 100_000]) {
  test(`always: a power cut at any call loses nothing promised (${extraBytes} bytes more get through)`, async () => {
    const calls = await callsOf(SETTINGS);
    for (let cut = 1; cut <= calls; cut++) {
      const disk = new FakeDisk();
      disk.cutAtCall = cut;
      const promised = await liveUntilCut(disk, SETTINGS);
      const again = await LogScene.start(disk.afterPowerLoss(extraBytes), SETTINGS, OTHER_BOOT);
      keeps(again.jobs, promised, `cut at call ${cut}`);
    }
  });
}

for (const appendfsync of ["everysec", "no", "always"]) {
  test(`${appendfsync}: a kill at any call loses nothing promised`, async () => {
    const calls = await callsOf({ appendfsync });
    for (let cut = 1; cut <= calls; cut++) {
      const disk = new FakeDisk();
      disk.cutAtCall = cut;
      const promised = await liveUntilCut(disk, { appendfsync });
      const again = await LogScene.start(disk.afterKill(), { appendfsync });
      keeps(again.jobs, promised, `killed at call ${cut}`);
    }
  });
}

test("everysec: a power cut loses the end at most, and the server starts", async () => {
  const settings = { appendfsync: "everysec" };
  const calls = await callsOf(settings);
  for (let cut = 1; cut <= calls; cut++) {
    const disk = new FakeDisk();
    disk.cutAtCall = cut;
    await liveUntilCut(disk, settings);
    for (const extraBytes of [0, 30]) {
      const again = await LogScene.start(disk.afterPowerLoss(extraBytes), settings, OTHER_BOOT);
      assert.equal(again.log.isOn, true);
    }
  }
});

for (const segmentBytes of [90, 200, 400]) {
  test(`the same when files are full after ${segmentBytes} bytes`, async () => {
    for (const appendfsync of ["always", "everysec"]) {
      const whole = new FakeDisk();
      await liveUntilCut(whole, { appendfsync }, { segmentBytes });
      for (let cut = 1; cut <= whole.calls; cut++) {
        const disk = new FakeDisk();
        disk.cutAtCall = cut;
        const promised = await liveUntilCut(disk, { appendfsync }, { segmentBytes });
        const killed = await LogScene.start(disk.afterKill(), { appendfsync });
        keeps(killed.jobs, promised, `${appendfsync}, killed at call ${cut}`);
        for (const extraBytes of [0, 30, 1000]) {
          const next = disk.afterPowerLoss(extraBytes);
          const again = await LogScene.start(next, { appendfsync }, OTHER_BOOT);
          if (appendfsync === "always") keeps(again.jobs, promised, `cut at call ${cut}`);
        }
      }
    }
  });
}
