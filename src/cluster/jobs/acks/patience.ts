/**
 * Tombstones that something is to be done about later, if they are still there: a row with moments.
 *
 * A holder that was told of an acknowledgement waits for the end of its collection, a lookup for its
 * answers. Both nearly always come in time, so there is no timer per job: all wait equally long, hence
 * stand in the order of their moments, and only the first one is looked at. Those that are gone by then
 * wake nobody up.
 */
import type { Job } from "../../../core/job.ts";
import { JobFifo } from "./job-fifo.ts";

/** Jobs in the order in which their patience ends. */
export class Patience {
  readonly #isStill: (job: Job, number: number) => boolean;
  readonly #jobs = new JobFifo();
  /** The moments of the same jobs. */
  readonly #moments = new JobFifo();
  #lastAtMs = 0;

  /** @param isStill whether the job still waits for what was to come */
  constructor(isStill: (job: Job, number: number) => boolean) {
    this.#isStill = isStill;
  }

  get usedBytes(): number {
    return this.#jobs.usedBytes + this.#moments.usedBytes;
  }

  /** Monotonic ms at which the first one's patience ends; Infinity: there is none. */
  get nextAtMs(): number {
    return this.#moments.size === 0 ? Number.POSITIVE_INFINITY : this.#moments.numberAt(0);
  }

  /** The job waits until then, or longer if one before it does. */
  add(job: Job, number: number, untilMs: number): void {
    this.#lastAtMs = Math.max(this.#lastAtMs, untilMs);
    this.#jobs.push(job, number);
    this.#moments.push(job, this.#lastAtMs);
  }

  /** Hands out those whose patience has ended, that many at most. */
  advance(nowMs: number, visitsMax: number, visit: (job: Job) => void): void {
    this.#dropStale();
    for (let visits = 0; visits < visitsMax && this.nextAtMs <= nowMs; visits++) {
      const job = this.#jobs.jobAt(0);
      this.#drop();
      visit(job);
      this.#dropStale();
    }
  }

  clear(): void {
    this.#jobs.clear();
    this.#moments.clear();
    this.#lastAtMs = 0;
  }

  #dropStale(): void {
    const jobs = this.#jobs;
    while (jobs.size > 0 && !this.#isStill(jobs.jobAt(0), jobs.numberAt(0))) this.#drop();
  }

  #drop(): void {
    this.#jobs.drop(1);
    this.#moments.drop(1);
  }
}
