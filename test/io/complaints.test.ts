/** How often the log hears of the same address. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Complaints } from "../../src/io/complaints.ts";

test("an address is complained about once a minute, whatever others do", () => {
  const complaints = new Complaints();
  assert.equal(complaints.mayLog("10.0.0.1", 1000), true);
  assert.equal(complaints.mayLog("10.0.0.1", 60_999), false);
  assert.equal(complaints.mayLog("10.0.0.2", 60_999), true);
  assert.equal(complaints.mayLog("10.0.0.1", 61_000), true);
  assert.equal(complaints.mayLog("10.0.0.1", 61_001), false);
});

test("only so many addresses are remembered, the latest ones", () => {
  const complaints = new Complaints();
  for (let i = 0; i <= 1024; i++) assert.equal(complaints.mayLog(`address ${i}`, i), true);
  assert.equal(complaints.mayLog("address 1024", 2000), false);
  assert.equal(complaints.mayLog("address 1", 2000), false);
  assert.equal(complaints.mayLog("address 0", 2000), true);
});
