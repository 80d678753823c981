/**
 * The order of jobs in a queue: by creation time, ties by id (reference commands, section 3.4).
 *
 * It is the same on all nodes, because all of it travels with the job.
 */
import type { Job } from "./job.ts";
import { JOB_ID_WORDS } from "./job-id.ts";
import type { JobTable } from "./job-table.ts";

/** Whether `a` comes before `b`. */
export function isBefore(jobs: JobTable, a: Job, b: Job): boolean {
  const ms = jobs.createdMs(a) - jobs.createdMs(b);
  if (ms !== 0) return ms < 0;
  const counters = jobs.createdCounter(a) - jobs.createdCounter(b);
  if (counters !== 0) return counters < 0;
  for (let word = 0; word < JOB_ID_WORDS; word++) {
    const difference = (jobs.idWord(a, word) >>> 0) - (jobs.idWord(b, word) >>> 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
