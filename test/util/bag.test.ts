/** The bag against a Set: any order of adding and removing keeps the two in agreement. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Bag } from "../../src/util/bag.ts";
import { fc } from "../support/fast-check.ts";

function items(count: number) {
  return Array.from({ length: count }, (_, number) => ({ bagIndex: -1, number }));
}

test("adding and removing in any order agrees with a Set", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 100 }), (steps) => {
      const all = items(10);
      const bag = new Bag<(typeof all)[number]>();
      const model = new Set<(typeof all)[number]>();
      for (const which of steps) {
        const item = all[which] as (typeof all)[number];
        if (model.has(item)) {
          assert.equal(bag.remove(item), model.delete(item));
        } else {
          assert.equal(bag.remove(item), false);
          bag.add(item);
          model.add(item);
        }
        assert.equal(bag.size, model.size);
        assert.deepEqual(new Set(bag.values()), model);
        for (const one of all) assert.equal(bag.has(one), model.has(one));
      }
    }),
  );
});

test("adding an item twice is a bug, and so is one that is in another bag", () => {
  const [item] = items(1);
  assert.ok(item);
  const bag = new Bag();
  bag.add(item);
  assert.throws(() => bag.add(item), /in no bag/);
  assert.throws(() => new Bag().add(item), /in no bag/);
  assert.equal(new Bag().remove(item), false);
});
