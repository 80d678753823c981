/**
 * The recent rate of a counter.
 *
 * Sampled regularly as by a busy server, and late as by an idle one.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rate } from "../../src/util/rate.ts";

test("a steady counter shows its rate after 16 samples", () => {
  const rate = new Rate();
  for (let i = 0; i <= 16; i++) rate.sample(1000 + i * 50, 5000 + i * 100);
  assert.equal(rate.perSecond, 500);
});

test("the first sample only sets the starting point", () => {
  const rate = new Rate();
  rate.sample(1_000_000, 77);
  assert.equal(rate.perSecond, 0);
});

test("calls within 100 ms of the last sample are ignored", () => {
  const rate = new Rate();
  rate.sample(0, 0);
  rate.sample(1_000_000, 99);
  assert.equal(rate.perSecond, 0);
  rate.sample(16, 100);
  assert.equal(rate.perSecond, 10);
});

test("a late sample stands for all those it missed", () => {
  const rate = new Rate();
  rate.sample(0, 0);
  rate.sample(1600, 1600);
  assert.equal(rate.perSecond, 1000);
  rate.sample(1600, 2400);
  assert.equal(rate.perSecond, 500);
  rate.sample(1600, 60_000);
  assert.equal(rate.perSecond, 0);
});

test("reset forgets the counter", () => {
  const rate = new Rate();
  rate.sample(0, 0);
  rate.sample(1600, 1600);
  rate.reset();
  rate.sample(0, 1700);
  assert.equal(rate.perSecond, 0);
});
