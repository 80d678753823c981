/**
 * The latency report for people: it must name each kind of delay, describe it, and advise.
 * Only the parts that carry numbers are pinned; the prose may change.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { latencyDoctor } from "../../../src/commands/observe/latency-doctor.ts";
import { LATENCY_EVENTS, LatencyMonitor } from "../../../src/commands/observe/latency-monitor.ts";

function report(monitor: LatencyMonitor, slowlogThresholdMicros = 10_000): string {
  return latencyDoctor({ monitor, nowUnixSeconds: 1000, slowlogThresholdMicros });
}

test("while the monitor is off the doctor says how to switch it on", () => {
  const text = report(new LatencyMonitor(0));
  assert.match(text, /monitor is off/);
  assert.match(text, /CONFIG SET latency-monitor-threshold/);
});

test("without delays the doctor has nothing to say but the threshold", () => {
  assert.match(report(new LatencyMonitor(50)), /^All is well: .* nothing took 50 ms or more/);
});

test("each kind of delay is counted, averaged, dated and given its rhythm", () => {
  const monitor = new LatencyMonitor(50);
  monitor.record("command", 100, 900);
  monitor.record("command", 300, 910);
  monitor.record("command", 200, 980);
  const expected =
    "1. command: 3 slow seconds, 200 ms on average (give or take 67 ms), one every 40.0 s; " +
    "worst ever 300 ms, last 20 s ago.";
  assert.ok(report(monitor).split("\n").includes(expected), report(monitor));
});

test("a single delay has no rhythm, and neither has a clock set back", () => {
  const monitor = new LatencyMonitor(50);
  monitor.record("aof-write", 60, 990);
  monitor.record("fork", 60, 990);
  monitor.record("fork", 60, 980);
  const text = report(monitor);
  assert.match(text, /1 slow second, 60 ms on average \(give or take 0 ms\); worst/);
  assert.match(text, /2 slow seconds, 60 ms on average \(give or take 0 ms\); worst/);
});

test("a delay from the future is dated now", () => {
  const monitor = new LatencyMonitor(50);
  monitor.record("command", 60, 5000);
  assert.match(report(monitor), /last 0 s ago/);
});

test("every kind of delay has advice, and shared advice is given once", () => {
  for (const event of LATENCY_EVENTS) {
    const monitor = new LatencyMonitor(50);
    monitor.record(event, 60, 990);
    assert.match(report(monitor), /What to try:\n\n- \w/, event);
  }
  const monitor = new LatencyMonitor(50);
  monitor.record("aof-write", 60, 990);
  monitor.record("aof-fstat", 60, 990);
  assert.equal(report(monitor).split("disk of its own").length - 1, 1);
});

test("a slow log that would have missed the delays is mentioned with a better threshold", () => {
  const monitor = new LatencyMonitor(50);
  monitor.record("command", 60, 990);
  assert.doesNotMatch(report(monitor, 10_000), /at present/);
  assert.match(report(monitor, -1), /off at present: CONFIG SET slowlog-log-slower-than 50000/);
  assert.match(report(monitor, 60_001), /set to 60001 us, above all of these at present/);
  assert.doesNotMatch(report(monitor, 60_000), /at present/);
});

test("a note about the slow log stands once, below the advice to read it", () => {
  const monitor = new LatencyMonitor(50);
  for (const event of LATENCY_EVENTS) monitor.record(event, 60, 990);
  const lines = report(monitor, -1).split("\n");
  const notes = lines.filter((line) => line.includes("at present"));
  assert.equal(notes.length, 1);
  assert.match(lines[lines.indexOf(notes[0] ?? "") - 1] ?? "", /^- SLOWLOG GET /);
});
