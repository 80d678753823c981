/**
 * The layout of a job record: 24 words of 32 bits.
 *
 *   word  0-5   id (job-id.ts)
 *   word  6     state (4 bits) | flags (12 bits) | replication factor (16 bits)
 *   word  7     queue number
 *   word  8-9   body reference and length (arena.ts)
 *   word 10-11  creation time, wall clock ms, as a 64-bit float
 *   word 12     epoch (12 bits) | creation counter: orders jobs of the same millisecond, below 10^6
 *   word 13-15  delay, retry and TTL, seconds, unsigned; of an acked job word 13: answers awaited
 *   word 16     nacks (16 bits) | additional deliveries (16 bits)
 *   word 17     number of the set of holders (holder-sets.ts)
 *   word 18-19  expiry, monotonic ms, as a 64-bit float
 *   word 20-21  due time of an active job or queueing time of a queued one, monotonic ms; of a
 *               replicating one the place of its replication; of an acked one the number of its burial
 *   word 22-23  links of the agenda (agenda.ts)
 *
 * Only the job table reads and writes records; the drawing and the offsets stand here so that they
 * can be compared at a glance.
 */
import { JOB_ID_WORDS } from "./job-id.ts";

/** What a record starts with; copied, so one object may serve for all. */
export interface NewRecord {
  id: Int32Array;
  queueNumber: number;
  /** Copies wanted, 1..65535. */
  replicate: number;
  delaySeconds: number;
  retrySeconds: number;
  ttlSeconds: number;
  /** Creation: wall clock ms, and the order among jobs of the same ms. */
  createdMs: number;
  createdCounter: number;
  /** Monotonic ms at which the job is deleted. */
  expiresAtMs: number;
}

/** What is told of a job that another node has made, beside what it started with. */
export interface ToldRecord extends NewRecord {
  /** How often another node has taken it over. */
  epoch: number;
  nacks: number;
  additionalDeliveries: number;
  /** It was in a queue before: the next requeue counts. */
  wasQueued: boolean;
  /** It was handed to a client before. */
  wasDelivered: boolean;
}

/** One to be filled for job after job. */
export function emptyRecord(): NewRecord {
  return {
    id: new Int32Array(JOB_ID_WORDS),
    queueNumber: 0,
    replicate: 1,
    delaySeconds: 0,
    retrySeconds: 0,
    ttlSeconds: 0,
    createdMs: 0,
    createdCounter: 0,
    expiresAtMs: 0,
  };
}

/** The same for jobs that others have made. */
export function emptyToldRecord(): ToldRecord {
  return {
    ...emptyRecord(),
    epoch: 0,
    nacks: 0,
    additionalDeliveries: 0,
    wasQueued: false,
    wasDelivered: false,
  };
}

/** Length of a record. */
export const RECORD_WORDS = 24;
/** Length of a record in bytes. */
export const RECORD_BYTES = RECORD_WORDS * 4;
/** Length of a record in 64-bit floats. */
export const RECORD_FLOATS = RECORD_WORDS / 2;
/** Counters stay at this value. */
export const COUNTER_MAX = 0xffff;

/** State, flags and replication factor. */
export const STATUS = 6;
/** Number of the queue. */
export const QUEUE = 7;
/** Where the arena has the body. */
export const BODY_REFERENCE = 8;
/** Bytes of the body. */
export const BODY_LENGTH = 9;
/** Order among jobs of one millisecond. */
export const CREATED_COUNTER = 12;
/** Bits of CREATED_COUNTER below the epoch. */
export const COUNTER_BITS = 20;
/** Epochs stay at this value. */
export const EPOCH_MAX = 0xfff;
/** Delay, seconds. */
export const DELAY = 13;
/** Retry time, seconds. */
export const RETRY = 14;
/** Length of the whole life, seconds. */
export const TTL = 15;
/** NACKs and additional deliveries. */
export const COUNTERS = 16;
/** Number of the set of holders. */
export const HOLDERS = 17;
/** Link to the job before in the agenda. */
export const AGENDA_PREVIOUS = 22;
/** Link to the job behind in the agenda. */
export const AGENDA_NEXT = 23;
/** Creation, in 64-bit units. */
export const CREATED_FLOAT = 5;
/** Expiry, in 64-bit units. */
export const EXPIRES_FLOAT = 9;
/** Due time or queueing time, in 64-bit units. */
export const MOMENT_FLOAT = 10;

/** The state within STATUS. */
export const STATE_BITS = 0x7;
