/** Property tests do in every run what they did in the run before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fc, propertySeed, SEED_VARIABLE } from "./fast-check.ts";

/** What a property is given, and by which seed. */
function runsOfOne(): { seed: number; values: number[] } {
  const values: number[] = [];
  const noted = fc.property(fc.integer(), (value) => {
    values.push(value);
  });
  return { seed: fc.check(noted).seed, values };
}

test("a property sees the same values in every run, by the seed of this process", () => {
  const { seed, values } = runsOfOne();
  assert.equal(seed, propertySeed(process.env));
  assert.deepEqual(runsOfOne().values, values);
});

test("the seed is 1 unless the environment has another one", () => {
  assert.equal(propertySeed({}), 1);
  assert.equal(propertySeed({ [SEED_VARIABLE]: "-77" }), -77);
});

test("what is no seed is no silent 1", () => {
  for (const text of ["", "one", "1.5", "4294967296"]) {
    assert.throws(() => propertySeed({ [SEED_VARIABLE]: text }), /PROPERTY_SEED/);
  }
});
