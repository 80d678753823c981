/**
 * The rewrite pass: every live job is logged once more, so that what was written before is not needed.
 *
 * It walks the job table, some jobs a turn, and writes them into the log like anything else: no second
 * file, nothing to be merged, and a node that stops in between has lost nothing. Jobs that were logged as
 * a whole since the pass began are passed over. When it is through, the log begins with the segment in
 * which the pass began; that is the business of whoever keeps the files.
 */
import type { Broker } from "../core/broker.ts";
import { type Job, JobFlag } from "../core/job.ts";
import { type JobMarks, PASS_MAX } from "./job-marks.ts";
import { RecordType } from "./record-types.ts";
import type { RecordWriter } from "./record-writer.ts";

/** Handles looked at in one turn at most. */
const HANDLES_PER_TURN = 20_000;
/**
 * Bytes written in one ms, by less than half of it. In every turn, of which there are several a ms, they would keep the disk
 * and its threads as busy as the node itself: replies waited for up to 15 ms instead of 9.
 */
const BYTES_PER_SLICE = 48 * 1024;
const SLICE_EVERY_MS = 1;
/** The pass writes so many times what clients have written in the turn, to come to an end before them. */
const PACE = 2;

/** Walks over all jobs. */
export class Rewrite {
  readonly #broker: Broker;
  readonly #marks: JobMarks;
  readonly #records: RecordWriter;
  readonly #bytesPerSlice: number;
  #slicedAtMs = Number.NEGATIVE_INFINITY;
  #isUnderWay = false;
  #isBegun = false;
  #number = 0;
  #next: Job = 0;

  /** @param bytesPerSlice written in a ms at least */
  constructor(
    broker: Broker,
    marks: JobMarks,
    records: RecordWriter,
    bytesPerSlice = BYTES_PER_SLICE,
  ) {
    this.#bytesPerSlice = bytesPerSlice;
    this.#broker = broker;
    this.#marks = marks;
    this.#records = records;
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** What jobs that are logged as a whole are marked with: the pass under way, or the last one. */
  get number(): number {
    return this.#number;
  }

  /** How far the walk is, 0..1; 0 when there is none. */
  get progress(): number {
    if (!this.#isUnderWay) return 0;
    const { handleLimit } = this.#broker.jobs;
    return handleLimit === 0 ? 1 : Math.min(1, this.#next / handleLimit);
  }

  /** When the next slice has its time (monotonic ms). */
  get nextSliceAtMs(): number {
    return this.#slicedAtMs + SLICE_EVERY_MS;
  }

  /** Begins at the first job. */
  begin(): void {
    this.#number++;
    if (this.#number > PASS_MAX) {
      this.#number = 1;
      this.#marks.forgetPasses();
    }
    this.#isUnderWay = true;
    this.#isBegun = false;
    this.#next = 0;
  }

  /** Goes on with a pass of a former process, whose jobs the caller marks with `number`. */
  resume(): void {
    this.begin();
    this.#isBegun = true;
  }

  /** All jobs are gone: there is nothing left to walk over. */
  cleared(): void {
    this.#next = 0;
  }

  /**
   * Writes the jobs of this turn.
   * @param nowMs monotonic; undefined: nobody waits for this process
   * @param written bytes that clients have caused in this turn
   * @param length tells how much has been written, that of clients included
   * @param log logs a job as a whole
   */
  proceed(
    nowMs: number | undefined,
    written: number,
    length: () => number,
    log: (job: Job) => void,
  ): void {
    const { jobs } = this.#broker;
    const isSliceDue = nowMs === undefined || nowMs >= this.nextSliceAtMs;
    if (isSliceDue && nowMs !== undefined) this.#slicedAtMs = nowMs;
    if (!this.#isBegun) this.#records.mark(RecordType.rewriteBegan);
    this.#isBegun = true;
    const lengthMax = written + Math.max(isSliceDue ? this.#bytesPerSlice : 0, PACE * written);
    let handlesLeft = HANDLES_PER_TURN;
    let job = jobs.skipVacant(this.#next);
    while (job < jobs.handleLimit && handlesLeft > 0 && length() < lengthMax) {
      if (this.#isMissing(job)) log(job);
      handlesLeft--;
      job = jobs.skipVacant(job + 1);
    }
    this.#next = job;
    if (job < jobs.handleLimit) return;
    this.#records.mark(RecordType.rewriteEnded);
    this.#isUnderWay = false;
  }

  #isMissing(job: Job): boolean {
    const { jobs } = this.#broker;
    if (!jobs.isLive(job) || jobs.hasFlag(job, JobFlag.isBorrowed)) return false;
    return this.#marks.pass(job) !== this.#number;
  }
}
