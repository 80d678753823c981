/** The first of many rows: as a full sort would have them, in both directions, however many are equal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TopRows } from "../../src/http/top-rows.ts";
import { fc } from "../support/fast-check.ts";

const direction = fc.constantFrom(1 as const, -1 as const);

test("the first rows are those of a full sort", () => {
  const values = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 3000, size: "max" });
  fc.assert(
    fc.property(
      values,
      fc.integer({ min: 1, max: 700 }),
      direction,
      direction,
      (all, wanted, value, name) => {
        const rows = all.map((number, at) => ({
          number,
          name: Buffer.from(`${(at * 7919) % 1000}-${at}`),
        }));
        const top = new TopRows<(typeof rows)[number]>(wanted, { value, name });
        for (const row of rows) top.offer(row, row.number, row.name);
        while (!top.merge(50)) assert.ok(top.rows.length < wanted);
        const sorted = rows.sort(
          (a, b) => (a.number - b.number) * value || Buffer.compare(a.name, b.name) * name,
        );
        assert.deepEqual(top.rows, sorted.slice(0, wanted));
      },
    ),
    { numRuns: 60 },
  );
});

test("a portion of merging is as large as is allowed", () => {
  const top = new TopRows<number>(2000, { value: 1, name: 1 });
  for (let i = 0; i < 3000; i++) top.offer(i, i, Buffer.from("x"));
  assert.equal(top.merge(10), false);
  assert.equal(top.rows.length, 10);
  assert.equal(top.merge(1990), true);
  assert.equal(top.rows.at(-1), 1999);
});
