/**
 * When a job from an AOF of the reference is queued here.
 *
 * The file tells less than one would like: neither deliveries nor requeues are in it, so a job may be
 * queued, in a worker's hands, or done and about to be acknowledged. The rules:
 *
 * - A delay goes on: due at creation + delay, never earlier (F4: the reference starts it again and adds
 *   RETRY).
 * - Delivered at least once: due RETRY from now, as the reference has it, so that who works on it may be
 *   through. With aof-enqueue-jobs-once a job that was queued is queued at once.
 * - Delivered at most once (RETRY 0): a job that may have been delivered is never queued by itself. What
 *   the file calls queued may have been delivered since. Only a file that was written by a planned stop
 *   (CONFIG SET aof-enqueue-jobs-once yes, SHUTDOWN REWRITE-AOF) tells the state at the end: its
 *   operator says so by aof-enqueue-jobs-once, and it must not contradict: a DELJOB, a job twice, or
 *   a torn tail were written by a server that went on. (The reference queues none of them, F1.)
 */
import { type ReferenceJob, ReferenceState } from "./reference-job.ts";

/** When a job is queued, and why then. */
export interface ReferenceDue {
  /** At once; when its delay is over; when RETRY is over; never by itself. */
  readonly place: "queued" | "delayed" | "afterRetry" | "withheld";
  /** From now; Infinity: never. */
  readonly inMs: number;
}

/** What is known of the file and its import. */
export interface ImportCircumstances {
  /** Queued jobs are queued at once (aof-enqueue-jobs-once). */
  readonly enqueuesJobs: boolean;
  /** The file shows no trace of a server that went on after a rewrite. */
  readonly isSnapshot: boolean;
  /** This file was imported before, into memory that is gone: its jobs may have been delivered by us. */
  readonly isRepeated: boolean;
}

const AT_ONCE: ReferenceDue = { place: "queued", inMs: 0 };
const WITHHELD: ReferenceDue = { place: "withheld", inMs: Number.POSITIVE_INFINITY };

/** When this job is queued, by the wall clock now. */
export function referenceDue(
  job: ReferenceJob,
  wallMs: number,
  circumstances: ImportCircumstances,
): ReferenceDue {
  const { enqueuesJobs, isSnapshot, isRepeated } = circumstances;
  const isOnce = job.retrySeconds === 0;
  const isQueued = job.state === ReferenceState.queued;
  const isCertain = !isRepeated && !job.wasDelivered;
  if (isQueued && enqueuesJobs) {
    return isOnce && !(isCertain && isSnapshot) ? WITHHELD : AT_ONCE;
  }
  const delayMs = job.delaySeconds * 1000;
  // A wall clock that was set back must not make the delay longer than it was.
  const leftMs = Math.min(job.createdMs + delayMs - wallMs, delayMs);
  if (!isQueued && !job.wasDelivered && leftMs > 0 && !(isOnce && isRepeated)) {
    return { place: "delayed", inMs: leftMs };
  }
  return isOnce ? WITHHELD : { place: "afterRetry", inMs: job.retrySeconds * 1000 };
}
