/**
 * Records of lock holders, and when a process counts as alive.
 * What needs other processes is in data-lock.test.ts.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isSameBoot,
  livenessOf,
  markHeldHere,
  newOwner,
  parseOwner,
  printOwner,
} from "../../src/io/lock-owner.ts";
import { fc } from "../support/fast-check.ts";

test("a record can be written and read back, and each has its own token", () => {
  const owner = newOwner();
  assert.equal(owner.pid, process.pid);
  assert.deepEqual(parseOwner(printOwner(owner)), owner);
  assert.notEqual(newOwner().token, owner.token);
});

test("anything that is not a whole record is no record", () => {
  const text = printOwner(newOwner());
  for (let length = 0; length < text.length - 1; length++) {
    assert.equal(parseOwner(text.slice(0, length)), undefined);
  }
  const complete: object = JSON.parse(text);
  for (const field of Object.keys(complete)) {
    for (const wrong of [undefined, null, -1, 0.5, {}]) {
      assert.equal(parseOwner(JSON.stringify({ ...complete, [field]: wrong })), undefined, field);
    }
  }
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (garbage) => {
      assert.equal(parseOwner(garbage), undefined);
    }),
  );
});

test("this process lives by the locks it holds, not by its pid", () => {
  const self = newOwner();
  assert.equal(livenessOf(self, newOwner()), "dead");
  markHeldHere(self, true);
  assert.equal(livenessOf(self, newOwner()), "alive");
  markHeldHere(self, false);
  assert.equal(livenessOf(self, newOwner()), "dead");
});

test("process 1 exists, whoever it belongs to", () => {
  const self = newOwner();
  assert.equal(livenessOf({ ...self, pid: 1, startTime: "" }, self), "unknown");
});

test("a holder of another boot or process namespace cannot be judged", () => {
  const self = newOwner();
  assert.equal(livenessOf({ ...self, bootId: "other" }, self), "unknown");
  assert.equal(livenessOf({ ...self, pidNamespace: "other" }, self), "unknown");
  assert.equal(isSameBoot({ ...self, bootId: "other" }, self), false);
  assert.equal(isSameBoot(self, self), true);
});

test("where the system does not tell the boot, the host's name must do", () => {
  const self = { ...newOwner(), bootId: "" };
  assert.equal(isSameBoot(self, self), false);
  assert.equal(livenessOf(self, self), "dead");
  assert.equal(livenessOf({ ...self, host: "elsewhere" }, self), "unknown");
});
