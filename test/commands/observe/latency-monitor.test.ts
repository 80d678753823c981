/**
 * The latency monitor: thresholds, one sample a second, the ring of 160, and resets.
 * Seconds are arguments, so no test waits.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LATENCY_EVENTS, LatencyMonitor } from "../../../src/commands/observe/latency-monitor.ts";

test("with a threshold of 0 the monitor is off and records nothing", () => {
  const monitor = new LatencyMonitor(0);
  assert.equal(monitor.isOn, false);
  monitor.record("command", 1_000_000, 1);
  assert.deepEqual(monitor.latest(), []);
});

test("measurements at or above the threshold are recorded", () => {
  const monitor = new LatencyMonitor(50);
  monitor.record("command", 49, 1);
  assert.deepEqual(monitor.history("command"), []);
  monitor.record("command", 50, 2);
  assert.deepEqual(monitor.history("command"), [{ unixSeconds: 2, latencyMs: 50 }]);
});

test("a second keeps its worst measurement only", () => {
  const monitor = new LatencyMonitor(1);
  for (const latencyMs of [20, 70, 30]) monitor.record("command", latencyMs, 100);
  assert.deepEqual(monitor.history("command"), [{ unixSeconds: 100, latencyMs: 70 }]);
});

test("a worse measurement in a second that has one already raises the all-time maximum", () => {
  const monitor = new LatencyMonitor(1);
  monitor.record("command", 20, 100);
  monitor.record("command", 70, 100);
  assert.equal(monitor.maxMs("command"), 70);
  assert.deepEqual(monitor.latest(), [
    { event: "command", unixSeconds: 100, lastMs: 70, maxMs: 70 },
  ]);
});

test("the last 160 slow seconds are kept, oldest first, and the maximum outlives them", () => {
  const monitor = new LatencyMonitor(1);
  monitor.record("aof-write", 9999, 0);
  for (let second = 1; second <= 400; second++) {
    monitor.record("aof-write", second, second);
    const history = monitor.history("aof-write");
    assert.equal(history.length, Math.min(second + 1, 160));
    assert.equal(history.at(-1)?.unixSeconds, second);
    assert.equal(history[0]?.unixSeconds, Math.max(second - 159, 0));
  }
  const seconds = monitor.history("aof-write").map((sample) => sample.unixSeconds);
  assert.deepEqual(
    seconds,
    Array.from({ length: 160 }, (_, index) => 241 + index),
  );
  assert.equal(monitor.maxMs("aof-write"), 9999);
});

test("a clock set back adds samples and breaks nothing", () => {
  const monitor = new LatencyMonitor(1);
  monitor.record("command", 5, 100);
  monitor.record("command", 6, 90);
  assert.deepEqual(
    monitor.history("command").map((sample) => sample.unixSeconds),
    [100, 90],
  );
});

test("milliseconds are kept without a fraction", () => {
  const monitor = new LatencyMonitor(50);
  monitor.record("command", 49.9, 1);
  monitor.record("command", 50.9, 2);
  assert.deepEqual(monitor.history("command"), [{ unixSeconds: 2, latencyMs: 50 }]);
  assert.equal(monitor.maxMs("command"), 50);
});

test("each event has its own history, and unknown ones have none", () => {
  const monitor = new LatencyMonitor(1);
  monitor.record("command", 5, 100);
  monitor.record("fast-command", 7, 101);
  assert.deepEqual(
    monitor.latest().map((row) => [row.event, row.lastMs]),
    [
      ["command", 5],
      ["fast-command", 7],
    ],
  );
  assert.deepEqual(monitor.history("Command"), []);
  assert.equal(monitor.maxMs("nothing"), 0);
});

test("a reset without names forgets everything and says how many events that were", () => {
  const monitor = new LatencyMonitor(1);
  for (const event of LATENCY_EVENTS) monitor.record(event, 5, 100);
  assert.equal(monitor.reset(), LATENCY_EVENTS.length);
  assert.equal(monitor.reset(), 0);
  assert.deepEqual(monitor.latest(), []);
});

test("a reset by name ignores case, unknown names and repetitions", () => {
  const monitor = new LatencyMonitor(1);
  monitor.record("command", 5, 100);
  monitor.record("fork", 5, 100);
  assert.equal(monitor.reset(["COMMAND", "command", "nothing"]), 1);
  assert.deepEqual(
    monitor.latest().map((row) => row.event),
    ["fork"],
  );
  assert.equal(monitor.maxMs("command"), 0);
});
