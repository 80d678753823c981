/** Taking the address out of a text with a port. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hostOf } from "../../../src/io/bus/addresses.ts";

test("the address is what stands before the port, without brackets", () => {
  assert.equal(hostOf("10.0.0.1:17711"), "10.0.0.1");
  assert.equal(hostOf("[2001:db8::1]:17711"), "2001:db8::1");
  assert.equal(hostOf(""), "");
});
