/** The start of a server as far as its log goes: with it, without it, and with it again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadLog } from "../../../src/io/log/load-log.ts";
import type { LoadedLog } from "../../../src/io/log/log-start.ts";
import { readManifest } from "../../../src/io/log/manifest.ts";
import { FakeDisk } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

/** A start like that of a server; what it loaded. */
async function start(disk: FakeDisk, appendonly: boolean): Promise<LoadedLog | undefined> {
  const { log: nodeLog, config, host } = await LogScene.start(disk, { appendonly: false });
  config.set([["appendonly", appendonly ? "yes" : "no"]]);
  let found: LoadedLog | undefined;
  const loaded = (log: LoadedLog): void => {
    found = log;
  };
  await loadLog({ nodeLog, config, host, imports: [], formerIds: [], loaded });
  return found;
}

test("a server that runs without its log leaves it behind, for good", async () => {
  const first = await LogScene.start(new FakeDisk());
  first.add("a");
  first.rest();
  const disk = first.disk.afterKill();
  await start(disk, false);
  const after = disk.afterPowerLoss();
  assert.equal(readManifest(after, "/data/log")?.state, "off");
  const again = await start(after, true);
  assert.equal(again?.mayHaveLost, true);
  assert.equal(readManifest(after, "/data/log")?.state, "on");
});

test("a server that never had a log makes none", async () => {
  const disk = new FakeDisk();
  await start(disk, false);
  assert.deepEqual(disk.list("/data"), []);
});

test("what follows a log that was long in loading, and its import, is done by the clock of then", async () => {
  const { log: nodeLog, config, host } = await LogScene.start(new FakeDisk());
  let trueMs = host.nowMs + 60_000;
  host.refresh = () => {
    host.nowMs = trueMs;
  };
  const loaded = (): void => {
    assert.equal(host.nowMs, trueMs);
    trueMs += 60_000;
  };
  await loadLog({ nodeLog, config, host, imports: [], formerIds: [], loaded });
  assert.equal(host.nowMs, trueMs);
});
