/**
 * Bare job records for tests of the structures below the broker.
 *
 * The structures only look at a record's id, its creation and its agenda links; nothing here starts
 * a life or keeps an index.
 */
import { Arena } from "../../src/core/arena.ts";
import type { Job } from "../../src/core/job.ts";
import { JOB_ID_WORDS } from "../../src/core/job-id.ts";
import type { NewRecord } from "../../src/core/job-record.ts";
import { JobTable } from "../../src/core/job-table.ts";
import { Xorshift } from "../../src/util/xorshift.ts";

/** An id with random words. */
export function randomId(random: Xorshift): Int32Array {
  return Int32Array.from({ length: JOB_ID_WORDS }, () => random.word());
}

/** A record of no consequence but for its id and creation. */
export function bareRecord(id: Int32Array, createdMs = 0): NewRecord {
  return {
    id,
    queueNumber: 0,
    replicate: 1,
    delaySeconds: 0,
    retrySeconds: 1,
    ttlSeconds: 1,
    createdMs,
    createdCounter: 0,
    expiresAtMs: 0,
  };
}

/** A table, and jobs in it whose creation is the given moment (wall clock ms). */
export function bareJobs(createdMs: readonly number[]): { table: JobTable; jobs: Job[] } {
  const table = new JobTable(new Arena());
  const random = new Xorshift(1);
  const jobs = createdMs.map((ms) => table.add(bareRecord(randomId(random), ms)));
  return { table, jobs };
}
