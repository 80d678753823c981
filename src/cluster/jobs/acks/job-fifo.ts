/**
 * Jobs in a row, first in first out, each with a number: two rings of plain numbers.
 *
 * For what is remembered of thousands of jobs at a time and forgotten again in the same order: no
 * object per job, and nothing for the garbage collector to look at. What the number means is the
 * owner's business; a handle alone would not do, because it is another job's once its own is gone.
 */
import type { Job } from "../../../core/job.ts";

/** A power of two, as all capacities. */
const CAPACITY_MIN = 16;
/** Up to here a row stays as long as it has become: it fills and empties again with every message. */
const CAPACITY_KEPT = 1024;
/** Of a job and its number. */
const PAIR_BYTES = 12;

/** Pairs of a job and a number. */
export class JobFifo {
  #jobs = new Int32Array(CAPACITY_MIN);
  #numbers = new Float64Array(CAPACITY_MIN);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Bytes, but for those of an empty row. */
  get usedBytes(): number {
    return (this.#jobs.length - CAPACITY_MIN) * PAIR_BYTES;
  }

  /** The job at a place, 0 being the oldest; the caller knows the size. */
  jobAt(place: number): Job {
    return this.#jobs[(this.#head + place) & (this.#jobs.length - 1)] as Job;
  }

  /** The number of the job at a place. */
  numberAt(place: number): number {
    return this.#numbers[(this.#head + place) & (this.#jobs.length - 1)] as number;
  }

  /** Appends a job. */
  push(job: Job, number: number): void {
    if (this.#size === this.#jobs.length) this.#resize(this.#size * 2);
    const at = (this.#head + this.#size) & (this.#jobs.length - 1);
    this.#jobs[at] = job;
    this.#numbers[at] = number;
    this.#size++;
  }

  /** Takes the oldest away, that many or all. */
  drop(count: number): void {
    const dropped = Math.min(count, this.#size);
    this.#head = (this.#head + dropped) & (this.#jobs.length - 1);
    this.#size -= dropped;
    const isSparse = this.#size * 8 < this.#jobs.length && this.#jobs.length > CAPACITY_KEPT;
    if (isSparse) this.#resize(this.#jobs.length / 4);
  }

  /** Takes all away for which this is false; the order stays. */
  retain(isKept: (job: Job, number: number) => boolean): void {
    const size = this.#size;
    const mask = this.#jobs.length - 1;
    let kept = 0;
    for (let place = 0; place < size; place++) {
      const from = (this.#head + place) & mask;
      const job = this.#jobs[from] as Job;
      const number = this.#numbers[from] as number;
      if (!isKept(job, number)) continue;
      const to = (this.#head + kept++) & mask;
      this.#jobs[to] = job;
      this.#numbers[to] = number;
    }
    this.#size = kept;
    this.drop(0);
  }

  clear(): void {
    this.#jobs = new Int32Array(CAPACITY_MIN);
    this.#numbers = new Float64Array(CAPACITY_MIN);
    this.#head = 0;
    this.#size = 0;
  }

  #resize(wanted: number): void {
    const capacity = Math.max(CAPACITY_MIN, wanted);
    const jobs = new Int32Array(capacity);
    const numbers = new Float64Array(capacity);
    for (let place = 0; place < this.#size; place++) {
      jobs[place] = this.jobAt(place);
      numbers[place] = this.numberAt(place);
    }
    this.#jobs = jobs;
    this.#numbers = numbers;
    this.#head = 0;
  }
}
