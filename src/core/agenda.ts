/**
 * The agenda: for every job, the next moment at which this node must do something about it.
 *
 * Requeueing and expiry both need "later". A timer per job would cost an entry in the event loop and
 * could not be simulated; instead each job has one awake time here, and the node one timer for the
 * earliest. The agenda is a hierarchical timing wheel (Varghese and Lauck, 1987): six levels of 256
 * buckets, a bucket of level L spanning 256^L ms, so scheduling and removing cost the same for one
 * job as for millions.
 *
 *   level 0   | 1 ms buckets: due exactly then
 *   level 1   | 256 ms buckets: when time reaches one, its jobs are spread over level 0
 *   ...       | level 5 reaches beyond the longest lifetime a client may ask for
 *
 * Buckets are doubly linked lists through the job records; jobs noted first come out first, so that
 * jobs due in the same millisecond keep their order. A million of them are handled in batches:
 * `advance` stops when its budget is used up and goes on next time. The agenda does not know what
 * being due means.
 */
import { type Job, NO_JOB } from "./job.ts";
import type { JobTable } from "./job-table.ts";

const LEVELS = 6;
const BUCKETS = 256;
const TWO_TO_32 = 2 ** 32;
/** What a bucket of each level stands for, and at the end the whole span; a power is a call. */
const BUCKET_MS = Array.from(
  { length: LEVELS + 1 },
  (_, level) => BUCKETS ** level,
) as readonly number[];
/** Level 5 ends here, 8900 years after start; no clock and no lifetime reaches it. */
const SPAN_MS = 2 ** 48;
/** Both ends of a bucket's list link to the bucket: -2 - bucket. The same turns a link back. */
const endLink = (bucket: number): number => -2 - bucket;

/** When must which job be looked at next. */
export class Agenda {
  readonly #jobs: JobTable;
  readonly #awakeAtMs: (job: Job) => number;
  readonly #heads = new Int32Array(LEVELS * BUCKETS).fill(NO_JOB);
  readonly #tails = new Int32Array(LEVELS * BUCKETS).fill(NO_JOB);
  /** One bit a bucket that is not empty, 32 buckets a word. */
  readonly #occupied = new Int32Array((LEVELS * BUCKETS) / 32);
  /** Every moment before this one has been handled. */
  #timeMs: number;

  /** @param awakeAtMs tells a job's moment again when its bucket is spread over a finer level */
  constructor(jobs: JobTable, nowMs: number, awakeAtMs: (job: Job) => number) {
    this.#jobs = jobs;
    this.#timeMs = nowMs;
    this.#awakeAtMs = awakeAtMs;
  }

  /** Notes that the job must be looked at then; replaces what was noted before. */
  schedule(job: Job, atMs: number): void {
    this.remove(job);
    this.#link(job, this.#bucketFor(atMs));
  }

  /** Forgets the job; harmless when it is not scheduled. */
  remove(job: Job): void {
    const previous = this.#jobs.agendaPrevious(job);
    if (previous === NO_JOB) return;
    const next = this.#jobs.agendaNext(job);
    if (previous >= 0) this.#jobs.setAgendaNext(previous, next);
    else this.#setHead(endLink(previous), next >= 0 ? next : NO_JOB);
    if (next >= 0) this.#jobs.setAgendaPrevious(next, previous);
    else this.#tails[endLink(next)] = previous >= 0 ? previous : NO_JOB;
    this.#jobs.setAgendaPrevious(job, NO_JOB);
    this.#jobs.setAgendaNext(job, NO_JOB);
  }

  isScheduled(job: Job): boolean {
    return this.#jobs.agendaPrevious(job) !== NO_JOB;
  }

  /**
   * Hands every job due by then to `visit`, which removes or schedules it again; at most `budget`
   * jobs are touched, the rest stay due.
   */
  advance(nowMs: number, budget: number, visit: (job: Job) => void): void {
    let left = budget;
    while (left > 0) {
      left = this.#handleCurrent(left, visit);
      if (left === 0) return;
      const nextMs = this.#nextBucketMs();
      if (nextMs > nowMs) break;
      this.#timeMs = nextMs;
    }
    this.#timeMs = Math.max(this.#timeMs, nowMs);
  }

  /** The earliest moment at which `advance` has work; Infinity when there is none. */
  get nextAtMs(): number {
    for (let level = 0; level < LEVELS; level++) {
      if (this.#heads[this.#currentBucket(level)] !== NO_JOB) return this.#timeMs;
    }
    return this.#nextBucketMs();
  }

  /** Every bucket in use: its jobs in order, and the span of time it stands for; for checks. */
  *buckets(): Generator<{ jobs: Job[]; fromMs: number; untilMs: number }> {
    for (const bucket of this.#bucketsInUse()) {
      let job = this.#heads[bucket] as number;
      const jobs: Job[] = [];
      for (; job >= 0; job = this.#jobs.agendaNext(job)) jobs.push(job);
      const level = Math.floor(bucket / BUCKETS);
      const spanMs = BUCKET_MS[level] as number;
      const fromMs = this.#baseMs(level) + (bucket % BUCKETS) * spanMs;
      const isOverdue = level === 0 && bucket === this.#currentBucket(0);
      yield { jobs, fromMs: isOverdue ? 0 : fromMs, untilMs: fromMs + spanMs };
    }
  }

  *#bucketsInUse(): Generator<number> {
    for (const [word, bits] of this.#occupied.entries()) {
      for (let left = bits; left !== 0; left &= left - 1)
        yield word * 32 + 31 - Math.clz32(left & -left);
    }
  }

  /** Forgets all jobs at once. */
  clear(): void {
    this.#heads.fill(NO_JOB);
    this.#tails.fill(NO_JOB);
    this.#occupied.fill(0);
  }

  /** Empties the buckets that contain the present moment, coarse ones first; returns the budget left. */
  #handleCurrent(budget: number, visit: (job: Job) => void): number {
    let left = budget;
    for (let level = LEVELS - 1; level > 0; level--) {
      const bucket = this.#currentBucket(level);
      while (left > 0 && this.#heads[bucket] !== NO_JOB) {
        const job = this.#heads[bucket] as number;
        this.schedule(job, this.#awakeAtMs(job));
        left--;
      }
    }
    const due = this.#currentBucket(0);
    while (left > 0 && this.#heads[due] !== NO_JOB) {
      visit(this.#heads[due] as number);
      left--;
    }
    return left;
  }

  #currentBucket(level: number): number {
    return level * BUCKETS + digit(this.#timeMs, level);
  }

  /** The bucket for a moment: level by the highest digit in which it differs from now. */
  #bucketFor(atMs: number): number {
    if (atMs <= this.#timeMs) return this.#currentBucket(0);
    const bounded = Math.min(atMs, SPAN_MS - 1);
    const high = Math.floor(bounded / TWO_TO_32) ^ Math.floor(this.#timeMs / TWO_TO_32);
    const low = (bounded >>> 0) ^ (this.#timeMs >>> 0);
    const level = high !== 0 ? 4 + highestByte(high) : highestByte(low);
    return level * BUCKETS + digit(bounded, level);
  }

  /** Start of the next bucket that is not empty, after the present ones. */
  #nextBucketMs(): number {
    for (let level = 0; level < LEVELS; level++) {
      const current = digit(this.#timeMs, level);
      const next = this.#nextOccupied(level, current + 1);
      if (next < BUCKETS) return this.#baseMs(level) + next * (BUCKET_MS[level] as number);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Start of the first bucket of a level in its present round. */
  #baseMs(level: number): number {
    const roundMs = BUCKET_MS[level + 1] as number;
    return Math.floor(this.#timeMs / roundMs) * roundMs;
  }

  #nextOccupied(level: number, from: number): number {
    if (from >= BUCKETS) return BUCKETS;
    const firstWord = (level * BUCKETS) / 32;
    let word = from >>> 5;
    let bits = (this.#occupied[firstWord + word] as number) & (-1 << (from & 31));
    while (bits === 0) {
      word++;
      if (word === BUCKETS / 32) return BUCKETS;
      bits = this.#occupied[firstWord + word] as number;
    }
    return word * 32 + (31 - Math.clz32(bits & -bits));
  }

  #link(job: Job, bucket: number): void {
    const last = this.#tails[bucket] as number;
    this.#jobs.setAgendaPrevious(job, last === NO_JOB ? endLink(bucket) : last);
    this.#jobs.setAgendaNext(job, endLink(bucket));
    if (last === NO_JOB) this.#setHead(bucket, job);
    else this.#jobs.setAgendaNext(last, job);
    this.#tails[bucket] = job;
  }

  #setHead(bucket: number, job: Job): void {
    this.#heads[bucket] = job;
    const bit = 1 << (bucket & 31);
    const word = bucket >>> 5;
    const bits = this.#occupied[word] as number;
    this.#occupied[word] = job === NO_JOB ? bits & ~bit : bits | bit;
  }
}

/** Digit number `level` of a moment written in base 256. */
function digit(ms: number, level: number): number {
  if (level < 4) return (ms >>> (level * 8)) & 0xff;
  return Math.floor(ms / (BUCKET_MS[level] as number)) & 0xff;
}

/** Index of the highest byte that is not zero; 0 for zero. */
function highestByte(word: number): number {
  return word === 0 ? 0 : (31 - Math.clz32(word)) >> 3;
}
