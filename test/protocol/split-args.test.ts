/**
 * The quoting rules of inline requests and configuration lines.
 *
 * Examples for every rule of the reference, then arbitrary bytes that must survive quoting.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { splitArgs } from "../../src/protocol/split-args.ts";
import { fc } from "../support/fast-check.ts";

test("arguments are separated by white space of any kind", () => {
  assert.deepEqual(splitArgs(""), []);
  assert.deepEqual(splitArgs(" \t\r\n\v\f "), []);
  assert.deepEqual(splitArgs("PING"), ["PING"]);
  assert.deepEqual(splitArgs("  a \t b\vc\fd  "), ["a", "b", "c", "d"]);
});

test("double quotes understand escapes", () => {
  assert.deepEqual(splitArgs('"a b\\n\\x41\\t"'), ["a b\nA\t"]);
  assert.deepEqual(splitArgs('"\\r\\b\\a\\"\\\\\\q"'), ['\r\b\x07"\\q']);
  assert.deepEqual(splitArgs('"\\xff\\xFf\\x4\\xzz\\x00"'), ["\xff\xffx4xzz\0"]);
  assert.deepEqual(splitArgs('"\\\n"'), ["\n"]);
});

test("single quotes understand only an escaped quote", () => {
  assert.deepEqual(splitArgs("'it\\'s' '\\n\\x41' '\\\\\\''"), ["it's", "\\n\\x41", "\\\\'"]);
});

test("quotes may open within an argument, a closing quote ends it", () => {
  assert.deepEqual(splitArgs('a"b c" d'), ["ab c", "d"]);
  assert.equal(splitArgs('"a"b'), undefined);
  assert.equal(splitArgs("'a''b'"), undefined);
  assert.deepEqual(splitArgs("\"a\"\t'b'"), ["a", "b"]);
});

test("empty quoted arguments are kept", () => {
  assert.deepEqual(splitArgs("PING \"\" ''"), ["PING", "", ""]);
});

test("quotes that are never closed are an error", () => {
  for (const line of ['"', "'", '"abc', "x 'abc", '"abc\\"', '"abc\\', "'abc\\'"]) {
    assert.equal(splitArgs(line), undefined, line);
  }
});

test("bytes outside ASCII and NUL are ordinary characters", () => {
  assert.deepEqual(splitArgs("a\0b \xff\xa0"), ["a\0b", "\xff\xa0"]);
});

test("any arguments survive quoting", () => {
  const binary = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) });
  const quoteDouble = (text: string): string =>
    `"${text.replace(/[^a-z]/gs, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`)}"`;
  fc.assert(
    fc.property(fc.array(binary), (args) => {
      assert.deepEqual(splitArgs(args.map(quoteDouble).join(" ")), args);
    }),
  );
});

test("no line makes it throw", () => {
  const unit = fc.constantFrom('"', "'", "\\", "x", "4", " ", "n", "\0");
  fc.assert(
    fc.property(fc.string({ unit }), (line) => {
      splitArgs(line);
    }),
    { numRuns: 2000 },
  );
});
