/**
 * What the journal remembers of each job: one byte by handle, and a row of those that have changed.
 *
 *   bit 0     it has changed since the last turn
 *   bit 1     it is in the log
 *   bit 2-7   the rewrite pass in which it was last logged as a whole, 1..63; 0: none
 *
 * A job that goes leaves its handle in the row; its byte says that nothing is to be done. So nothing is
 * ever searched.
 */
import type { Job } from "../core/job.ts";

const IS_CHANGED = 1;
const IS_LOGGED = 2;
const PASS_SHIFT = 2;
/** Passes are numbered up to this, and then from 1 again. */
export const PASS_MAX = 63;

const MARKS_MIN = 1024;
const ROW_MIN = 256;
/** A longer row is given back when it has been worked off. */
const ROW_KEPT_MAX = 65_536;

/** Marks of jobs. */
export class JobMarks {
  #marks = new Uint8Array(MARKS_MIN);
  #row = new Int32Array(ROW_MIN);
  #length = 0;

  /** Entries of the row; some may say nothing any more. */
  get rowLength(): number {
    return this.#length;
  }

  /** Notes that a job has changed. */
  change(job: Job): void {
    if (job >= this.#marks.length) this.#growMarks(job);
    const mark = this.#marks[job] as number;
    if ((mark & IS_CHANGED) !== 0) return;
    this.#marks[job] = mark | IS_CHANGED;
    if (this.#length === this.#row.length) this.#growRow();
    this.#row[this.#length++] = job;
  }

  /** The job at this place of the row, if it has changed and that was not asked before; otherwise -1. */
  takeChanged(at: number): Job {
    const job = this.#row[at] as number;
    const mark = this.#marks[job] as number;
    if ((mark & IS_CHANGED) === 0) return -1;
    this.#marks[job] = mark & ~IS_CHANGED;
    return job;
  }

  /** All of the row has been worked off. */
  clearRow(): void {
    this.#length = 0;
    if (this.#row.length > ROW_KEPT_MAX) this.#row = new Int32Array(ROW_MIN);
  }

  isLogged(job: Job): boolean {
    return ((this.#marks[job] ?? 0) & IS_LOGGED) !== 0;
  }

  /** The pass in which the job was last logged as a whole; 0: none that is known. */
  pass(job: Job): number {
    return (this.#marks[job] ?? 0) >>> PASS_SHIFT;
  }

  /** The job has been logged as a whole. */
  setLogged(job: Job, pass: number): void {
    if (job >= this.#marks.length) this.#growMarks(job);
    this.#marks[job] =
      ((this.#marks[job] as number) & IS_CHANGED) | IS_LOGGED | (pass << PASS_SHIFT);
  }

  /** The job is gone, from the table or at least from the log. */
  forget(job: Job): void {
    if (job < this.#marks.length) this.#marks[job] = 0;
  }

  /** No job was logged in any pass, as far as is known: the numbers of passes begin again. */
  forgetPasses(): void {
    for (let job = 0; job < this.#marks.length; job++) {
      this.#marks[job] = (this.#marks[job] as number) & (IS_CHANGED | IS_LOGGED);
    }
  }

  /** All jobs are gone. */
  clear(): void {
    this.#marks = new Uint8Array(MARKS_MIN);
    this.clearRow();
  }

  #growMarks(job: Job): void {
    const larger = new Uint8Array(Math.max(this.#marks.length * 2, job + 1));
    larger.set(this.#marks);
    this.#marks = larger;
  }

  #growRow(): void {
    const larger = new Int32Array(this.#row.length * 2);
    larger.set(this.#row);
    this.#row = larger;
  }
}
