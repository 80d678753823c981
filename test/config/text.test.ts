/**
 * Byte strings and ordinary strings, quoting, and the suggestion of names.
 *
 * Quoting is checked against the function that splits lines, with arbitrary bytes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../../src/config/suggest.ts";
import { fromByteString, quote, toByteString, trimBlanks, words } from "../../src/config/text.ts";
import { splitArgs } from "../../src/protocol/split-args.ts";
import { fc } from "../support/fast-check.ts";

const anyBytes = fc
  .array(fc.integer({ min: 0, max: 255 }))
  .map((bytes) => String.fromCharCode(...bytes));

test("quoted bytes are one line, and splitting it gives them back", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      assert.doesNotMatch(quote(bytes), /[\n\r\0]/);
      assert.deepEqual(splitArgs(quote(bytes)), [bytes]);
    }),
  );
});

test("ordinary strings survive the way into byte strings and back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      assert.equal(fromByteString(toByteString(text)), text);
    }),
  );
});

test("only the blanks of ASCII separate words", () => {
  assert.deepEqual(words(" a\tb\n\v\f\rc\xa0d "), ["a", "b", "c\xa0d"]);
  assert.deepEqual(words(""), []);
  assert.equal(trimBlanks("\t a\xa0 \r"), "a\xa0");
  assert.equal(trimBlanks(" \t"), "");
});

test("the nearest name is found for slips, not for other words", () => {
  const names = ["port", "maxmemory", "maxmemory-policy", "timeout"];
  assert.equal(nearest("maxmemroy", names), "maxmemory");
  assert.equal(nearest("prt", names), "port");
  assert.equal(nearest("prot", names), "port");
  assert.equal(nearest("maxmemory_policy", names), "maxmemory-policy");
  assert.equal(nearest("xyzzy", names), undefined);
  assert.equal(nearest("", names), undefined);
  assert.equal(nearest("x".repeat(65), ["x".repeat(65)]), undefined);
});
