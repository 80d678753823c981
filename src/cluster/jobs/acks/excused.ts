/**
 * Questions about acknowledged jobs that need no answer any more.
 *
 * A node that is no member any more will not answer: for every job that waited for it, that is one
 * answer less to wait for. There may be hundreds of thousands, and most of them end with
 * it, which is work; so they are worked off some thousands a turn. The rows are kept as they are.
 */
import type { Job } from "../../../core/job.ts";
import type { JobFifo } from "./job-fifo.ts";

/** Rows of jobs with the numbers of their burials. */
export class Excused {
  readonly #rows: JobFifo[] = [];

  /** Whether there is nothing to do. */
  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  get usedBytes(): number {
    return this.#rows.reduce((bytes, row) => bytes + row.usedBytes, 0);
  }

  /** Takes rows over; nobody else may change them from now on. */
  add(rows: readonly JobFifo[]): void {
    for (const row of rows) if (row.size > 0) this.#rows.push(row);
  }

  /** Shows the next ones, that many at most, whether they are still there or not. */
  work(visitsMax: number, visit: (job: Job, number: number) => void): void {
    for (let visits = 0; visits < visitsMax; visits++) {
      const [row] = this.#rows;
      if (row === undefined) return;
      const job = row.jobAt(0);
      const number = row.numberAt(0);
      row.drop(1);
      if (row.size === 0) this.#rows.shift();
      visit(job, number);
    }
  }

  clear(): void {
    this.#rows.length = 0;
  }
}
