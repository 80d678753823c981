/** The histogram with doubling buckets, against a naive search for the bucket. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LOG_BUCKETS, LogHistogram } from "../../src/util/log-histogram.ts";
import { fc } from "../support/fast-check.ts";

function bucketsOf(histogram: LogHistogram): number[] {
  return Array.from({ length: LOG_BUCKETS }, (_, at) => histogram.at(at));
}

test("every value is in the first bucket whose bound it does not exceed", () => {
  const values = fc.oneof(
    fc.nat(2 ** 29),
    fc.nat(40),
    fc.double({ min: 0, max: 1e4, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(values, { maxLength: 30 }), (noted) => {
      const histogram = new LogHistogram();
      const wanted = new Array<number>(LOG_BUCKETS).fill(0);
      for (const value of noted) {
        histogram.record(value);
        const at = wanted.findIndex((_, bucket) => value <= histogram.upperBound(bucket));
        wanted[at] = (wanted[at] ?? 0) + 1;
      }
      assert.deepEqual(bucketsOf(histogram), wanted);
      assert.equal(histogram.count, noted.length);
      const sum = noted.reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(histogram.sum - sum) <= 1e-6 * Math.max(sum, 1));
    }),
  );
});

test("what a clock that was set back makes of a time counts as nothing", () => {
  const histogram = new LogHistogram();
  for (const value of [-5, Number.NaN, Number.NEGATIVE_INFINITY]) histogram.record(value);
  assert.equal(histogram.at(0), 3);
  assert.equal(histogram.sum, 0);
});
