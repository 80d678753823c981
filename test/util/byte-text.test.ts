/**
 * Numbers and words read from the middle of other bytes.
 *
 * What counts as a number decides which requests are refused, so the corners are spelled out.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  comparedBytes,
  equalsIgnoringCase,
  latin1Bytes,
  latin1Text,
  parseInteger,
} from "../../src/util/byte-text.ts";
import { fc } from "../support/fast-check.ts";

/** Parses text that stands in the middle of other bytes. */
function integerOf(text: string): number {
  const buffer = latin1Bytes(`12${text}34`);
  return parseInteger(buffer, 2, 2 + text.length);
}

test("decimal integers with an optional sign and leading zeros are read", () => {
  assert.equal(integerOf("0"), 0);
  assert.equal(integerOf("7"), 7);
  assert.equal(integerOf("+7"), 7);
  assert.equal(integerOf("-7"), -7);
  assert.equal(integerOf("-0"), 0);
  assert.ok(Object.is(integerOf("-0"), 0));
  assert.equal(integerOf("000000000000000000000000000042"), 42);
  assert.equal(integerOf("9007199254740991"), Number.MAX_SAFE_INTEGER);
  assert.equal(integerOf("-9007199254740991"), Number.MIN_SAFE_INTEGER);
});

test("anything else is no integer", () => {
  const texts = [
    "",
    "+",
    "-",
    " 1",
    "1 ",
    "1.0",
    "1e3",
    "0x1",
    "--1",
    "+-1",
    "1\0",
    "\0",
    "abc",
    "1_000",
  ];
  for (const text of [...texts, "9007199254740992", "-9007199254740992", "9".repeat(400)]) {
    assert.ok(Number.isNaN(integerOf(text)), JSON.stringify(text));
  }
});

test("every safe integer survives the way through its digits", () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => integerOf(String(value)) === value));
});

test("words are compared without regard to the case of letters only", () => {
  const word = latin1Bytes("ADDJOB-@[\\]^_`{");
  const same = latin1Bytes("xaddJob-@[\\]^_`{x");
  assert.ok(equalsIgnoringCase(same, 1, same.length - 1, word));
  assert.ok(!equalsIgnoringCase(same, 0, same.length, word));
  assert.ok(!equalsIgnoringCase(latin1Bytes("{"), 0, 1, latin1Bytes("[")));
  assert.ok(!equalsIgnoringCase(latin1Bytes("\x7f"), 0, 1, latin1Bytes("_")));
  assert.ok(!equalsIgnoringCase(latin1Bytes("\r"), 0, 1, latin1Bytes("-")));
  assert.ok(!equalsIgnoringCase(latin1Bytes("\xe4"), 0, 1, latin1Bytes("\xc4")));
  assert.ok(equalsIgnoringCase(word, 3, 3, latin1Bytes("")));
});

test("latin1 text keeps every byte", () => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  assert.deepEqual(latin1Bytes(latin1Text(all, 0, 256)), all);
});

test("bytes are compared as Buffer.compare does", () => {
  const bytes = fc.uint8Array({ maxLength: 4, max: 3 });
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      assert.equal(Math.sign(comparedBytes(a, b)), Buffer.compare(a, b));
    }),
  );
});
