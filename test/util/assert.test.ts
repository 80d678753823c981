/**
 * Failures that must not happen name what went wrong.
 *
 * The functions under test share their name with Node's, which is renamed here.
 */
import nodeAssert from "node:assert/strict";
import { test } from "node:test";
import { assert, unreachable } from "../../src/util/assert.ts";

test("assert lets true things pass and names false ones", () => {
  assert(1 + 1 === 2, "sums are right");
  nodeAssert.throws(
    () => assert(Number.isNaN(1), "one is not a number"),
    /assertion failed: one is not a number/,
  );
});

test("unreachable names the value that was forgotten", () => {
  nodeAssert.throws(() => unreachable("surprise" as never), /unreachable: surprise/);
});
