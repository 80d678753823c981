/**
 * The real world behind the interfaces of the core and the commands: clocks, chance, passwords, the
 * configuration file.
 */
import assert from "node:assert/strict";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Logger } from "../../src/io/logger.ts";
import { World } from "../../src/io/world.ts";
import { fc } from "../support/fast-check.ts";
import { tempDir } from "../support/temp-dir.ts";

const silent = (): void => undefined;
const log: Logger = {
  debug: silent,
  verbose: silent,
  notice: silent,
  warning: silent,
  fatal: silent,
};

/** A world, and what it told its owner. */
function makeWorld(configFile = ""): { world: World; told: string[] } {
  const told: string[] = [];
  const actions = {
    identityChanged: () => told.push("changed"),
    saveIdentity: () => {
      told.push("save");
      return "disk full";
    },
    shutdown: () => told.push("shutdown"),
  };
  const given = { configFile, executable: "/bin/ringq-server", version: "1.2.3" };
  return { world: new World(given, actions, log), told };
}

test("both clocks stand still between two readings, and are whole milliseconds", () => {
  const { world } = makeWorld();
  const { nowMs, wallMs } = world;
  const busyUntilMs = performance.now() + 5;
  while (performance.now() < busyUntilMs) assert.equal(world.nowMs, nowMs);
  world.refresh();
  assert.ok(world.nowMs >= nowMs + 4);
  assert.ok(Math.abs(world.wallMs - wallMs) < 60_000);
  assert.ok(Number.isInteger(world.nowMs) && Number.isInteger(world.wallMs));
  const micros = world.elapsedMicros();
  assert.ok(Math.abs(micros / 1000 - world.nowMs) < 1000);
});

test("random words are unsigned, and do not repeat when the pool is filled anew", () => {
  const { world } = makeWorld();
  const words = Array.from({ length: 10_000 }, () => world.randomWord());
  assert.ok(words.every((word) => Number.isInteger(word) && word >= 0 && word < 2 ** 32));
  assert.ok(new Set(words).size > 9990);
  assert.match(world.randomHex40(), /^[0-9a-f]{40}$/);
  assert.notEqual(world.randomHex40(), world.randomHex40());
});

test("passwords are equal when all their bytes are", () => {
  const { world } = makeWorld();
  const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      assert.equal(world.passwordsEqual(a, b), a.equals(b));
      assert.equal(world.passwordsEqual(a, Buffer.from(a)), true);
      assert.equal(world.passwordsEqual(a, Buffer.concat([a, Buffer.from([0])])), false);
    }),
  );
});

test("readings of the process are plausible", () => {
  const { world } = makeWorld();
  const readings = world.readings();
  assert.ok(readings.rssBytes > 10e6);
  assert.ok(readings.heapUsedBytes > 1e6 && readings.heapUsedBytes <= readings.heapTotalBytes);
  assert.ok(readings.heapLimitBytes > readings.heapTotalBytes);
  assert.ok(readings.cpuUserSeconds > 0);
  const { version, pid, configFile, executable, runId, tcpPort } = world.facts;
  assert.deepEqual(
    [version, pid, configFile, executable, tcpPort],
    [...["1.2.3", process.pid, "", "/bin/ringq-server", 0]],
  );
  assert.match(runId, /^[0-9a-f]{40}$/);
});

test("the configuration file is read byte by byte, and replaced with the permissions it had", async (t) => {
  const path = join(await tempDir(t), "ringq.conf");
  const { world } = makeWorld(path);
  assert.deepEqual(world.readConfigFile(), { error: "No such file or directory" });
  assert.equal(world.writeConfigFile("requirepass x\n"), undefined);
  assert.equal(statSync(path).mode & 0o777, 0o600, "a new one may hold a password");
  const bytes = Buffer.from([0x23, 0xff, 0x00, 0xc3, 0xa4, 0x0a]);
  writeFileSync(path, bytes);
  chmodSync(path, 0o644);
  const found = world.readConfigFile();
  assert.ok("text" in found);
  assert.equal(world.writeConfigFile(found.text), undefined);
  assert.ok(readFileSync(path).equals(bytes));
  assert.equal(statSync(path).mode & 0o777, 0o644);
});

test("why the configuration file cannot be written is told in the system's words", async (t) => {
  const { world } = makeWorld(join(await tempDir(t), "missing", "ringq.conf"));
  assert.equal(world.writeConfigFile("x"), "No such file or directory");
});

test("what commands ask for reaches the owner", () => {
  const { world, told } = makeWorld();
  world.identityChanged();
  assert.equal(world.saveIdentity(), "disk full");
  world.shutdown();
  assert.deepEqual(told, ["changed", "save", "shutdown"]);
});

test("sleep stops the whole process for that long", () => {
  const { world } = makeWorld();
  const startMs = performance.now();
  world.sleep(20);
  assert.ok(performance.now() - startMs >= 19);
});
