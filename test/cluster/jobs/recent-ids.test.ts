/** Ids that something was done with lately: known for a while, and as many as there is room for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentIds } from "../../../src/cluster/jobs/recent-ids.ts";

const host = { nowMs: 0, wallMs: 0, randomWord: () => 0 };

function idOf(number: number): Int32Array {
  return Int32Array.of(1, 2, 3, Math.imul(number, 0x9e3779b1), number, 6);
}

test("ids are known for as long as is asked for, with the number that was given last", () => {
  const ids = new RecentIds(host, 10_000);
  assert.equal(ids.numberOf(idOf(1)), -1);
  ids.remember(idOf(1), 7);
  ids.remember(idOf(1), 8);
  host.nowMs += 9999;
  assert.equal(ids.numberOf(idOf(1)), 8);
  host.nowMs += 1;
  assert.equal(ids.numberOf(idOf(1)), -1);
});

test("ids with the same word in the same place are told apart", () => {
  const ids = new RecentIds(host, 10_000);
  ids.remember(Int32Array.of(1, 2, 3, 4, 5, 6), 1);
  assert.equal(ids.numberOf(Int32Array.of(1, 2, 3, 4, 5, 7)), -1);
});

test("of more than there is room for the last ones are known", () => {
  const ids = new RecentIds(host, 10_000);
  for (let number = 0; number < 40_000; number++) ids.remember(idOf(number), number);
  const known = (number: number) => ids.numberOf(idOf(number)) === number;
  for (let number = 30_000; number < 40_000; number++) assert.ok(known(number), `${number}`);
  assert.ok(!known(0));
});

test("what is old makes room before there is more of it", () => {
  const ids = new RecentIds(host, 10_000);
  for (let number = 0; number < 5000; number++) {
    ids.remember(idOf(number), number);
    host.nowMs += 10;
    const oldest = Math.max(0, number - 998);
    assert.equal(ids.numberOf(idOf(oldest)), oldest);
  }
});

test("the ids of a number are forgotten together", () => {
  const ids = new RecentIds(host, 10_000);
  for (let number = 0; number < 200; number++) ids.remember(idOf(number), number % 2);
  ids.forgetNumber(1);
  const known = (number: number) => ids.numberOf(idOf(number));
  for (let number = 0; number < 200; number++)
    assert.equal(known(number), number % 2 === 1 ? -1 : 0);
});
