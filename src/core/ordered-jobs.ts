/**
 * Jobs in queue order: by creation time, whatever order they come and go in.
 *
 * Jobs nearly always arrive at the end and leave from the front, but a job put back belongs to its
 * old place, and QPEEK reads from both ends. So the handles stand in blocks of at most BLOCK_JOBS,
 * each sorted, the blocks in order:
 *
 *   blocks   [ 3 7 9 ... ] [ 21 40 41 ... ] [ 77 80 ]
 *              ^ start                            ^ end
 *
 * Adding at the end and taking from the front touch one cell; anything else is a binary search over
 * blocks and in one block, and moves at most a block. No links in the job records, four bytes a job.
 */
import { assert } from "../util/assert.ts";
import { type Job, NO_JOB } from "./job.ts";
import { isBefore } from "./job-order.ts";
import type { JobTable } from "./job-table.ts";

const BLOCK_JOBS = 512;
/** The first block of a list starts this small: most queues never hold more. */
const FIRST_BLOCK_JOBS = 8;
/** An empty list keeps a block up to this size: many queues go from empty to a few jobs and back. */
const KEPT_BLOCK_JOBS = 32;
/** Full-size blocks kept for whichever list needs one next: a queue that is filled and drained in
 * every turn would make garbage of them faster than anything else here. */
const SPARE_BLOCKS_MAX = 64;
/** Emptied blocks at the front are dropped from the array when there are this many. */
const DROP_BLOCKS = 64;

const spareBlocks: Int32Array[] = [];

/** A run of sorted handles, jobs[start, end). */
class Block {
  jobs: Int32Array;
  start = 0;
  end = 0;

  constructor(capacity: number) {
    this.jobs = handles(capacity);
  }

  first(): Job {
    return this.jobs[this.start] as number;
  }

  last(): Job {
    return this.jobs[this.end - 1] as number;
  }
}

/** A list of jobs sorted by `JobTable.isBefore`. */
export class OrderedJobs {
  readonly #table: JobTable;
  /**
   * Blocks before #head are empty and forgotten; all others are not empty, but an empty list may keep
   * one small block: a queue that hovers around empty must not allocate for every job.
   */
  #blocks: (Block | undefined)[] = [];
  #head = 0;
  #length = 0;

  constructor(table: JobTable) {
    this.#table = table;
  }

  get length(): number {
    return this.#length;
  }

  /** The oldest job, or NO_JOB. */
  first(): Job {
    return this.#length === 0 ? NO_JOB : this.#block(this.#head).first();
  }

  /** The newest job, or NO_JOB. */
  last(): Job {
    return this.#length === 0 ? NO_JOB : this.#block(this.#blocks.length - 1).last();
  }

  /** Takes the oldest job out, or gives NO_JOB. */
  shift(): Job {
    if (this.#length === 0) return NO_JOB;
    const block = this.#block(this.#head);
    const job = block.first();
    block.start++;
    this.#length--;
    if (block.start === block.end) this.#dropBlock(this.#head);
    return job;
  }

  /** Puts the job in its place. */
  add(job: Job): void {
    if (this.#length++ === 0) {
      this.#startWith(job);
      return;
    }
    const tail = this.#block(this.#blocks.length - 1);
    if (isBefore(this.#table, tail.last(), job)) this.#append(job);
    else this.#insert(job);
  }

  /** Takes a job out that is in the list. */
  remove(job: Job): void {
    const number = this.#blockFor(job);
    const block = this.#block(number);
    const at = this.#placeIn(block, job);
    assert(at < block.end && block.jobs[at] === job, "a job that is removed is in the list");
    this.#length--;
    if (at === block.start) {
      block.start++;
    } else {
      block.jobs.copyWithin(at, at + 1, block.end);
      block.end--;
    }
    if (block.start === block.end) this.#dropBlock(number);
  }

  has(job: Job): boolean {
    if (this.#length === 0) return false;
    const block = this.#block(this.#blockFor(job));
    const at = this.#placeIn(block, job);
    return at < block.end && block.jobs[at] === job;
  }

  /** Up to `limit` jobs, oldest first. */
  oldest(limit: number): Job[] {
    const jobs: Job[] = [];
    for (let number = this.#head; number < this.#blocks.length; number++) {
      const block = this.#block(number);
      for (let at = block.start; at < block.end; at++) {
        if (jobs.length === limit) return jobs;
        jobs.push(block.jobs[at] as number);
      }
    }
    return jobs;
  }

  /** Up to `limit` jobs, newest first. */
  newest(limit: number): Job[] {
    const jobs: Job[] = [];
    for (let number = this.#blocks.length - 1; number >= this.#head; number--) {
      const block = this.#block(number);
      for (let at = block.end - 1; at >= block.start; at--) {
        if (jobs.length === limit) return jobs;
        jobs.push(block.jobs[at] as number);
      }
    }
    return jobs;
  }

  clear(): void {
    this.#blocks = [];
    this.#head = 0;
    this.#length = 0;
  }

  #block(number: number): Block {
    return this.#blocks[number] as Block;
  }

  #startWith(job: Job): void {
    if (this.#blocks.length === 0) this.#blocks.push(new Block(FIRST_BLOCK_JOBS));
    const block = this.#block(0);
    block.jobs[0] = job;
    block.start = 0;
    block.end = 1;
  }

  #append(job: Job): void {
    let tail = this.#block(this.#blocks.length - 1);
    // Moving to the front pays only when half of the block is free: else it would be due again soon.
    const isHalfFree = tail.start * 2 >= tail.jobs.length;
    const isFull = tail.end === tail.jobs.length;
    if (isFull && !(isHalfFree ? makeRoom(tail) : grow(tail))) {
      tail = new Block(BLOCK_JOBS);
      this.#blocks.push(tail);
    }
    tail.jobs[tail.end++] = job;
  }

  #insert(job: Job): void {
    let number = this.#blockFor(job);
    let block = this.#block(number);
    if (block.start > 0 && isBefore(this.#table, job, block.first())) {
      block.jobs[--block.start] = job;
      return;
    }
    if (block.end === block.jobs.length && !makeRoom(block)) {
      this.#split(number);
      number = this.#blockFor(job);
      block = this.#block(number);
    }
    const at = this.#placeIn(block, job);
    block.jobs.copyWithin(at + 1, at, block.end);
    block.jobs[at] = job;
    block.end++;
  }

  /** The last block whose first job is not after `job`; the first block when there is none. */
  #blockFor(job: Job): number {
    let low = this.#head;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (isBefore(this.#table, job, this.#block(middle).first())) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  /** Where the job stands in the block, or would. */
  #placeIn(block: Block, job: Job): number {
    let low = block.start;
    let high = block.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#table, block.jobs[middle] as number, job)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #split(number: number): void {
    const block = this.#block(number);
    const middle = block.end >>> 1;
    const upper = new Block(BLOCK_JOBS);
    upper.jobs.set(block.jobs.subarray(middle, block.end));
    upper.end = block.end - middle;
    block.end = middle;
    this.#blocks.splice(number + 1, 0, upper);
  }

  #dropBlock(number: number): void {
    if (this.#length === 0) {
      const block = this.#block(number);
      if (block.jobs.length > KEPT_BLOCK_JOBS) {
        putAside(block.jobs);
        this.#blocks = [];
      }
      this.#head = 0;
    } else if (number !== this.#head) {
      this.#blocks.splice(number, 1);
    } else {
      putAside(this.#block(number).jobs);
      this.#blocks[this.#head++] = undefined;
      if (this.#head < DROP_BLOCKS) return;
      this.#blocks.splice(0, this.#head);
      this.#head = 0;
    }
  }
}

/** Makes room at the end of a block: by moving to its front, or by growing; false when full. */
function makeRoom(block: Block): boolean {
  if (block.start === 0) return grow(block);
  block.jobs.copyWithin(0, block.start, block.end);
  block.end -= block.start;
  block.start = 0;
  return true;
}

/** Makes a block larger; false when it is as large as blocks become. */
function grow(block: Block): boolean {
  if (block.jobs.length === BLOCK_JOBS) return false;
  const capacity = block.jobs.length * 4;
  const jobs = handles(capacity <= KEPT_BLOCK_JOBS ? capacity : BLOCK_JOBS);
  jobs.set(block.jobs.subarray(block.start, block.end));
  block.jobs = jobs;
  block.end -= block.start;
  block.start = 0;
  return true;
}

function handles(capacity: number): Int32Array {
  const spare = capacity === BLOCK_JOBS ? spareBlocks.pop() : undefined;
  return spare ?? new Int32Array(capacity);
}

function putAside(jobs: Int32Array): void {
  if (jobs.length === BLOCK_JOBS && spareBlocks.length < SPARE_BLOCKS_MAX) spareBlocks.push(jobs);
}
