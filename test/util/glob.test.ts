/**
 * Patterns with Redis' rules.
 *
 * The textbook definition serves as a model for stars; long rows of stars must not explode.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { globMatch } from "../../src/util/glob.ts";
import { fc } from "../support/fast-check.ts";

test("stars, question marks, sets and escapes match as in Redis", () => {
  const matches: [string, string][] = [
    ["", ""],
    ["*", ""],
    ["*", "abc"],
    ["**", "abc"],
    ["a*", "abc"],
    ["*c", "abc"],
    ["a*c", "abbbc"],
    ["*a*b*", "xxaxxbxx"],
    ["?", "a"],
    ["a?c", "abc"],
    ["[abc]", "b"],
    ["[a-c]x", "bx"],
    ["[c-a]x", "bx"],
    ["[^a]", "b"],
    ["[^a-c]", "d"],
    ["\\*", "*"],
    ["a\\?", "a?"],
    ["[\\]]", "]"],
    ["[a\\-c]", "-"],
    ["[abc", "c"],
    ["x\\", "x\\"],
    ["[^]", "a"],
    ["max*", "maxmemory"],
    ["*\\*", "ab*"],
  ];
  for (const [pattern, text] of matches) {
    assert.ok(globMatch(pattern, text), `${pattern} matches ${text}`);
  }
});

test("what does not fit does not match", () => {
  const mismatches: [string, string][] = [
    ["", "a"],
    ["a", ""],
    ["?", ""],
    ["a", "ab"],
    ["ab", "a"],
    ["a*c", "abd"],
    ["[abc]", "d"],
    ["[abc]", ""],
    ["[^a]", "a"],
    ["[]", "a"],
    ["\\*", "a"],
    ["A", "a"],
    ["a?c", "ac"],
    ["[a-c]", "-"],
    ["*\\*", "ab"],
  ];
  for (const [pattern, text] of mismatches) {
    assert.ok(!globMatch(pattern, text), `${pattern} does not match ${text}`);
  }
});

test("case can be ignored, in sets too, and never for bytes that are no letters", () => {
  assert.ok(globMatch("MAX*", "maxmemory", true));
  assert.ok(globMatch("[A-C]x", "bX", true));
  assert.ok(!globMatch("\xc4", "\xe4", true));
});

/** The textbook definition for patterns of letters, stars and question marks. */
function naiveMatch(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern[0] === "*") {
    return (
      naiveMatch(pattern.slice(1), text) || (text !== "" && naiveMatch(pattern, text.slice(1)))
    );
  }
  return (
    text !== "" &&
    (pattern[0] === "?" || pattern[0] === text[0]) &&
    naiveMatch(pattern.slice(1), text.slice(1))
  );
}

test("stars and question marks agree with the definition", () => {
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 });
  fc.assert(
    fc.property(pattern, text, (p, t) => globMatch(p, t) === naiveMatch(p, t)),
    { numRuns: 1000 },
  );
});

test("any pattern comes to an end", () => {
  const unit = fc.constantFrom("a", "*", "?", "[", "]", "^", "-", "\\");
  fc.assert(
    fc.property(fc.string({ unit }), fc.string({ unit }), (pattern, text) => {
      globMatch(pattern, text);
    }),
    { numRuns: 1000 },
  );
});

test("a row of stars takes no exponential time", () => {
  assert.ok(!globMatch(`${"a*".repeat(50)}b`, "a".repeat(10_000)));
});
