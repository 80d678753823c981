/**
 * Who tries passwords is slowed down, and only who does.
 *
 * The guard alone, with time as a number; what clients see of it is tested with AUTH.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type GuardedSession, LoginGuard, placeOf } from "../../src/commands/login-guard.ts";
import { requestOf } from "./request-of.ts";

function client(address: string, state: Partial<GuardedSession> = {}): GuardedSession {
  const carrier = { remoteAddress: `${address}:5000`, isUnixSocket: false };
  return { isAuthenticated: false, hasFailedLogin: false, carrier, ...state };
}

function fail(guard: LoginGuard, address: string, password: string, nowMs: number): void {
  guard.failed(client(address), requestOf("AUTH", password), 1, nowMs);
}

/** Tries `count` passwords at `nowMs` and tells how long the address has to wait then. */
function waitAfter(guard: LoginGuard, address: string, count: number, nowMs: number): number {
  for (let i = 0; i < count; i++) fail(guard, address, `guess ${i} at ${nowMs}`, nowMs);
  return Math.max(guard.heldUntilMs(client(address), nowMs) - nowMs, 0);
}

test("two mistakes are free, then every one doubles the wait up to a second", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 40].map((failures) =>
    waitAfter(new LoginGuard(1), "1.2.3.4", failures, 5000),
  );
  assert.deepEqual(waits, [0, 0, 100, 200, 400, 800, 1000, 1000, 1000]);
});

test("the wait ends by itself, a little later for who has failed on its connection", () => {
  const guard = new LoginGuard(1);
  waitAfter(guard, "1.2.3.4", 3, 5000);
  const newcomer = client("1.2.3.4");
  const guesser = client("1.2.3.4", { hasFailedLogin: true });
  assert.equal(guard.heldUntilMs(newcomer, 5099), 5100);
  assert.equal(guard.heldUntilMs(guesser, 5099), 5150);
  assert.equal(guard.heldUntilMs(newcomer, 5100), 0);
  assert.equal(guard.heldUntilMs(guesser, 5100), 5150);
  assert.equal(guard.heldUntilMs(guesser, 5150), 0);
});

test("other addresses do not wait, nor does who is logged in", () => {
  const guard = new LoginGuard(1);
  waitAfter(guard, "1.2.3.4", 10, 5000);
  assert.equal(guard.heldUntilMs(client("1.2.3.5"), 5000), 0);
  assert.equal(guard.heldUntilMs(client("1.2.3.4", { isAuthenticated: true }), 5000), 0);
});

test("a wrong password counts once, as long as it is among the latest eight", () => {
  const guard = new LoginGuard(1);
  for (let i = 0; i < 1000; i++) {
    fail(guard, "1.2.3.4", "of yesterday", 5000 + i);
    fail(guard, "1.2.3.4", "of last week", 5000 + i);
  }
  assert.equal(guard.heldUntilMs(client("1.2.3.4"), 5999), 0);
  for (let i = 0; i < 7; i++) fail(guard, "1.2.3.4", `guess ${i}`, 6000);
  fail(guard, "1.2.3.4", "of last week", 7000);
  assert.equal(guard.heldUntilMs(client("1.2.3.4"), 7000), 0, "still known");
  fail(guard, "1.2.3.4", "of yesterday", 7000);
  assert.equal(guard.heldUntilMs(client("1.2.3.4"), 7000), 8000, "pushed out by the others");
});

test("what is wrong from one address says nothing about another", () => {
  const guard = new LoginGuard(1);
  waitAfter(guard, "1.2.3.4", 3, 5000);
  assert.equal(waitAfter(guard, "1.2.3.5", 3, 5000), 100);
});

test("a minute without a new wrong password clears the record", () => {
  const guard = new LoginGuard(1);
  assert.equal(waitAfter(guard, "1.2.3.4", 3, 0), 100);
  assert.equal(waitAfter(guard, "1.2.3.4", 1, 59_999), 200);
  assert.equal(waitAfter(guard, "1.2.3.4", 1, 119_999), 0);
});

test("no more than ten thousand places are remembered, the latest ones", () => {
  const guard = new LoginGuard(1);
  for (let i = 0; i < 10_005; i++) waitAfter(guard, `place ${i}`, 3, 1000);
  assert.equal(guard.size, 10_000);
  assert.equal(guard.heldUntilMs(client("place 0"), 1000), 0);
  assert.equal(guard.heldUntilMs(client("place 10004"), 1000), 1100);
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
