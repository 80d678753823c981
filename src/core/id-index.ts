/**
 * The id index: from a job id to its handle, outside the JavaScript heap.
 *
 * Open addressing with linear probing over cells of two words, (hash, handle + 1); the ids
 * themselves stay in the job table. The hash is keyed by a secret, because clients can invent ids
 * and must not be able to aim them all at one cell. When the table grows or shrinks, a second table
 * takes over at once and every further change moves a few cells across, so that no single operation
 * pays for millions.
 */
import { type Job, NO_JOB } from "./job.ts";
import { JOB_ID_WORDS } from "./job-id.ts";
import type { JobTable } from "./job-table.ts";
import { hashId, hashKeys } from "./keyed-hash.ts";

const CELLS_MIN = 1024;
const CELL_WORDS = 2;
const CELL_BYTES = 8;
/** Cells moved per change while two tables exist; enough to finish before the new one is full. */
const MOVE_CELLS_PER_CHANGE = 16;
/** Few enough to be searched one by one, enough to be entered in one go. */
const RECENT_MAX = 32;
const EMPTY = 0;
/** A cell that was in use: a search goes on past it. */
const ABANDONED = -1;

/** One open-addressing table. */
class Cells {
  readonly words: Int32Array;
  readonly mask: number;
  /** Cells that are not EMPTY. */
  used = 0;

  constructor(cells: number) {
    this.words = new Int32Array(cells * CELL_WORDS);
    this.mask = cells - 1;
  }

  get count(): number {
    return this.mask + 1;
  }
}

/** Finds jobs by id. */
export class IdIndex {
  readonly #jobs: JobTable;
  readonly #keys: Int32Array;
  #cells = new Cells(CELLS_MIN);
  #old: Cells | undefined;
  #moveAt = 0;
  #count = 0;
  /** Jobs added last wait here, unsorted, until there are RECENT_MAX. */
  readonly #recentHashes = new Int32Array(RECENT_MAX);
  readonly #recentJobs = new Int32Array(RECENT_MAX);
  #recent = 0;

  /** @param secret 32 unpredictable bits, other in every process */
  constructor(jobs: JobTable, secret: number) {
    this.#jobs = jobs;
    this.#keys = hashKeys(secret);
  }

  /** Jobs in the index. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of the tables. */
  get usedBytes(): number {
    return (this.#cells.count + (this.#old?.count ?? 0)) * CELL_BYTES;
  }

  /** The job with this id, or NO_JOB. */
  find(id: Int32Array): Job {
    const hash = hashId(this.#keys, id);
    let job = this.#findIn(this.#cells, hash, id);
    if (job === NO_JOB && this.#old !== undefined) job = this.#findIn(this.#old, hash, id);
    return job === NO_JOB ? this.#findRecent(hash, id) : job;
  }

  /** Adds a job whose id is not in the index. */
  add(job: Job, id: Int32Array): void {
    if (this.#recent === RECENT_MAX) this.#enterRecent();
    this.#recentHashes[this.#recent] = hashId(this.#keys, id);
    this.#recentJobs[this.#recent] = job;
    this.#recent++;
    this.#count++;
  }

  /** Removes a job that is in the index. */
  remove(job: Job): void {
    for (let word = 0; word < JOB_ID_WORDS; word++) scratchId[word] = this.#jobs.idWord(job, word);
    const hash = hashId(this.#keys, scratchId);
    this.#count--;
    if (this.#removeRecent(job)) return;
    if (!this.#removeFrom(this.#cells, hash, job) && this.#old !== undefined) {
      this.#removeFrom(this.#old, hash, job);
    }
    this.#moveSome();
    const isSparse = this.#count * 8 < this.#cells.count && this.#cells.count > CELLS_MIN;
    if (isSparse && this.#old === undefined) this.#resize();
  }

  /** Forgets everything. */
  clear(): void {
    this.#cells = new Cells(CELLS_MIN);
    this.#old = undefined;
    this.#count = 0;
    this.#recent = 0;
  }

  /** Enters the recent ones; independent of one another, their cache misses overlap. */
  #enterRecent(): void {
    for (let i = 0; i < this.#recent; i++) {
      this.#insert(this.#recentHashes[i] as number, (this.#recentJobs[i] as number) + 1);
    }
    for (let i = 0; i < this.#recent; i++) this.#moveSome();
    this.#recent = 0;
    if (this.#cells.used * 4 > this.#cells.count * 3) this.#resize();
  }

  #findRecent(hash: number, id: Int32Array): Job {
    for (let i = this.#recent - 1; i >= 0; i--) {
      const job = this.#recentJobs[i] as number;
      if (this.#recentHashes[i] === hash && this.#jobs.hasId(job, id)) return job;
    }
    return NO_JOB;
  }

  #removeRecent(job: Job): boolean {
    let at = this.#recent - 1;
    while (at >= 0 && this.#recentJobs[at] !== job) at--;
    if (at < 0) return false;
    this.#recent--;
    this.#recentJobs[at] = this.#recentJobs[this.#recent] as number;
    this.#recentHashes[at] = this.#recentHashes[this.#recent] as number;
    return true;
  }

  #findIn(cells: Cells, hash: number, id: Int32Array): Job {
    const { words, mask } = cells;
    for (let cell = hash & mask; ; cell = (cell + 1) & mask) {
      const entry = words[cell * CELL_WORDS + 1] as number;
      if (entry === EMPTY) return NO_JOB;
      if (entry !== ABANDONED && words[cell * CELL_WORDS] === hash) {
        if (this.#jobs.hasId(entry - 1, id)) return entry - 1;
      }
    }
  }

  #insert(hash: number, entry: number): void {
    const { words, mask } = this.#cells;
    let cell = hash & mask;
    while ((words[cell * CELL_WORDS + 1] as number) > 0) cell = (cell + 1) & mask;
    if (words[cell * CELL_WORDS + 1] === EMPTY) this.#cells.used++;
    words[cell * CELL_WORDS] = hash;
    words[cell * CELL_WORDS + 1] = entry;
  }

  #removeFrom(cells: Cells, hash: number, job: Job): boolean {
    const { words, mask } = cells;
    for (let cell = hash & mask; ; cell = (cell + 1) & mask) {
      const entry = words[cell * CELL_WORDS + 1] as number;
      if (entry === EMPTY) return false;
      if (entry !== job + 1) continue;
      const next = (cell + 1) & mask;
      const isEndOfRun = words[next * CELL_WORDS + 1] === EMPTY;
      words[cell * CELL_WORDS + 1] = isEndOfRun ? EMPTY : ABANDONED;
      if (isEndOfRun) cells.used--;
      return true;
    }
  }

  /** Replaces the table by one of the right size; a replacement under way is finished first. */
  #resize(): void {
    while (this.#old !== undefined) this.#moveSome();
    // Not below a quarter of the old one: it would be full again before the move is over.
    let cells = Math.max(CELLS_MIN, this.#cells.count >>> 2);
    while (cells < this.#count * 2) cells *= 2;
    this.#old = this.#cells;
    this.#cells = new Cells(cells);
    this.#moveAt = 0;
  }

  #moveSome(): void {
    const old = this.#old;
    if (old === undefined) return;
    const end = Math.min(this.#moveAt + MOVE_CELLS_PER_CHANGE, old.count);
    for (let cell = this.#moveAt; cell < end; cell++) {
      const entry = old.words[cell * CELL_WORDS + 1] as number;
      if (entry <= 0) continue;
      // Abandoned, not emptied: searches of the old table must still reach what comes behind.
      old.words[cell * CELL_WORDS + 1] = ABANDONED;
      this.#insert(old.words[cell * CELL_WORDS] as number, entry);
    }
    this.#moveAt = end;
    if (end === old.count) this.#old = undefined;
  }
}

const scratchId = new Int32Array(JOB_ID_WORDS);
