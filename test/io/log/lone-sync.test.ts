/** An import waits for what the log does in the background, and for what is left to do after its failure. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { syncAlone, writeAlone } from "../../../src/io/log/lone-sync.ts";
import { eventually } from "../../support/eventually.ts";
import { FakeDisk, systemError } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

/** One whose log is being synced. */
async function syncing(): Promise<LogScene> {
  const scene = await LogScene.start(new FakeDisk(), { appendfsync: "everysec" });
  scene.add("a");
  scene.advance(1000);
  assert.equal(scene.log.isSyncing, true);
  return scene;
}

test("nothing is written or synced beside a sync in the background", async () => {
  const scene = await syncing();
  const { calls } = scene.disk;
  const both = Promise.all([writeAlone(scene.log), syncAlone(scene.log)]);
  await new Promise((done) => setImmediate(done));
  assert.equal(scene.disk.calls, calls);
  scene.disk.settle();
  scene.turn();
  await both;
  assert.ok(scene.disk.calls > calls);
});

test("after a sync that failed in the background all is on the disk, or it waits", async (t) => {
  const scene = await syncing();
  let isOver = false;
  const synced = syncAlone(scene.log).then(() => {
    isOver = true;
  });
  scene.disk.fault = (call) => (call === "sync" ? systemError("EIO") : undefined);
  scene.disk.settle();
  scene.disk.fault = () => undefined;
  const touch = t.mock.method(scene.log.parts, "touch");
  await eventually(() => touch.mock.callCount() > 0, { what: "it asks for turns" });
  assert.equal(isOver, false);
  scene.advance(1000);
  scene.rest();
  await synced;
  assert.equal(scene.log.refusal, "");
  assert.deepEqual((await LogScene.start(scene.disk.afterPowerLoss())).jobs, ["a"]);
});
