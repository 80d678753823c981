/** Walking in steps: bounded, complete whatever happens between the steps, and without repetition. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionReader, switchOption } from "../../src/commands/options.ts";
import { readScan, scan, scanOptions } from "../../src/commands/scan.ts";
import { fc } from "../support/fast-check.ts";
import { requestOf } from "./request-of.ts";

/** Slots from 0 up; true ones hold something. */
function walk(slots: readonly boolean[], cursor: number, count: number, isBusyloop = false) {
  const found: number[] = [];
  let looked = 0;
  const next = scan(cursor, slots.length, { count, isBusyloop }, (slot) => {
    looked++;
    if (slots[slot] === true) found.push(slot);
    return slots[slot] === true;
  });
  return { next, found, looked };
}

test("a step ends with COUNT elements, after ten times as many slots, or at the end", () => {
  const full = new Array<boolean>(100).fill(true);
  assert.deepEqual(walk(full, 0, 3), { next: 3, found: [0, 1, 2], looked: 3 });
  assert.deepEqual(walk(full, 98, 3), { next: 0, found: [98, 99], looked: 2 });
  assert.deepEqual(walk(full, 97, 3).next, 0, "nothing is left, so the walk is over");
  const empty = new Array<boolean>(100).fill(false);
  assert.deepEqual(walk(empty, 0, 3), { next: 30, found: [], looked: 30 });
  assert.deepEqual(walk(empty, 90, 3), { next: 0, found: [], looked: 10 });
  assert.deepEqual(walk([], 0, 3), { next: 0, found: [], looked: 0 });
});

test("BUSYLOOP goes to the end whatever COUNT says, but not over 20,000 slots", () => {
  const sparse = Array.from({ length: 5000 }, (_, slot) => slot % 50 === 0);
  assert.deepEqual(walk(sparse, 0, 1, true).found.length, 100);
  assert.equal(walk(sparse, 0, 1, true).next, 0);
  const limits = { count: 1, isBusyloop: true };
  let looked = 0;
  const visit = (): boolean => {
    looked++;
    return true;
  };
  assert.equal(scan(0, 50_000, limits, visit), 20_000);
  assert.equal(scan(20_000, 50_000, limits, visit), 40_000);
  assert.equal(scan(40_000, 50_000, limits, visit), 0);
  assert.equal(looked, 50_000);
});

test("an enormous COUNT is bounded as BUSYLOOP is", () => {
  const limits = { count: Number.MAX_SAFE_INTEGER, isBusyloop: false };
  assert.equal(
    scan(0, 50_000, limits, () => true),
    20_000,
  );
});

test("a cursor beyond the end is the end", () => {
  for (const cursor of [10, 11, 2 ** 31, 2 ** 32, 2 ** 53, 2e19]) {
    assert.deepEqual(walk(new Array<boolean>(10).fill(true), cursor, 5).next, 0);
    const skip = (): number => assert.fail("there is no such slot");
    const limits = { count: 5, isBusyloop: false, skip };
    assert.equal(
      scan(cursor, 10, limits, () => assert.fail()),
      0,
    );
  }
});

test("a step stops when the reply is full, but never without looking at anything", () => {
  let bytes = 0;
  const limits = { count: 100, isBusyloop: false, isFull: () => bytes > 10 };
  const visit = (): boolean => {
    bytes += 8;
    return true;
  };
  assert.equal(scan(0, 50, limits, visit), 2);
});

test("runs of slots that are known to be empty are not looked at", () => {
  const seen: number[] = [];
  const skip = (slot: number): number => (slot > 3 && slot < 1000 ? 1000 : slot);
  const limits = { count: 10, isBusyloop: false, skip };
  const next = scan(0, 1005, limits, (slot) => seen.push(slot) > 0);
  assert.deepEqual(seen, [0, 1, 2, 3, 1000, 1001, 1002, 1003, 1004]);
  assert.equal(next, 0);
  assert.equal(
    scan(1, 1000, limits, () => true),
    0,
    "the run reaches to the end",
  );
});

test("an element that is there during the whole walk is visited exactly once", () => {
  const changes = fc.array(fc.record({ slot: fc.nat(79), holds: fc.boolean() }), { maxLength: 10 });
  const steps = fc.array(fc.record({ count: fc.integer({ min: 1, max: 7 }), changes }));
  const start = fc.array(fc.boolean(), { maxLength: 60 });
  fc.assert(
    fc.property(start, steps, (slots, plan) => {
      const stayed = new Set(slots.flatMap((holds, slot) => (holds ? [slot] : [])));
      const visited: number[] = [];
      let cursor = 0;
      let turn = 0;
      do {
        const { count, changes } = plan[turn++] ?? { count: 3, changes: [] };
        const { next, found, looked } = walk(slots, cursor, count);
        assert.ok(found.length <= count && looked <= count * 10);
        visited.push(...found);
        cursor = next;
        for (const { slot, holds } of changes) {
          while (slots.length <= slot) slots.push(false);
          slots[slot] = holds;
          if (!holds && cursor !== 0) stayed.delete(slot);
        }
      } while (cursor !== 0);
      assert.equal(new Set(visited).size, visited.length);
      for (const slot of stayed) assert.ok(visited.includes(slot), `slot ${slot}`);
    }),
    { numRuns: 500 },
  );
});

test("the cursor is found anywhere among the options, and is 0 when it is missing", () => {
  const { count, busyloop } = scanOptions();
  const reader = new OptionReader([count, busyloop, switchOption("EXTRA")]);
  const expected: [line: string, result: number | string][] = [
    ["", 0],
    ["17", 17],
    ["0017", 17],
    ["COUNT 5", 0],
    ["17 COUNT 5 EXTRA", 17],
    ["COUNT 5 EXTRA 17", 17],
    ["BUSYLOOP 17 COUNT 5", 17],
    ["18446744073709551615", 2 ** 64],
    ["100000000000000000000", "ERR invalid cursor or option name"],
    ["+1", "ERR invalid cursor or option name"],
    ["1 2", "ERR syntax error"],
    ["1 COUNT", "ERR syntax error"],
    ["COUNT", "ERR invalid cursor or option name"],
    ["x COUNT 0", "ERR invalid cursor or option name"],
    ["COUNT 0 x", "ERR value is not an integer or out of range"],
    ["1 COUNT 0", "ERR value is not an integer or out of range"],
  ];
  for (const [line, result] of expected) {
    const words = line.split(" ").filter((word) => word !== "");
    const cursor = readScan(reader, requestOf("SCAN", ...words));
    if (result === 2 ** 64) assert.ok(Number(cursor) > 2 ** 63);
    else assert.equal(cursor, result, line);
  }
});
