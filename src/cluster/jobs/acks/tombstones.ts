/**
 * The acknowledged jobs that this node remembers, oldest first.
 *
 * Every one gets a number when it is buried, which stands in its record as long as it is a tombstone:
 * whoever remembers a handle and the number can tell whether it is still the same job. So nobody has to
 * be told when a tombstone goes, by whatever way: finished, expired, flushed. Rows of them are tidied
 * now and then instead.
 */
import type { Broker } from "../../../core/broker.ts";
import { type Job, JobState } from "../../../core/job.ts";
import { JobFifo } from "./job-fifo.ts";

/** So many jobs are added at least before a row is tidied. */
const TIDY_AFTER_MIN = 1024;

/** Gives tombstones their numbers. */
export class Burials {
  readonly #broker: Broker;
  readonly #noted: (job: Job) => void;
  #last = 0;

  /** @param noted told of every one */
  constructor(broker: Broker, noted: (job: Job) => void) {
    this.#broker = broker;
    this.#noted = noted;
  }

  /** A job has just become a tombstone; returns its number. */
  note(job: Job): number {
    this.#last++;
    this.#broker.jobs.setBurial(job, this.#last);
    this.#noted(job);
    return this.#last;
  }

  /** Whether the job with this handle is still the tombstone that got this number. */
  isStill(job: Job, number: number): boolean {
    const { jobs } = this.#broker;
    return jobs.isLive(job) && jobs.state(job) === JobState.acked && jobs.burial(job) === number;
  }
}

/** Tombstones of one sort in the order of their burials. */
export class Tombstones {
  readonly #isStill: (job: Job, number: number) => boolean;
  readonly #row = new JobFifo();
  #added = 0;

  /** @param isStill whether the job is still one of this sort */
  constructor(isStill: (job: Job, number: number) => boolean) {
    this.#isStill = isStill;
  }

  get usedBytes(): number {
    return this.#row.usedBytes;
  }

  /** Counts them, which costs as much as there are. */
  get count(): number {
    this.#tidy();
    return this.#row.size;
  }

  add(job: Job, number: number): void {
    this.#dropStale();
    if (this.#added > Math.max(TIDY_AFTER_MIN, this.#row.size / 2)) this.#tidy();
    this.#added++;
    this.#row.push(job, number);
  }

  /** Whether there are that many; after a while in which many have gone it may say so of fewer. */
  hasAtLeast(count: number): boolean {
    if (this.#row.size >= count && this.#added > TIDY_AFTER_MIN) this.#tidy();
    return this.#row.size >= count;
  }

  /** Shows the oldest ones, that many at most, until it is told that this is enough. */
  visitOldest(visitsMax: number, visit: (job: Job) => boolean): void {
    this.#dropStale();
    const visits = Math.min(visitsMax, this.#row.size);
    for (let place = 0; place < visits; place++) {
      const job = this.#row.jobAt(place);
      if (this.#isStill(job, this.#row.numberAt(place)) && !visit(job)) return;
    }
  }

  clear(): void {
    this.#row.clear();
    this.#added = 0;
  }

  #dropStale(): void {
    const row = this.#row;
    while (row.size > 0 && !this.#isStill(row.jobAt(0), row.numberAt(0))) row.drop(1);
  }

  #tidy(): void {
    this.#row.retain(this.#isStill);
    this.#added = 0;
  }
}
