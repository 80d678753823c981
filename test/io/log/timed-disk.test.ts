/** The timed disk: the same disk, and how long each sync took, also one that failed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type LogDisk, realDisk } from "../../../src/io/log/log-disk.ts";
import { timedDisk } from "../../../src/io/log/timed-disk.ts";

test("every sync is timed, and ends as it ended", () => {
  const noted: number[] = [];
  let end: ((error: Error | undefined) => void) | undefined;
  const keep = (done: typeof end): void => {
    end = done;
  };
  const slow: LogDisk = { ...realDisk, sync: (_file, done) => keep(done) };
  const disk = timedDisk(slow, (micros) => noted.push(micros));
  const outcomes: (Error | undefined)[] = [];
  for (const error of [undefined, new Error("no")]) {
    disk.sync(1, (outcome) => outcomes.push(outcome));
    assert.equal(outcomes.length, noted.length, "not before it has ended");
    end?.(error);
  }
  assert.deepEqual(
    outcomes.map((error) => error?.message),
    [undefined, "no"],
  );
  assert.ok(noted.length === 2 && noted.every((micros) => micros >= 0));
  assert.equal(disk.list, realDisk.list);
});
