/**
 * A walk over all jobs, some in a turn.
 *
 * Jobs come and go meanwhile: one that comes after the walk has passed its handle is not seen, which
 * is right, because what made the walk necessary was before. Whoever asks for a walk during one gets
 * another one after it.
 */
import type { Job } from "../../../core/job.ts";
import type { JobTable } from "../../../core/job-table.ts";

/** Handles looked at in a turn. */
const HANDLES_PER_TURN = 4096;

/** What is done with each job; false: it cannot be done now, the walk waits at this job. */
export type Visit = (job: Job) => boolean;

/** One walk at a time. */
export class Walk {
  readonly #jobs: JobTable;
  readonly #visit: Visit;
  #at = 0;
  #isAsked = false;
  #isUnderWay = false;

  constructor(jobs: JobTable, visit: Visit) {
    this.#jobs = jobs;
    this.#visit = visit;
  }

  /** Something is left to be walked over. */
  get isDue(): boolean {
    return this.#isAsked || this.#isUnderWay;
  }

  /** The next `proceed` begins at the first job. */
  get isAtStart(): boolean {
    return this.#isAsked && !this.#isUnderWay;
  }

  /** Asks for a whole walk from now on. */
  ask(): void {
    this.#isAsked = true;
  }

  /** All jobs are gone. */
  stop(): void {
    this.#isAsked = false;
    this.#isUnderWay = false;
  }

  /** Goes on: true when it has come to the end. */
  proceed(): boolean {
    if (this.isAtStart) {
      this.#isAsked = false;
      this.#isUnderWay = true;
      this.#at = 0;
    }
    for (let count = 0; count < HANDLES_PER_TURN; count++) {
      const job = this.#jobs.skipVacant(this.#at);
      if (job >= this.#jobs.handleLimit) {
        this.#isUnderWay = false;
        return true;
      }
      this.#at = job;
      if (this.#jobs.isLive(job) && !this.#visit(job)) return false;
      this.#at = job + 1;
    }
    return false;
  }
}
