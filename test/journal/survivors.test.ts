/** What is left at the end of a file, compared with a plain Map. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Survivors } from "../../src/journal/survivors.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { randomId } from "../core/jobs.ts";
import { fc } from "../support/fast-check.ts";

test("it agrees with a Map whatever is set and deleted", () => {
  const random = new Xorshift(7);
  const ids = Array.from({ length: 3000 }, () => randomId(random));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(2999), fc.boolean()), { maxLength: 3000, size: "max" }),
      fc.integer(),
      (changes, secret) => {
        const survivors = new Survivors(secret);
        const model = new Map<number, number>();
        for (const [offset, [n, isSet]] of changes.entries()) {
          const id = ids[n] as Int32Array;
          if (isSet) assert.equal(survivors.set(id, offset), !model.has(n));
          else assert.equal(survivors.delete(id), model.delete(n));
          if (isSet) model.set(n, offset);
        }
        assert.equal(survivors.count, model.size);
        for (const [n, id] of ids.entries())
          assert.equal(survivors.offsetOf(id), model.get(n) ?? -1);
      },
    ),
    { numRuns: 30 },
  );
});
