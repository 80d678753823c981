/**
 * One queue: the jobs that may be handed out, those held back by a pause, and who waits for more.
 *
 * A queue object is also the home of a queue's name, which active jobs still need after the queue
 * itself was evicted for idleness. So it has two lives: it is *registered* while clients can see it,
 * and it exists as long as a job or a waiter refers to it (queue-table.ts).
 */
import type { JobTable } from "./job-table.ts";
import { OrderedJobs } from "./ordered-jobs.ts";
import type { Seat } from "./waiting-room.ts";

/** What a queue costs beside its jobs and its name, in accounted bytes; measured on the heap. */
export const QUEUE_BYTES = 1024;
/** What one queued or held job costs in its queue, in accounted bytes. */
export const QUEUED_JOB_BYTES = 4;

/** Which directions of a queue are closed, in the words of PAUSE. */
export type PauseState = "none" | "in" | "out" | "all";

/** A named queue on this node. */
export class Queue {
  readonly name: Buffer;
  /** Keyed hash of the name (queue-table.ts). */
  readonly hash: number;
  /** Index in the table, stored in job records. */
  readonly number: number;
  /** Jobs that may be handed out, in queue order. */
  readonly jobs: OrderedJobs;
  /** Jobs that enter when the pause in input ends. */
  readonly held: OrderedJobs;

  /** Jobs of this queue known on this node, whatever their state. */
  knownJobs = 0;
  isRegistered = false;
  isPausedIn = false;
  isPausedOut = false;
  createdAtMs = 0;
  /** Last time a job was queued or somebody asked for one. */
  usedAtMs = 0;
  jobsIn = 0;
  jobsOut = 0;

  /** Waiters in order of arrival, longest waiting first. */
  firstSeat: Seat | undefined = undefined;
  lastSeat: Seat | undefined = undefined;
  waiterCount = 0;

  /** Links of the list of idle queues, and since when this queue is in it. */
  idlePrevious: Queue | undefined = undefined;
  idleNext: Queue | undefined = undefined;
  isIdle = false;
  idleSinceMs = 0;
  /** Its jobs or those who wait have changed since somebody last looked (queue-table.ts). */
  isChanged = false;
  /** Next queue with the same bucket in the table. */
  nextInBucket: Queue | undefined = undefined;

  constructor(name: Buffer, hash: number, number: number, jobs: JobTable) {
    this.name = name;
    this.hash = hash;
    this.number = number;
    this.jobs = new OrderedJobs(jobs);
    this.held = new OrderedJobs(jobs);
  }

  get length(): number {
    return this.jobs.length;
  }

  get isPaused(): boolean {
    return this.isPausedIn || this.isPausedOut;
  }

  get pauseState(): PauseState {
    if (this.isPausedIn) return this.isPausedOut ? "all" : "in";
    return this.isPausedOut ? "out" : "none";
  }

  /** Nothing in it, nobody waiting, nothing set: it may be evicted after a while. */
  get mayIdle(): boolean {
    return (
      this.isRegistered &&
      this.jobs.length === 0 &&
      this.held.length === 0 &&
      this.waiterCount === 0 &&
      !this.isPaused
    );
  }
}
