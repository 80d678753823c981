/** The import rate is the reference's: two counters, a second apart. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ImportRate } from "../../../../src/cluster/jobs/lending/imports.ts";

test("a single job counts as twenty a second at first, and then as less and less", () => {
  const rate = new ImportRate(1000);
  rate.add(1000);
  assert.equal(rate.perSecond(1000), 20);
  assert.equal(rate.perSecond(1500), 2);
  assert.equal(rate.perSecond(6000), 1);
  assert.equal(rate.perSecond(6001), 0);
});

test("a steady flow is its rate", () => {
  const rate = new ImportRate(0);
  for (let ms = 0; ms <= 10_000; ms += 20) rate.add(ms);
  const perSecond = rate.perSecond(10_000);
  assert.ok(perSecond >= 49 && perSecond <= 52, `${perSecond}`);
});
