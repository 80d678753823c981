/**
 * The jobs of an AOF of the reference become jobs of this node.
 *
 * All of them are its own, as if it had just accepted them: who else may have copies is left open, because
 * a node named in the file may hold nothing any more, and a copy that is believed in and does not exist is
 * worth less than none; the sweep makes as many as each job asks for. The journal hears of the jobs like
 * of any others, so that they are in our log from then on. Where the file lies, and that it is not
 * imported twice, is the business of io/log/import-aof.ts.
 */
import type { Broker } from "../core/broker.ts";
import type { Host } from "../core/host.ts";
import { type Job, NO_JOB } from "../core/job.ts";
import { emptyToldRecord, type ToldRecord } from "../core/job-record.ts";
import { type ByteSource, ByteWindow } from "./byte-window.ts";
import { ReferenceAof } from "./reference-aof.ts";
import { type ImportCircumstances, referenceDue } from "./reference-due.ts";
import { type ReferenceJob, ReferenceState } from "./reference-job.ts";
import type { Survivors } from "./survivors.ts";

/** A wall clock may have been that much ahead of ours before it is no longer believed. */
const CLOCK_AHEAD_MS_MAX = 60_000;
const SECONDS_MAX = 0xffff_ffff;

/** What is read, and how. */
export interface ReferenceImportParts extends ImportCircumstances {
  readonly broker: Broker;
  readonly host: Host;
  readonly source: ByteSource;
  /** The jobs that are left at its end. */
  readonly survivors: Survivors;
  /** What was written before this offset was taken over with an earlier import of the same file. */
  readonly importedBytes: number;
}

/** What became of the jobs that are left at the end of the file; each is counted once. */
export class ImportCounts {
  /** Came in: queued now, when a delay is over, when RETRY is over. */
  queued = 0;
  delayed = 0;
  afterRetry = 0;
  /** Came in, delivered at most once, and not queued by itself: it may have been delivered. */
  withheld = 0;
  /** Did not come in: their time was over. */
  expired = 0;
  /** Did not come in: they are here already, or came in with an earlier import of this file. */
  known = 0;
  importedBefore = 0;
  /** Did not come in: delivered at most once, and that has happened. */
  spent = 0;
  /** Did not come in: the file says that they were never accepted, or are acknowledged. */
  unfinished = 0;
  /** Were here from an earlier import, and are over since, as the file says. */
  removed = 0;

  /** All that came in. */
  get jobs(): number {
    return this.queued + this.delayed + this.afterRetry + this.withheld;
  }
}

/** Takes over what is left at the end of one file, in steps. */
export class ReferenceImport {
  readonly #parts: ReferenceImportParts;
  readonly #aof: ReferenceAof;
  readonly counts = new ImportCounts();
  /** Those that came in. */
  readonly #taken: Job[] = [];
  readonly #record = emptyToldRecord();

  constructor(parts: ReferenceImportParts) {
    this.#parts = parts;
    this.#aof = new ReferenceAof(new ByteWindow(parts.source));
  }

  /** Goes through about that many bytes more; false: it is through. */
  proceed(bytes: number): boolean {
    const stopAt = this.#aof.end + bytes;
    while (this.#aof.end < stopAt) {
      const step = this.#aof.next();
      if (step === "end") return false;
      if (step === "load") this.#loaded(this.#aof.job, this.#aof.offset);
      else if (step === "delete" && this.#aof.deletedKind === "canonical") {
        this.#deleted(this.#aof.deletedId);
      }
    }
    return true;
  }

  /** Takes all of it back; to be called before anything else happens to the jobs. */
  undo(): void {
    for (const job of this.#taken) this.#parts.broker.lifecycle.remove(job);
    this.#taken.length = 0;
  }

  /** A DELJOB: what it says was known to the import before unless it is new. */
  #deleted(id: Int32Array): void {
    const { survivors, importedBytes } = this.#parts;
    if (this.#aof.offset >= importedBytes && survivors.offsetOf(id) < 0) this.#remove(id);
  }

  #remove(id: Int32Array): void {
    const { broker } = this.#parts;
    const job = broker.index.find(id);
    if (job === NO_JOB) return;
    broker.lifecycle.remove(job);
    this.counts.removed++;
  }

  /** A LOADJOB: does nothing unless it is the last one of a job that is left. */
  #loaded(job: ReferenceJob, offset: number): void {
    const { survivors, importedBytes, broker, host } = this.#parts;
    if (job.idKind !== "canonical" || survivors.offsetOf(job.id) !== offset) return;
    const isOver = job.state === ReferenceState.replicating || job.state === ReferenceState.acked;
    if (offset < importedBytes) this.counts.importedBefore++;
    else if (isOver) this.#over(job);
    else if (job.expiresAtSeconds * 1000 <= host.wallMs) this.counts.expired++;
    else if (broker.index.find(job.id) !== NO_JOB) this.counts.known++;
    else if (job.retrySeconds === 0 && job.wasDelivered) this.counts.spent++;
    else this.#takeIn(job);
  }

  /** Acknowledged there since it came in here: so it is here. */
  #over(job: ReferenceJob): void {
    this.counts.unfinished++;
    if (job.state === ReferenceState.acked) this.#remove(job.id);
  }

  #takeIn(job: ReferenceJob): void {
    const { broker, host } = this.#parts;
    const due = referenceDue(job, host.wallMs, this.#parts);
    this.counts[due.place]++;
    const record = this.#fill(job);
    const queue = broker.queues.entry(job.bytes, job.queueStart, job.queueEnd);
    record.queueNumber = queue.number;
    // Only what is in its queue again was there: the next time it goes back counts.
    record.wasQueued = due.inMs === 0 || job.wasDelivered;
    const handle = broker.addTold(record, job.bytes, job.bodyStart, job.bodyEnd);
    broker.roles.beginOwn(handle, host.nowMs + due.inMs);
    this.#taken.push(handle);
  }

  #fill(job: ReferenceJob): ToldRecord {
    const { host } = this.#parts;
    const record = this.#record;
    const expiresMs = job.expiresAtSeconds * 1000;
    // Queues are in the order of creation: a clock that was ahead would keep its jobs waiting for ever.
    const isAhead = job.createdMs > host.wallMs + CLOCK_AHEAD_MS_MAX;
    record.id = job.id;
    record.createdMs = isAhead ? host.wallMs : job.createdMs;
    record.createdCounter = job.createdCounter;
    record.replicate = Math.max(1, job.replicate);
    record.delaySeconds = job.delaySeconds;
    record.retrySeconds = job.retrySeconds;
    const ttlSeconds = Math.ceil((expiresMs - record.createdMs) / 1000);
    record.ttlSeconds = Math.min(Math.max(1, ttlSeconds), SECONDS_MAX);
    record.expiresAtMs = host.nowMs + expiresMs - host.wallMs;
    record.nacks = job.nacks;
    record.additionalDeliveries = job.additionalDeliveries;
    record.wasDelivered = job.wasDelivered;
    return record;
  }
}
