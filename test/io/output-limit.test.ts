/**
 * Hard and soft limits of what waits for a client, and when to look again.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OutputLimit } from "../../src/io/output-limit.ts";

const none = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
const both = { hardBytes: 1000, softBytes: 100, softSeconds: 5 };

test("without limits everything may wait", () => {
  const limit = new OutputLimit();
  assert.equal(limit.isExceeded(1e12, none, 0), false);
  assert.equal(limit.nextCheckMs(none), Number.POSITIVE_INFINITY);
});

test("beyond the hard limit the client goes at once, at the limit it stays", () => {
  const limit = new OutputLimit();
  assert.equal(limit.isExceeded(1000, both, 0), false);
  assert.equal(limit.isExceeded(1001, both, 0), true);
});

test("beyond the soft limit the client goes when it has been there for longer than the seconds", () => {
  const limit = new OutputLimit();
  assert.equal(limit.isExceeded(101, both, 7000), false);
  assert.equal(limit.nextCheckMs(both), 12_001);
  assert.equal(limit.isExceeded(500, both, 12_000), false);
  assert.equal(limit.isExceeded(101, both, 12_001), true);
});

test("once at the soft limit or below, the time begins anew", () => {
  const limit = new OutputLimit();
  limit.isExceeded(101, both, 0);
  assert.equal(limit.isExceeded(100, both, 4000), false);
  assert.equal(limit.nextCheckMs(both), Number.POSITIVE_INFINITY);
  assert.equal(limit.isExceeded(101, both, 10_000), false);
  assert.equal(limit.isExceeded(101, both, 15_001), true);
});

test("a soft limit of no seconds leaves a millisecond", () => {
  const limit = new OutputLimit();
  const now = { ...both, softSeconds: 0 };
  assert.equal(limit.isExceeded(101, now, 3), false);
  assert.equal(limit.nextCheckMs(now), 4);
  assert.equal(limit.isExceeded(101, now, 4), true);
});
