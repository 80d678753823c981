/**
 * The operating system's words for failures, as replies and messages show them.
 * Some errors are real, others made up.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { systemErrorCode, systemErrorText } from "../../src/io/system-error.ts";

/** What `act` throws. */
function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

test("a failed system call has the system's code and words", () => {
  const error = thrownBy(() => readFileSync("/no/such/file"));
  assert.equal(systemErrorCode(error), "ENOENT");
  assert.equal(systemErrorText(error), "No such file or directory");
});

test("other errors have no code and their own words", () => {
  assert.equal(systemErrorCode(new Error("oops")), undefined);
  assert.equal(systemErrorCode("oops"), undefined);
  assert.equal(systemErrorCode(Object.assign(new Error("oops"), { code: 7 })), undefined);
  assert.equal(systemErrorText(new Error("oops")), "oops");
  assert.equal(systemErrorText("oops"), "oops");
  assert.equal(systemErrorText(Object.assign(new Error("oops"), { errno: 123_456 })), "oops");
});
