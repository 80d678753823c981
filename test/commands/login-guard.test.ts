/**
 * Who tries passwords is slowed down, and only who does.
 *
 * The guard alone, with time as a number; what clients see of it is tested with AUTH.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LoginGuard, placeOf } from "../../src/commands/login-guard.ts";

/** Fails `times` times at `nowMs` and tells how long the place has to wait then. */
function waitAfter(guard: LoginGuard, place: string, times: number, nowMs: number): number {
  for (let i = 0; i < times; i++) guard.failed(place, nowMs);
  return Math.max(guard.heldUntilMs(place, nowMs) - nowMs, 0);
}

test("two mistakes are free, then every one doubles the wait up to two seconds", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 40].map((failures) =>
    waitAfter(new LoginGuard(), "1.2.3.4", failures, 5000),
  );
  assert.deepEqual(waits, [0, 0, 100, 200, 400, 800, 1600, 2000, 2000, 2000]);
});

test("the wait ends by itself", () => {
  const guard = new LoginGuard();
  waitAfter(guard, "1.2.3.4", 3, 5000);
  assert.equal(guard.heldUntilMs("1.2.3.4", 5099), 5100);
  assert.equal(guard.heldUntilMs("1.2.3.4", 5100), 0);
});

test("other places do not wait", () => {
  const guard = new LoginGuard();
  waitAfter(guard, "1.2.3.4", 10, 5000);
  assert.equal(guard.heldUntilMs("1.2.3.5", 5000), 0);
});

test("a right password and a quiet minute clear the record", () => {
  const guard = new LoginGuard();
  waitAfter(guard, "a", 10, 0);
  guard.succeeded("a");
  assert.equal(waitAfter(guard, "a", 2, 0), 0);
  assert.equal(waitAfter(guard, "b", 3, 0), 100);
  assert.equal(waitAfter(guard, "b", 1, 60_000), 0);
});

test("no more than ten thousand places are remembered, the latest ones", () => {
  const guard = new LoginGuard();
  for (let i = 0; i < 10_005; i++) for (let f = 0; f < 3; f++) guard.failed(`place ${i}`, 1000);
  assert.equal(guard.size, 10_000);
  assert.equal(guard.heldUntilMs("place 0", 1000), 0);
  assert.equal(guard.heldUntilMs("place 10004", 1000), 1100);
});

test("a place is an IPv4 address, an IPv6 network, or all unix sockets together", () => {
  const places: [remoteAddress: string, place: string][] = [
    ["10.0.0.1:5555", "10.0.0.1"],
    ["[::1]:5555", "0:0:0:0"],
    ["[2001:db8:1:2:3:4:5:6]:1", "2001:db8:1:2"],
    ["[2001:db8::6]:1", "2001:db8:0:0"],
    ["[2001:db8:1:2::]:1", "2001:db8:1:2"],
    ["[::]:1", "0:0:0:0"],
    ["[fe80::1:2:3:4:5]:1", "fe80:0:0:1"],
    ["[::ffff:10.0.0.1]:1", "::ffff:10.0.0.1"],
  ];
  for (const [remoteAddress, place] of places) {
    assert.equal(placeOf({ remoteAddress, isUnixSocket: false }), place);
  }
  assert.equal(placeOf({ remoteAddress: "/tmp/s:0", isUnixSocket: true }), "unix");
});
