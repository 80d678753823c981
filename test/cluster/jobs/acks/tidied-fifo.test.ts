/** Rows of tombstones that stay about as long as there are tombstones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TidiedFifo } from "../../../../src/cluster/jobs/acks/tidied-fifo.ts";

function jobsOf(row: TidiedFifo): number[] {
  return Array.from({ length: row.size }, (_, place) => row.jobAt(place));
}

test("a row holds no more than twice those that are left, whatever its front does", () => {
  const gone = new Set<number>();
  const row = new TidiedFifo((job) => !gone.has(job));
  row.push(0, 0);
  for (let job = 1; job < 100_000; job++) {
    row.push(job, job);
    if (job > 3000) gone.add(job);
    assert.ok(row.size <= 6100, `${row.size}`);
  }
  assert.ok(row.usedBytes <= 8192 * 12);
});

test("those that are left stay in order", () => {
  const row = new TidiedFifo((job) => job % 3 === 0);
  for (let job = 0; job < 5000; job++) row.push(job, job);
  const left = jobsOf(row).filter((job) => job % 3 === 0);
  assert.deepEqual(
    left,
    Array.from({ length: 1667 }, (_, n) => 3 * n),
  );
});

test("a row of which nothing goes is seldom looked through", () => {
  let visits = 0;
  const row = new TidiedFifo(() => ++visits > 0);
  for (let job = 0; job < 100_000; job++) row.push(job, job);
  assert.equal(row.size, 100_000);
  assert.ok(visits < 200_000, `${visits}`);
});

test("what is gone is taken from the front, and the memory with it", () => {
  let gone = 0;
  const row = new TidiedFifo((job) => job >= gone);
  for (let job = 0; job < 100_000; job++) row.push(job, job);
  gone = 99_990;
  const before = row.usedBytes;
  row.dropGone();
  assert.deepEqual([row.size, row.jobAt(0)], [10, 99_990]);
  assert.ok(row.usedBytes < before / 8);
});
