/** A token bucket: the rate it lets through. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenBucket } from "../../../../src/cluster/jobs/keepers/token-bucket.ts";
import { fc } from "../../../support/fast-check.ts";

test("in any time, not more is taken than was in it, came in, and one taking goes beyond", () => {
  const taking = fc.record({ afterMs: fc.nat(2000), tokens: fc.nat(500) });
  fc.assert(
    fc.property(fc.array(taking, { maxLength: 100 }), (takings) => {
      const bucket = new TokenBucket(100);
      let nowMs = 0;
      let taken = 0;
      for (const { afterMs, tokens } of takings) {
        nowMs += afterMs;
        if (bucket.readyAtMs(nowMs) > nowMs) continue;
        taken += tokens;
        bucket.take(tokens, nowMs);
        assert.ok(taken <= 100 + nowMs / 10 + 500 + 1e-6);
      }
    }),
  );
});

test("it is ready when it says so, and not a millisecond earlier", () => {
  const bucket = new TokenBucket(100);
  bucket.take(150, 0);
  const atMs = bucket.readyAtMs(0);
  assert.equal(atMs, 600);
  assert.ok(bucket.readyAtMs(599) > 599);
  assert.equal(bucket.readyAtMs(600), 600);
});
