/**
 * The job table: one fixed-width record per job, outside the JavaScript heap.
 *
 * A job is an integer handle into this table; clients never see it, and it is used again after the
 * job is gone. Everything reads and writes records through named accessors, here and in
 * passing-records.ts, so that nobody else knows the layout (job-record.ts). Where records lie is the
 * business of job-records.ts.
 *
 * The table stores; what may change when is decided in lifecycle.ts.
 */
import type { Arena } from "./arena.ts";
import { type HolderSet, NO_HOLDERS } from "./holder-sets.ts";
import { FLEETING_FLAGS, type Job, JobState, NO_JOB } from "./job.ts";
import { JOB_ID_WORDS, writeJobId } from "./job-id.ts";
import type { JobJournal } from "./job-journal.ts";
import {
  AGENDA_NEXT,
  AGENDA_PREVIOUS,
  BODY_LENGTH,
  BODY_REFERENCE,
  COUNTER_BITS,
  COUNTER_MAX,
  COUNTERS,
  CREATED_COUNTER,
  CREATED_FLOAT,
  DELAY,
  EPOCH_MAX,
  EXPIRES_FLOAT,
  HOLDERS,
  MOMENT_FLOAT,
  type NewRecord,
  QUEUE,
  RETRY,
  STATE_BITS,
  STATUS,
  TTL,
} from "./job-record.ts";
import { PassingRecords } from "./passing-records.ts";

/** All job records of a node. */
export class JobTable extends PassingRecords {
  /** Who is told of changes that must survive; undefined: nobody. */
  journal: JobJournal | undefined = undefined;
  readonly #arena: Arena;

  constructor(arena: Arena) {
    super();
    this.#arena = arena;
  }

  /** Makes a record for an active job without body and returns its handle. */
  add(record: NewRecord): Job {
    const job = this.slab.allocate();
    const words = this.page(job);
    const at = this.at(job);
    for (let word = 0; word < JOB_ID_WORDS; word++) words[at + word] = record.id[word] as number;
    words[at + STATUS] = (record.replicate << 16) | JobState.active;
    words[at + QUEUE] = record.queueNumber;
    words[at + BODY_REFERENCE] = 0;
    words[at + BODY_LENGTH] = 0;
    words[at + CREATED_COUNTER] = record.createdCounter;
    words[at + DELAY] = record.delaySeconds;
    words[at + RETRY] = record.retrySeconds;
    words[at + TTL] = record.ttlSeconds;
    words[at + COUNTERS] = 0;
    words[at + HOLDERS] = NO_HOLDERS;
    words[at + AGENDA_PREVIOUS] = NO_JOB;
    words[at + AGENDA_NEXT] = NO_JOB;
    this.setFloat(job, CREATED_FLOAT, record.createdMs);
    this.setFloat(job, EXPIRES_FLOAT, record.expiresAtMs);
    this.setFloat(job, MOMENT_FLOAT, 0);
    if (this.journal !== undefined) this.journal.changed(job);
    return job;
  }

  /** Frees the record and its body. */
  remove(job: Job): void {
    if (this.journal !== undefined) this.journal.removed(job);
    this.#freeBody(job);
    this.setWord(job, STATUS, 0xf);
    this.slab.free(job);
  }

  /** Whether a handle below the limit names a job; only scans meet others. */
  isLive(job: Job): boolean {
    // A freed record has an impossible state until it is used again.
    return this.slab.wasTaken(job) && (this.word(job, STATUS) & STATE_BITS) !== STATE_BITS;
  }

  state(job: Job): JobState {
    return (this.word(job, STATUS) & STATE_BITS) as JobState;
  }

  setState(job: Job, state: JobState): void {
    this.setWord(job, STATUS, (this.word(job, STATUS) & ~STATE_BITS) | state);
    if (this.journal !== undefined) this.journal.changed(job);
  }

  hasFlag(job: Job, flag: number): boolean {
    return (this.word(job, STATUS) & flag) !== 0;
  }

  /** Which of these flags are set, as bits. */
  flags(job: Job, mask: number): number {
    return this.word(job, STATUS) & mask;
  }

  setFlag(job: Job, flag: number, value: boolean): void {
    const before = this.word(job, STATUS);
    const after = value ? before | flag : before & ~flag;
    // Sweeps set what is set already: that is no news, least of all for the log.
    if (after === before) return;
    this.setWord(job, STATUS, after);
    if (this.journal !== undefined && (flag & ~FLEETING_FLAGS) !== 0) this.journal.changed(job);
  }

  /** Copies wanted, 1..65535. */
  replicate(job: Job): number {
    return this.word(job, STATUS) >>> 16;
  }

  queueNumber(job: Job): number {
    return this.word(job, QUEUE);
  }

  bodyBytes(job: Job): number {
    return this.word(job, BODY_LENGTH);
  }

  /** Stores a copy of source[start, end) as the body. */
  setBody(job: Job, source: Buffer, start: number, end: number): void {
    this.setWord(job, BODY_REFERENCE, this.#arena.store(source, start, end));
    this.setWord(job, BODY_LENGTH, end - start);
    if (this.journal !== undefined) this.journal.changed(job);
  }

  /** Frees the body; it is empty from now on. */
  dropBody(job: Job): void {
    this.#freeBody(job);
    if (this.journal !== undefined) this.journal.changed(job);
  }

  /** Writes the body into target; the caller has made room for bodyBytes(job). */
  copyBody(job: Job, target: Buffer, offset: number): void {
    this.#arena.copyTo(this.word(job, BODY_REFERENCE), this.bodyBytes(job), target, offset);
  }

  /** Creation on the wall clock, ms. */
  createdMs(job: Job): number {
    return this.float(job, CREATED_FLOAT);
  }

  /** Order among jobs created in the same ms, below 10^6. */
  createdCounter(job: Job): number {
    return this.word(job, CREATED_COUNTER) & ((1 << COUNTER_BITS) - 1);
  }

  /** How often another node has become its keeper; stays at 4095. */
  epoch(job: Job): number {
    return this.word(job, CREATED_COUNTER) >>> COUNTER_BITS;
  }

  setEpoch(job: Job, epoch: number): void {
    const bits = Math.min(epoch, EPOCH_MAX) << COUNTER_BITS;
    this.setWord(job, CREATED_COUNTER, this.createdCounter(job) | bits);
    if (this.journal !== undefined) this.journal.changed(job);
  }

  /** Who has copies; the keeper first. */
  holderSet(job: Job): HolderSet {
    return this.word(job, HOLDERS);
  }

  /** The caller has acquired the set, and released the former one. */
  setHolderSet(job: Job, set: HolderSet): void {
    this.setWord(job, HOLDERS, set);
    if (this.journal !== undefined) this.journal.changed(job);
  }

  /** 0 for an acked job, which has other uses for the place. */
  delaySeconds(job: Job): number {
    return this.state(job) === JobState.acked ? 0 : this.word(job, DELAY) >>> 0;
  }

  retrySeconds(job: Job): number {
    return this.word(job, RETRY) >>> 0;
  }

  ttlSeconds(job: Job): number {
    return this.word(job, TTL) >>> 0;
  }

  nacks(job: Job): number {
    return this.word(job, COUNTERS) & COUNTER_MAX;
  }

  /** Counts a NACK; stays at 65535. */
  addNack(job: Job): void {
    if (this.nacks(job) === COUNTER_MAX) return;
    this.setWord(job, COUNTERS, this.word(job, COUNTERS) + 1);
    if (this.journal !== undefined) this.journal.changed(job);
  }

  additionalDeliveries(job: Job): number {
    return this.word(job, COUNTERS) >>> 16;
  }

  /** Counts an additional delivery; stays at 65535. */
  addDelivery(job: Job): void {
    if (this.additionalDeliveries(job) === COUNTER_MAX) return;
    this.setWord(job, COUNTERS, this.word(job, COUNTERS) + 0x10000);
    if (this.journal !== undefined) this.journal.changed(job);
  }

  /** Takes over what another node has counted. */
  setCounters(job: Job, nacks: number, additionalDeliveries: number): void {
    const deliveries = Math.min(additionalDeliveries, COUNTER_MAX);
    this.setWord(job, COUNTERS, (deliveries << 16) | Math.min(nacks, COUNTER_MAX));
    if (this.journal !== undefined) this.journal.changed(job);
  }

  /** Monotonic ms at which the job is deleted. */
  expiresAtMs(job: Job): number {
    return this.float(job, EXPIRES_FLOAT);
  }

  /** Of a job that is not queued: monotonic ms at which it is to be queued; Infinity: never. */
  dueAtMs(job: Job): number {
    return this.float(job, MOMENT_FLOAT);
  }

  setDueAtMs(job: Job, atMs: number): void {
    this.setFloat(job, MOMENT_FLOAT, atMs);
    if (this.journal !== undefined) this.journal.changed(job);
  }

  /** Of a queued job: monotonic ms since when. Shares its place with dueAtMs. */
  queuedAtMs(job: Job): number {
    return this.float(job, MOMENT_FLOAT);
  }

  setQueuedAtMs(job: Job, atMs: number): void {
    this.setFloat(job, MOMENT_FLOAT, atMs);
    if (this.journal !== undefined) this.journal.changed(job);
  }

  /** Word 0..5 of the id. */
  idWord(job: Job, word: number): number {
    return this.word(job, word);
  }

  hasId(job: Job, id: Int32Array): boolean {
    const words = this.page(job);
    const at = this.at(job);
    for (let word = JOB_ID_WORDS - 1; word >= 0; word--) {
      if (words[at + word] !== id[word]) return false;
    }
    return true;
  }

  /** Writes the 40 characters of the id; the caller has made room. */
  copyId(job: Job, target: Buffer, offset: number): void {
    writeJobId(this.page(job), this.at(job), target, offset);
  }

  #freeBody(job: Job): void {
    this.#arena.free(this.word(job, BODY_REFERENCE), this.bodyBytes(job));
    this.setWord(job, BODY_REFERENCE, 0);
    this.setWord(job, BODY_LENGTH, 0);
  }
}
