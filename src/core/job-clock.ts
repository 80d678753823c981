/**
 * What the clocks say about a job.
 *
 * Questions only: when is it looked at next, when does it come back, is its life over? The answers
 * follow from its record and the present moment; what is done about them stands in lifecycle.ts.
 */
import type { Host } from "./host.ts";
import { type Job, JobFlag, JobState } from "./job.ts";
import type { JobTable } from "./job-table.ts";

/** Reads the times of jobs. */
export class JobClock {
  readonly #host: Host;
  readonly #jobs: JobTable;

  constructor(host: Host, jobs: JobTable) {
    this.#host = host;
    this.#jobs = jobs;
  }

  /** Its TTL is over: nobody may see it any more. */
  isExpired(job: Job): boolean {
    return this.#jobs.expiresAtMs(job) <= this.#host.nowMs;
  }

  /** More than half of its TTL is over: nobody may postpone its next delivery any more. */
  isPastHalfLife(job: Job): boolean {
    const leftMs = this.#jobs.expiresAtMs(job) - this.#host.nowMs;
    return leftMs < this.#jobs.ttlSeconds(job) * 500;
  }

  /** The next moment at which the agenda must look at the job, monotonic ms. */
  awakeAtMs(job: Job): number {
    const expiresAtMs = this.#jobs.expiresAtMs(job);
    const isTimed =
      this.#jobs.state(job) === JobState.active &&
      !this.#jobs.hasFlag(job, JobFlag.isHeld | JobFlag.isClaimed | JobFlag.isCopy);
    return isTimed ? Math.min(this.#jobs.dueAtMs(job), expiresAtMs) : expiresAtMs;
  }

  /**
   * Ms until the job goes (back) to its queue by itself; Infinity: never. A queued job has no timer:
   * what is told is the clock the reference would have, going round every RETRY.
   */
  requeueWithinMs(job: Job): number {
    const now = this.#host.nowMs;
    const state = this.#jobs.state(job);
    const isOwn = !this.#jobs.hasFlag(job, JobFlag.isCopy);
    if (state === JobState.active && isOwn) return Math.max(0, this.#jobs.dueAtMs(job) - now);
    const retryMs = this.#jobs.retrySeconds(job) * 1000;
    if (retryMs === 0) return Number.POSITIVE_INFINITY;
    // A copy is queued here that long after its keeper was last heard, as far as can be said.
    if (state !== JobState.queued) return retryMs;
    return retryMs - ((now - this.#jobs.queuedAtMs(job)) % retryMs);
  }

  /** When a lease that starts now is over; Infinity: never, it is delivered at most once. */
  leaseEndMs(job: Job): number {
    const retrySeconds = this.#jobs.retrySeconds(job);
    return retrySeconds > 0 ? this.#host.nowMs + retrySeconds * 1000 : Number.POSITIVE_INFINITY;
  }
}
