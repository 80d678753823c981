/** When the log is rewritten, and that its files stay within their bound. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRewriteDue } from "../../../src/io/log/rewrite-pass.ts";
import { SEGMENT_BYTES } from "../../../src/io/log/segment-chain.ts";

const MB = 1024 * 1024;
const rule = {
  logBytes: 0,
  baseBytes: 100 * MB,
  liveBytes: 100 * MB,
  rewrittenBytes: 100 * MB,
  percentage: 100,
  minBytes: 64 * MB,
};

test("it is due when the log has grown by the percentage, and not below the least size", () => {
  assert.equal(isRewriteDue({ ...rule, logBytes: 199 * MB }), false);
  assert.equal(isRewriteDue({ ...rule, logBytes: 201 * MB }), true);
  assert.equal(isRewriteDue({ ...rule, logBytes: 201 * MB, minBytes: 300 * MB }), false);
  const fresh = { ...rule, baseBytes: 0, liveBytes: 0, rewrittenBytes: 0 };
  assert.equal(isRewriteDue({ ...fresh, logBytes: 64 * MB }), false);
  assert.equal(isRewriteDue({ ...fresh, logBytes: 65 * MB }), true);
});

test("a log that has grown because there are more jobs is left as it is", () => {
  assert.equal(isRewriteDue({ ...rule, logBytes: 300 * MB, liveBytes: 290 * MB }), false);
  assert.equal(isRewriteDue({ ...rule, logBytes: 370 * MB, liveBytes: 290 * MB }), true);
});

test("percentage 0 switches it off", () => {
  assert.equal(isRewriteDue({ ...rule, logBytes: 5000 * MB, percentage: 0 }), false);
});

test("a large percentage does not let the disk fill up", () => {
  assert.equal(isRewriteDue({ ...rule, logBytes: 300 * MB, percentage: 10_000 }), true);
});

test("an estimate that is too low does not make it begin again and again", () => {
  const wrong = { ...rule, logBytes: 210 * MB, baseBytes: 205 * MB, liveBytes: 1 };
  assert.equal(isRewriteDue({ ...wrong, rewrittenBytes: 205 * MB }), false);
  assert.equal(isRewriteDue({ ...wrong, rewrittenBytes: 0 }), true, "at a start it begins once");
});

test("old and new files together stay below three times the jobs and two segments", () => {
  for (const liveBytes of [0, 10 * MB, 1000 * MB, 20_000 * MB]) {
    let logBytes = liveBytes;
    const isDue = (): boolean =>
      isRewriteDue({
        ...rule,
        logBytes,
        baseBytes: liveBytes,
        rewrittenBytes: liveBytes,
        liveBytes,
        percentage: 10_000,
      });
    while (!isDue()) logBytes += MB;
    // What clients write meanwhile is half of what is copied.
    const mostBytes = logBytes + liveBytes * 1.5;
    assert.ok(mostBytes <= 3 * liveBytes + 2 * SEGMENT_BYTES + 2 * MB, `${liveBytes} bytes live`);
  }
});
