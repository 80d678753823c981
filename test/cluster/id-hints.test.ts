/** Hints in job ids stand where anybody who reads the 40 characters would look for them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { copiesHint, lookupCopies, viewHint } from "../../src/cluster/id-hints.ts";
import { JOB_ID_CHARS, JOB_ID_WORDS, makeJobId, writeJobId } from "../../src/core/job-id.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { fc } from "../support/fast-check.ts";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function textOf(id: Int32Array): string {
  const text = Buffer.alloc(JOB_ID_CHARS);
  writeJobId(id, 0, text, 0);
  return text.toString();
}

function made(seed: number, replicate: number, hint = 0): Int32Array {
  const random = new Xorshift(seed);
  const host = { nowMs: 0, wallMs: 0, randomWord: () => random.word() | 0 };
  const id = new Int32Array(JOB_ID_WORDS);
  const maker = { nodePrefix: random.word() | 0, viewHint: hint };
  makeJobId(maker, { ttlSeconds: 86_400, retrySeconds: 300, replicate }, host, id);
  return id;
}

test("the two characters before the last hold the view hint, and nothing else does", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 4095 }), (seed, hint) => {
      const without = textOf(made(seed, 3));
      const id = made(seed, 3, hint);
      const expected = `${DIGITS[hint >>> 6]}${DIGITS[hint & 63]}`;
      assert.equal(textOf(id), without.slice(0, 32) + expected + without.slice(34));
      assert.equal(viewHint(id), hint);
    }),
  );
});

test("the last character tells the number of copies, 63 for more", () => {
  for (const copies of [1, 3, 31, 32, 63]) assert.equal(copiesHint(made(copies, copies)), copies);
  assert.equal(copiesHint(made(1, 200)), 63);
});

test("at least 3 copies are looked for and at most 8", () => {
  const expected = new Map([
    [1, 3],
    [3, 3],
    [5, 5],
    [8, 8],
    [63, 8],
  ]);
  for (const [copies, sought] of expected) assert.equal(lookupCopies(made(1, copies)), sought);
});
