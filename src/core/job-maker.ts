/**
 * Makes the records of new jobs: id, creation time, expiry.
 *
 * Creation times never go back and never repeat within a process, whatever the wall clock does: they
 * are the order of queues (reference 3.3, 3.4).
 */
import type { Host } from "./host.ts";
import { makeJobId } from "./job-id.ts";
import { emptyRecord, type NewRecord } from "./job-record.ts";
import type { Queue } from "./queue.ts";

/** Jobs created in one millisecond before the time is moved on. */
const COUNTER_LIMIT = 1_000_000;

/** What a client asks of a new job; times in seconds. */
export interface NewJob {
  replicate: number;
  delaySeconds: number;
  retrySeconds: number;
  ttlSeconds: number;
}

/** Fills one record after the other; each is only valid until the next. */
export class JobMaker {
  /** First 32 bits of the node id, part of every id made here. */
  nodePrefix = 0;
  /** Tells the members of the cluster in every id made here (cluster/id-hints.ts). */
  viewHint = 0;
  readonly #host: Host;
  readonly #record = emptyRecord();

  constructor(host: Host) {
    this.#host = host;
  }

  /** A record for a job of that queue, created now. */
  make(queue: Queue, asked: NewJob): NewRecord {
    const record = this.#record;
    makeJobId(this, asked, this.#host, record.id);
    record.queueNumber = queue.number;
    record.replicate = asked.replicate;
    record.delaySeconds = asked.delaySeconds;
    record.retrySeconds = asked.retrySeconds;
    record.ttlSeconds = asked.ttlSeconds;
    record.expiresAtMs = this.#host.nowMs + asked.ttlSeconds * 1000;
    this.#nextCreation(record);
    return record;
  }

  #nextCreation(record: NewRecord): void {
    if (this.#host.wallMs > record.createdMs) {
      record.createdMs = this.#host.wallMs;
      record.createdCounter = 0;
    } else if (++record.createdCounter === COUNTER_LIMIT) {
      record.createdMs++;
      record.createdCounter = 0;
    }
  }
}
