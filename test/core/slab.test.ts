/** The slab: slots keep what was written, are never shared, and pages go back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Slab } from "../../src/core/slab.ts";
import { fc } from "../support/fast-check.ts";

const PAGE_BYTES = 1 << 20;
/** Four slots a page, so that tests cross pages at once. */
const LARGE_SLOT = 1 << 18;

function write(slab: Slab, handle: number, value: number): void {
  const words = slab.words[handle >>> slab.pageShift];
  assert.ok(words !== undefined);
  const first = (handle & slab.slotMask) * (slab.slotBytes / 4);
  words.fill(value, first, first + slab.slotBytes / 4);
}

/** The value written to the slot, or undefined when its words differ. */
function read(slab: Slab, handle: number): number | undefined {
  const words = slab.words[handle >>> slab.pageShift];
  assert.ok(words !== undefined);
  const first = (handle & slab.slotMask) * (slab.slotBytes / 4);
  const slot = words.subarray(first, first + slab.slotBytes / 4);
  return slot.every((word) => word === slot[0]) ? slot[0] : undefined;
}

test("slots hold what was written until they are freed, in any order of use", () => {
  const steps = fc.array(fc.record({ frees: fc.boolean(), which: fc.nat(40) }), { maxLength: 80 });
  fc.assert(
    fc.property(fc.constantFrom(LARGE_SLOT, 1 << 19, 1 << 21), steps, (slotBytes, list) => {
      const slab = new Slab(slotBytes, PAGE_BYTES);
      const model = new Map<number, number>();
      let value = 0;
      for (const { frees, which } of list) {
        const handle = [...model.keys()][which % Math.max(1, model.size)];
        if (frees && handle !== undefined) {
          slab.free(handle);
          model.delete(handle);
        } else {
          const fresh = slab.allocate();
          assert.ok(!model.has(fresh), "a handle is not given out twice");
          assert.ok(fresh < slab.handleLimit);
          value++;
          // The first and last word are enough to see slots overlap.
          write(slab, fresh, value);
          model.set(fresh, value);
        }
        assert.equal(slab.liveSlots, model.size);
        assert.equal(slab.usedBytes, model.size * slotBytes);
      }
      for (const [handle, expected] of model) assert.equal(read(slab, handle), expected);
    }),
    { numRuns: 15 },
  );
});

test("the three views show the same bytes", () => {
  const slab = new Slab(16);
  slab.allocate();
  const handle = slab.allocate();
  const words = slab.words[0];
  const floats = slab.floats[0];
  const bytes = slab.bytes[0];
  assert.ok(words !== undefined && floats !== undefined && bytes !== undefined);
  floats[handle * 2 + 1] = 1.5;
  assert.equal(words[handle * 4 + 3], 0x3ff80000);
  assert.equal(bytes[handle * 16 + 15], 0x3f);
});

test("empty pages are kept for later and go back when they are asked for", () => {
  const slab = new Slab(LARGE_SLOT, PAGE_BYTES);
  const handles = Array.from({ length: 40 }, () => slab.allocate());
  assert.equal(slab.pageBytes, 10 << 20);
  for (const handle of handles) slab.free(handle);
  assert.equal(slab.liveSlots, 0);
  assert.equal(slab.pageBytes, 10 << 20);
  slab.trim();
  assert.equal(slab.pageBytes, 0);
});

test("trimming gives the last empty page back too, and only an empty one", () => {
  const slab = new Slab(LARGE_SLOT, PAGE_BYTES);
  const handles = Array.from({ length: 6 }, () => slab.allocate());
  slab.trim();
  assert.equal(slab.pageBytes, 2 << 20);
  for (const handle of handles) slab.free(handle);
  slab.trim();
  assert.equal(slab.pageBytes, 0);
  const again = slab.allocate();
  write(slab, again, 7);
  assert.equal(read(slab, again), 7);
});

test("a page that was given back comes again, with the same number", () => {
  const slab = new Slab(LARGE_SLOT, PAGE_BYTES);
  const handles = Array.from({ length: 12 }, () => slab.allocate());
  for (const handle of handles) slab.free(handle);
  const again = Array.from({ length: 12 }, () => slab.allocate());
  assert.equal(slab.handleLimit, 12);
  assert.equal(new Set(again).size, 12);
  for (const handle of again) write(slab, handle, handle);
  for (const handle of again) assert.equal(read(slab, handle), handle);
});

test("pages that hold something stay when the others go back", () => {
  const slab = new Slab(LARGE_SLOT, PAGE_BYTES);
  slab.trim();
  const handles = Array.from({ length: 9 }, () => slab.allocate());
  slab.trim();
  assert.equal(slab.pageBytes, 3 * PAGE_BYTES);
  for (const handle of handles) write(slab, handle, handle);
  for (const handle of handles.slice(4)) slab.free(handle);
  slab.trim();
  assert.equal(slab.pageBytes, PAGE_BYTES);
  for (const handle of handles.slice(0, 4)) assert.equal(read(slab, handle), handle);
});

test("a slot of a page that is used again was not taken before", () => {
  const slab = new Slab(LARGE_SLOT, PAGE_BYTES);
  for (let i = 0; i < 8; i++) slab.allocate();
  slab.clear();
  const handle = slab.allocate();
  assert.ok(slab.wasTaken(handle));
  assert.ok(!slab.wasTaken(handle + 1));
});

test("scans pass over pages that were given back", () => {
  const slab = new Slab(LARGE_SLOT, PAGE_BYTES);
  const handles = Array.from({ length: 16 }, () => slab.allocate());
  for (const handle of handles.slice(4, 12)) slab.free(handle);
  slab.trim();
  assert.equal(slab.skipVacant(0), 0);
  assert.equal(slab.skipVacant(3), 3);
  assert.equal(slab.skipVacant(4), 12);
  assert.equal(slab.skipVacant(9), 12);
  assert.equal(slab.skipVacant(13), 13);
  for (const handle of handles.slice(12)) slab.free(handle);
  slab.trim();
  assert.ok(slab.skipVacant(5) >= slab.handleLimit);
});

test("hovering around a page border uses the same memory", () => {
  const slab = new Slab(LARGE_SLOT, PAGE_BYTES);
  for (let i = 0; i < 4; i++) slab.allocate();
  const page = slab.words.length;
  const first = slab.allocate();
  const memory = slab.words[page]?.buffer;
  for (let i = 0; i < 10; i++) {
    slab.free(first);
    assert.equal(slab.allocate(), first);
    assert.equal(slab.words[page]?.buffer, memory);
  }
});

test("clearing frees everything and leaves a usable slab", () => {
  const slab = new Slab(LARGE_SLOT, PAGE_BYTES);
  for (let i = 0; i < 9; i++) slab.allocate();
  slab.clear();
  assert.equal(slab.liveSlots, 0);
  assert.equal(slab.handleLimit, 0);
  assert.equal(slab.allocate(), 0);
  assert.equal(slab.pageBytes, 3 << 20);
});

test("a slot is a whole number of 64-bit words", () => {
  assert.throws(() => new Slab(12), /64-bit words/);
  assert.throws(() => new Slab(0), /64-bit words/);
});
