/** The arena: bodies come back byte for byte, and their memory goes back with them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Arena } from "../../src/core/arena.ts";
import { fc } from "../support/fast-check.ts";

interface Body {
  reference: number;
  bytes: Buffer;
}

function copyOf(arena: Arena, body: Body): Buffer {
  const target = Buffer.alloc(body.bytes.length + 4, 0xee);
  arena.copyTo(body.reference, body.bytes.length, target, 2);
  assert.deepEqual([target[0], target[1], target.at(-2), target.at(-1)], [0xee, 0xee, 0xee, 0xee]);
  return target.subarray(2, -2);
}

/** Lengths around every border: empty, classes, the largest class, bodies of their own. */
const length = fc.oneof(
  fc.nat(200),
  fc.nat(5000),
  fc.constantFrom(0, 1, 7, 8, 9, 127, 128, 129, 65_535, 65_536, 65_537, 200_000),
);

test("bodies of any length come back unchanged while others come and go", () => {
  const step = fc.record({ frees: fc.boolean(), which: fc.nat(40), length, fill: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const arena = new Arena();
      const model: Body[] = [];
      for (const { frees, which, length, fill } of steps) {
        const chosen = model[which % Math.max(1, model.length)];
        if (frees && chosen !== undefined) {
          arena.free(chosen.reference, chosen.bytes.length);
          model.splice(model.indexOf(chosen), 1);
        } else {
          const source = Buffer.alloc(length + 3, fill);
          const bytes = source.subarray(1, length + 1);
          bytes.forEach((_, at) => {
            bytes[at] = (fill + at * 7) & 0xff;
          });
          const reference = arena.store(source, 1, length + 1);
          model.push({ reference, bytes: Buffer.from(bytes) });
          source.fill(0);
        }
        const expected = model.reduce(
          (sum, body) => sum + Arena.slotBytesFor(body.bytes.length),
          0,
        );
        assert.equal(arena.usedBytes, expected);
      }
      for (const body of model) assert.ok(copyOf(arena, body).equals(body.bytes));
    }),
    { numRuns: 40 },
  );
});

test("a body takes at most an eighth more than its length, from 64 bytes on", () => {
  for (let bytes = 0; bytes <= 66_000; bytes++) {
    const taken = Arena.slotBytesFor(bytes);
    assert.ok(taken >= bytes, `${bytes} bytes fit`);
    const bound = bytes < 64 ? bytes + 8 : bytes * 1.125 + 8;
    assert.ok(taken < bound || bytes === 0, `${bytes} bytes take ${taken}`);
  }
  assert.equal(Arena.slotBytesFor(0), 0);
});

test("memory goes back when bodies go", () => {
  const arena = new Arena();
  const source = Buffer.alloc(100_000, 1);
  const bodies: [number, number][] = [];
  for (let i = 0; i < 5000; i++) {
    const bytes = 1000 + (i % 3) * 40_000;
    bodies.push([arena.store(source, 0, bytes), bytes]);
  }
  assert.ok(arena.pageBytes > 200_000_000);
  for (const [reference, bytes] of bodies) arena.free(reference, bytes);
  assert.equal(arena.usedBytes, 0);
  assert.ok(arena.pageBytes > 100_000_000, "kept for bodies to come");
  arena.trim();
  assert.equal(arena.pageBytes, 0);
});

test("a class that is rarely used holds no large page", () => {
  const arena = new Arena();
  const source = Buffer.alloc(60_000, 1);
  for (let bytes = 1; bytes <= 60_000; bytes += 500) arena.store(source, 0, bytes);
  assert.ok(arena.pageBytes < 40 << 20);
});

test("clearing forgets everything and leaves a usable arena", () => {
  const arena = new Arena();
  const source = Buffer.alloc(70_000, 1);
  arena.store(source, 0, 70_000);
  arena.store(source, 0, 100);
  arena.clear();
  assert.equal(arena.usedBytes, 0);
  arena.trim();
  assert.equal(arena.pageBytes, 0);
  const body = { reference: arena.store(source, 0, 70_000), bytes: source };
  assert.ok(copyOf(arena, body).equals(source));
});
