/** When jobs of a reference's file are queued: one row a case, times in seconds after creation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ImportCircumstances, referenceDue } from "../../src/journal/reference-due.ts";
import { ReferenceJob } from "../../src/journal/reference-job.ts";
import {
  serializedJob,
  WRITTEN_MS,
  type WrittenJob,
  writtenId,
} from "../support/reference-aof-writer.ts";

const ACTIVE = 1;
const QUEUED = 2;
const DELIVERED = 4;

const plain: ImportCircumstances = { enqueuesJobs: false, isSnapshot: true, isRepeated: false };
const planned: ImportCircumstances = { ...plain, enqueuesJobs: true };

function due(written: Partial<WrittenJob>, nowSeconds: number, circumstances = plain): string {
  const job = new ReferenceJob();
  assert.equal(job.read(serializedJob({ id: writtenId(1), ...written })), undefined);
  const { place, inMs } = referenceDue(job, WRITTEN_MS + nowSeconds * 1000, circumstances);
  return `${place} ${inMs / 1000}`;
}

test("a job delivered at least once is due after RETRY", () => {
  assert.equal(due({ state: QUEUED, retry: 60 }, 10), "afterRetry 60");
  assert.equal(due({ state: ACTIVE, retry: 60 }, 10), "afterRetry 60");
  assert.equal(due({ state: QUEUED, retry: 60, flags: DELIVERED }, 10), "afterRetry 60");
  assert.equal(due({ state: 7, retry: 60 }, 10), "afterRetry 60", "an unknown state is ignored");
});

test("a delay goes on where it was, and is never shortened", () => {
  const delayed = { state: ACTIVE, delay: 50, retry: 9 };
  assert.equal(due(delayed, 10), "delayed 40");
  assert.equal(due(delayed, 49.999), "delayed 0.001");
  assert.equal(due(delayed, 50), "afterRetry 9");
  assert.equal(due(delayed, -1000), "delayed 50", "the wall clock was set back");
  assert.equal(due({ ...delayed, flags: DELIVERED }, 10), "afterRetry 9");
  assert.equal(due({ ...delayed, retry: 0 }, 10), "delayed 40");
});

test("with aof-enqueue-jobs-once what was queued is queued at once, and nothing else", () => {
  assert.equal(due({ state: QUEUED, retry: 60 }, 10, planned), "queued 0");
  assert.equal(due({ state: QUEUED, retry: 60, flags: DELIVERED }, 10, planned), "queued 0");
  assert.equal(due({ state: ACTIVE, retry: 60 }, 10, planned), "afterRetry 60");
  assert.equal(due({ state: ACTIVE, retry: 60, delay: 50 }, 10, planned), "delayed 40");
});

test("what is delivered at most once is queued only if it certainly was not delivered", () => {
  const once = { state: QUEUED, retry: 0 };
  const never = "withheld Infinity";
  assert.equal(due(once, 10, planned), "queued 0");
  assert.equal(due(once, 10), never);
  assert.equal(due(once, 10, { ...planned, isSnapshot: false }), never);
  assert.equal(due(once, 10, { ...planned, isRepeated: true }), never);
  assert.equal(due({ ...once, flags: DELIVERED }, 10, planned), never);
  assert.equal(due({ ...once, state: ACTIVE }, 10, planned), never);
  const delayed = { state: ACTIVE, retry: 0, delay: 50 };
  assert.equal(due(delayed, 50, planned), never, "it may have been delivered when the delay ended");
  assert.equal(due(delayed, 10, { ...planned, isRepeated: true }), never);
  assert.equal(due({ ...delayed, flags: DELIVERED }, 10, planned), never);
});
