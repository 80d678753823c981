/** Waits between readings: cut short while they last, and before they begin. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rest } from "../../src/dashboard/state/rest.ts";

const HOUR_MS = 3_600_000;

test("a wait is cut short", async () => {
  const rest = new Rest();
  const waiting = rest.take(HOUR_MS);
  rest.cutShort();
  await waiting;
});

test("a wish during a reading leaves out the wait after it, and only that", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const rest = new Rest();
  rest.cutShort();
  await rest.take(HOUR_MS);
  let isOver = false;
  const waiting = rest.take(HOUR_MS).then(() => {
    isOver = true;
  });
  await Promise.resolve();
  assert.equal(isOver, false);
  t.mock.timers.tick(HOUR_MS);
  await waiting;
});
