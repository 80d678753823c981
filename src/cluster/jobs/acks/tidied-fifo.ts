/**
 * A row of tombstones that does not grow because of those that are gone.
 *
 * Nobody is told when a tombstone goes, so it stays in a row until it comes to the front; and when the
 * front does not move, as in the questions for a node that is away, for ever. So the row is looked
 * through whenever it has become twice as long as what was left the last time. It tidies only when it
 * is added to: whoever reads still meets some that are gone.
 */
import type { Job } from "../../../core/job.ts";
import { JobFifo } from "./job-fifo.ts";

/** A shorter row is not worth it. */
const TIDY_MIN = 1024;

/** Pairs of a job and the number of its burial. */
export class TidiedFifo extends JobFifo {
  readonly #isStill: (job: Job, number: number) => boolean;
  #tidyAtSize = TIDY_MIN;

  /** @param isStill whether the job is still the tombstone with that number */
  constructor(isStill: (job: Job, number: number) => boolean) {
    super();
    this.#isStill = isStill;
  }

  /** Takes those away that are gone, up to the first one that is not. */
  dropGone(): void {
    while (this.size > 0 && !this.#isStill(this.jobAt(0), this.numberAt(0))) this.drop(1);
  }

  override push(job: Job, number: number): void {
    if (this.size >= this.#tidyAtSize) {
      this.retain(this.#isStill);
      this.#tidyAtSize = Math.max(TIDY_MIN, 2 * this.size);
    } else if (this.size === 0) this.#tidyAtSize = TIDY_MIN;
    super.push(job, number);
  }
}
