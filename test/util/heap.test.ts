/**
 * The heap against a plain list that is searched for its minimum.
 *
 * Any order of pushing, removing and moving must keep the two in agreement.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Heap } from "../../src/util/heap.ts";
import { fc } from "../support/fast-check.ts";

interface Timer {
  heapIndex: number;
  at: number;
}

function timer(at: number): Timer {
  return { heapIndex: -1, at };
}

function timers(): Heap<Timer> {
  return new Heap<Timer>((a, b) => a.at - b.at);
}

test("items come out in order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (times) => {
      const heap = timers();
      for (const at of times) heap.push(timer(at));
      const out: number[] = [];
      for (let next = heap.pop(); next !== undefined; next = heap.pop()) out.push(next.at);
      assert.deepEqual(
        out,
        [...times].sort((a, b) => a - b),
      );
    }),
  );
});

test("an empty heap has no top", () => {
  const heap = timers();
  assert.equal(heap.size, 0);
  assert.equal(heap.peek(), undefined);
  assert.equal(heap.pop(), undefined);
});

test("pushing, removing and moving items in any order agrees with a sorted list", () => {
  const step = fc.record({
    action: fc.constantFrom("push", "pop", "remove", "update"),
    which: fc.nat(50),
    at: fc.nat(30),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = timers();
      const model: Timer[] = [];
      for (const { action, which, at } of steps) {
        const chosen = model[which % Math.max(1, model.length)];
        if (action === "push" || chosen === undefined) {
          const added = timer(at);
          heap.push(added);
          model.push(added);
        } else if (action === "pop") {
          const popped = heap.pop();
          assert.ok(popped !== undefined);
          assert.equal(popped.at, Math.min(...model.map((item) => item.at)));
          assert.equal(popped.heapIndex, -1);
          model.splice(model.indexOf(popped), 1);
        } else if (action === "remove") {
          assert.ok(heap.remove(chosen));
          model.splice(model.indexOf(chosen), 1);
        } else {
          chosen.at = at;
          heap.update(chosen);
        }
        assert.equal(heap.size, model.length);
        assert.equal(
          heap.peek()?.at,
          model.length === 0 ? undefined : Math.min(...model.map((item) => item.at)),
        );
        assert.deepEqual(new Set(heap.values()), new Set(model));
      }
    }),
  );
});

test("removing an item twice is harmless, pushing it twice or moving a stranger is a bug", () => {
  const heap = timers();
  const item = timer(1);
  heap.push(item);
  assert.throws(() => heap.push(item), /in no heap/);
  assert.ok(heap.remove(item));
  assert.ok(!heap.remove(item));
  assert.throws(() => heap.update(item), /in this heap/);
  const other = timers();
  other.push(item);
  assert.throws(() => heap.remove(item), /in this heap/);
});
