/** Another `appendfsync` at run time: what was promised stays promised, and no log vouches for more than it has. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeDisk, systemError } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

const OTHER_BOOT = { bootId: "2".repeat(32) };
const STOPPED = /the machine stopped/;

/** A log with one job that is on the disk. */
async function scene(): Promise<LogScene> {
  const found = await LogScene.start(new FakeDisk(), { appendfsync: "always" });
  found.add("a");
  found.rest();
  return found;
}

for (const policy of ["everysec", "no"]) {
  test(`from always to ${policy}: nothing is said before the disk knows that less is promised`, async () => {
    const log = await scene();
    log.config.set([["appendfsync", policy]]);
    log.add("b");
    log.turn();
    assert.deepEqual(log.promised, ["+a"]);
    log.rest();
    assert.deepEqual(log.promised, ["+a", "+b"]);
    log.add("c");
    log.turn();
    assert.deepEqual(
      log.promised,
      ["+a", "+b", "+c"],
      "from now on it is written, and that is all",
    );
    const again = await LogScene.start(log.disk.afterPowerLoss(), {}, OTHER_BOOT);
    assert.ok(again.messages.some((message) => STOPPED.test(message)));
  });
}

test("who waits for the disk goes on waiting when somebody else asks for less", async () => {
  const log = await scene();
  log.add("b");
  log.turn();
  log.config.set([["appendfsync", "no"]]);
  log.turn();
  assert.deepEqual(log.promised, ["+a"]);
  log.rest();
  assert.deepEqual(log.promised, ["+a", "+b"]);
});

test("while no segment can be begun that promises less, the one at hand holds what it says", async () => {
  const log = await scene();
  log.config.set([["appendfsync", "no"]]);
  log.disk.fault = (call) => (call === "create" ? systemError("ENOSPC") : undefined);
  log.add("b");
  log.rest();
  assert.deepEqual(log.promised, ["+a"]);
  log.disk.fault = () => undefined;
  log.advance(1000);
  log.rest();
  assert.deepEqual(log.promised, ["+a", "+b"]);
  log.add("c");
  log.turn();
  const again = await LogScene.start(log.disk.afterPowerLoss(), {}, OTHER_BOOT);
  assert.ok(again.messages.some((message) => STOPPED.test(message)));
});
