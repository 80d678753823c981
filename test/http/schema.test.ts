/** Shapes of JSON: what fits, and the sentence for what does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  anyFields,
  boolean,
  count,
  list,
  number,
  object,
  optionalFields,
  orNull,
  type Schema,
  schemaProblem,
  string,
  words,
} from "../../src/http/schema.ts";

const person = object({ name: string(), age: orNull(count()), tags: list(words("a", "b")) });
const options = optionalFields({ on: boolean(), short: { type: "string", maxLength: 2 } });
const fits: readonly [Schema, unknown][] = [
  [person, { name: "", age: null, tags: ["a"] }],
  [person, { name: "x", age: 0, tags: [] }],
  [options, {}],
  [options, { on: false, short: "ab" }],
  [anyFields(number()), { x: 1.5, y: -1 }],
];
const fails: readonly [Schema, unknown, string][] = [
  [person, null, "it must be an object"],
  [person, [], "it must be an object"],
  [person, { name: "x", tags: [] }, "it lacks age"],
  [person, { name: 1, age: 1, tags: [] }, "it.name must be text"],
  [person, { name: "", age: -1, tags: [] }, "it.age must be at least 0"],
  [person, { name: "", age: 1.5, tags: [] }, "it.age must be a whole number"],
  [person, { name: "", age: 1, tags: ["a", "c"] }, "it.tags[1] must be one of a, b"],
  [options, { off: 1 }, "it has an unknown field off"],
  [options, JSON.parse('{"__proto__":{}}'), "it has an unknown field __proto__"],
  [options, { on: "yes" }, "it.on must be true or false"],
  [options, { short: "abc" }, "it.short is too long"],
  [anyFields(number()), { x: Number.NaN }, "it.x must be a number"],
  [{ type: "integer", maximum: 3 }, 4, "it must be at most 3"],
  [list(count()), {}, "it must be a list"],
];

test("what fits has no problem", () => {
  for (const [schema, value] of fits) assert.equal(schemaProblem(schema, value, "it"), undefined);
});

test("what does not fit is named", () => {
  for (const [schema, value, problem] of fails) {
    assert.equal(schemaProblem(schema, value, "it"), problem);
  }
});
