/**
 * Where job records lie: fixed-width slots outside the JavaScript heap, and access to their words.
 *
 * The job table (job-table.ts) gives the words their names; nobody else may touch them, so access is
 * protected. Nothing here knows what a word means.
 */
import type { Job } from "./job.ts";
import { RECORD_BYTES, RECORD_FLOATS, RECORD_WORDS } from "./job-record.ts";
import { BULK_PAGE_BYTES, Slab } from "./slab.ts";

/** Storage of records by handle. */
export class JobRecords {
  protected readonly slab = new Slab(RECORD_BYTES, BULK_PAGE_BYTES);
  readonly #words = this.slab.words;
  readonly #floats = this.slab.floats;
  readonly #shift = this.slab.pageShift;
  readonly #mask = this.slab.slotMask;

  /** Jobs in the table. */
  get count(): number {
    return this.slab.liveSlots;
  }

  /** Bytes of the records in use. */
  get usedBytes(): number {
    return this.slab.usedBytes;
  }

  /** Bytes of all pages held. */
  get pageBytes(): number {
    return this.slab.pageBytes;
  }

  /** Handles are below this number; for scans, which must test `isLive`. */
  get handleLimit(): number {
    return this.slab.handleLimit;
  }

  /** The first handle from this one on that may name a job; for scans. */
  skipVacant(handle: Job): Job {
    return this.slab.skipVacant(handle);
  }

  /** Gives back an empty page that was kept for the next job. */
  trim(): void {
    this.slab.trim();
  }

  /** Forgets all jobs at once; bodies are the caller's to clear. */
  clear(): void {
    this.slab.clear();
  }

  /** The words of the page in which the record lies. */
  protected page(job: Job): Int32Array {
    return this.#words[job >>> this.#shift] as Int32Array;
  }

  /** Where the record begins in its page, in words. */
  protected at(job: Job): number {
    return (job & this.#mask) * RECORD_WORDS;
  }

  protected word(job: Job, word: number): number {
    return this.page(job)[this.at(job) + word] as number;
  }

  protected setWord(job: Job, word: number, value: number): void {
    this.page(job)[this.at(job) + word] = value;
  }

  protected float(job: Job, float: number): number {
    const page = this.#floats[job >>> this.#shift] as Float64Array;
    return page[(job & this.#mask) * RECORD_FLOATS + float] as number;
  }

  protected setFloat(job: Job, float: number, value: number): void {
    const page = this.#floats[job >>> this.#shift] as Float64Array;
    page[(job & this.#mask) * RECORD_FLOATS + float] = value;
  }
}
