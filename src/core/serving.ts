/**
 * Serving: how jobs leave their queues for those who ask for them, at once or when some come.
 *
 * Who finds nothing waits (waiting-room.ts). A job that comes is *promised* to whoever has waited
 * longest for its queue, and handed out at the end of the turn: first everybody to whom something was
 * promised has one job, then, in the same order, they fill up to what they asked for (F9). A promise
 * can fall through: others may acknowledge the job in the same turn, or it expires. Then its waiter
 * takes another one in the first pass, or sits down again where it sat.
 *
 * Expired jobs leave when the agenda comes to them; until then they stand in their queues and are
 * given to nobody. Those in front are removed on the way, but only so many in a turn. Beyond that a
 * queue is *unsettled*: nobody can say yet whether it has a job. Somebody waits there although it is
 * not empty, whose time is not up before the queue is settled in one of the next turns.
 */
import type { Host } from "./host.ts";
import type { Job } from "./job.ts";
import type { JobClock } from "./job-clock.ts";
import type { JobTable } from "./job-table.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Queue } from "./queue.ts";
import type { QueueTable } from "./queue-table.ts";
import { byArrival, Waiter, type WaiterReceiver, type WaitingRoom } from "./waiting-room.ts";

/** Jobs taken at once stop here, so that one reply stays within bounds. */
const TAKE_BYTES_MAX = 64 * 1024 * 1024;
const TAKE_JOBS_MAX = 10_000;
/** What a taken job costs in a reply beside its body and queue name, roughly. */
const TAKEN_JOB_BYTES = 128;
/** Expired jobs in front of others that are removed in one turn. */
const EXPIRED_PER_TURN = 2000;

/** What serving touches. */
export interface ServingParts {
  readonly host: Host;
  readonly clock: JobClock;
  readonly jobs: JobTable;
  readonly queues: QueueTable;
  readonly waiting: WaitingRoom;
  readonly lifecycle: Lifecycle;
}

/** Gives jobs to those who ask. */
export class Serving {
  readonly #host: Host;
  readonly #clock: JobClock;
  readonly #jobs: JobTable;
  readonly #queues: QueueTable;
  readonly #waiting: WaitingRoom;
  readonly #lifecycle: Lifecycle;
  /** Open queues with jobs in which somebody waits. */
  readonly #unsettled = new Set<Queue>();
  /** Expired jobs that may still be removed in this turn. */
  #expiredLeft = EXPIRED_PER_TURN;
  #closedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ServingParts) {
    this.#host = parts.host;
    this.#clock = parts.clock;
    this.#jobs = parts.jobs;
    this.#queues = parts.queues;
    this.#waiting = parts.waiting;
    this.#lifecycle = parts.lifecycle;
  }

  /** Nothing is handed out before that (monotonic ms), as if all queues were paused in output. */
  close(untilMs: number): void {
    this.#closedUntilMs = untilMs;
  }

  /** Monotonic ms before which nothing is handed out. */
  get closedUntilMs(): number {
    return this.#closedUntilMs;
  }

  /** Monotonic ms at which there is something to be done at the end of a turn. */
  get nextWakeAtMs(): number {
    if (this.#waiting.hasClaimed) return this.#host.nowMs;
    if (this.#unsettled.size === 0) return Number.POSITIVE_INFINITY;
    return Math.max(this.#host.nowMs, this.#closedUntilMs);
  }

  /** Whether it is not known yet if the queue has jobs for those who wait for it; for checks. */
  isUnsettled(queue: Queue): boolean {
    return this.#unsettled.has(queue);
  }

  /** Notes that somebody asked these queues for jobs: they exist from now on, and are not idle. */
  visit(queues: readonly Queue[]): void {
    for (const queue of queues) {
      this.#queues.register(queue, this.#host.nowMs);
      queue.usedAtMs = this.#host.nowMs;
      this.#queues.noteIfIdle(queue, this.#host.nowMs);
    }
  }

  /**
   * Takes up to `jobsMax` jobs: one from each queue in order, round after round, until there are
   * enough, too many for one turn, or a whole round found nothing (reference 5.2). Appends to `taken`.
   * When it has found none, `mayHaveMore` tells whether there are none.
   */
  take(queues: readonly Queue[], jobsMax: number, taken: Job[]): void {
    const takenMax = Math.min(jobsMax, TAKE_JOBS_MAX);
    let bytes = 0;
    // Where a round found nothing, no later one will: thousands of empty queues are asked once.
    let round = queues;
    while (round.length > 0) {
      const next: Queue[] = [];
      for (const queue of round) {
        if (taken.length >= takenMax || bytes > TAKE_BYTES_MAX) return;
        if (!this.mayGive(queue)) continue;
        const job = this.#lifecycle.take(queue);
        taken.push(job);
        bytes += this.#jobs.bodyBytes(job) + queue.name.length + TAKEN_JOB_BYTES;
        next.push(queue);
      }
      round = next;
    }
  }

  /** Whether there may be jobs behind expired ones: who asks must wait, if only until that is known. */
  mayHaveMore(queues: readonly Queue[]): boolean {
    return queues.some((queue) => queue.length > 0 && this.isOpen(queue));
  }

  /** Whether its jobs may be handed out. */
  isOpen(queue: Queue): boolean {
    return !queue.isPausedOut && !this.#isClosed;
  }

  /** Whether it has a job for somebody who asks now; where somebody waits, jobs are for those. */
  mayGive(queue: Queue): boolean {
    return this.isOpen(queue) && queue.waiterCount === 0 && this.#hasLiveFirst(queue);
  }

  /** Waits for jobs of the queues, at most until the deadline (monotonic ms). */
  wait(
    queues: readonly Queue[],
    jobsMax: number,
    deadlineMs: number,
    receiver: WaiterReceiver,
  ): Waiter {
    const waiter = new Waiter(queues, jobsMax, deadlineMs, receiver);
    this.#waiting.sit(waiter);
    this.#noteWaiting(waiter);
    return waiter;
  }

  /** The waiter is gone: nobody is told, and what it was promised goes back. */
  cancel(waiter: Waiter): void {
    if (!this.#waiting.leave(waiter)) {
      const jobs = this.#waiting.abandon(waiter);
      // Answered before: its queues may be gone.
      if (jobs === undefined) return;
      for (const job of jobs) this.#lifecycle.enqueue(job, "unwritten");
    }
    this.#noteLeft(waiter);
  }

  /** Promises queued jobs to those who wait, one each; they are leased when handed out. */
  serve(queue: Queue): void {
    while (queue.waiterCount > 0 && !queue.isPausedOut && queue.length > 0) {
      if (this.#mayServe(queue)) this.#waiting.claim(queue, this.#lifecycle.promise(queue));
      else if (queue.length > 0) {
        this.#unsettled.add(queue);
        return;
      }
    }
  }

  /** Settles queues, keeps the promises of this turn if it may, and sends away those whose time is up. */
  endTurn(): void {
    this.#settle();
    if (this.#waiting.hasClaimed) {
      if (this.#isClosed) this.#breakPromises();
      else this.#keepPromises();
    }
    this.#endOverdueWaits();
    this.#expiredLeft = EXPIRED_PER_TURN;
  }

  /** Forgets which queues are unsettled, because they are all gone. */
  clear(): void {
    this.#unsettled.clear();
  }

  get #isClosed(): boolean {
    return this.#host.nowMs < this.#closedUntilMs;
  }

  /** Whether somebody who waits may have its oldest job now. */
  #mayServe(queue: Queue): boolean {
    return this.isOpen(queue) && this.#hasLiveFirst(queue);
  }

  /** Whether the oldest job may be given; removes expired ones in front of it as far as allowed. */
  #hasLiveFirst(queue: Queue): boolean {
    while (queue.length > 0) {
      const job = queue.jobs.first();
      if (!this.#clock.isExpired(job)) return true;
      if (this.#expiredLeft === 0) return false;
      this.#expiredLeft--;
      this.#lifecycle.end(job, "expired");
    }
    return false;
  }

  #settle(): void {
    if (this.#unsettled.size === 0) return;
    const queues = [...this.#unsettled];
    this.#unsettled.clear();
    for (const queue of queues) this.serve(queue);
  }

  #keepPromises(): void {
    const served: Waiter[] = [];
    const disappointed: Waiter[] = [];
    for (const waiter of this.#waiting.takeClaimed()) {
      this.#keepPromise(waiter);
      if (waiter.jobs.length === 0) this.take(waiter.queues, 1, waiter.jobs);
      if (waiter.jobs.length === 0) disappointed.push(waiter);
      else served.push(waiter);
    }
    this.#sitAgain(disappointed);
    for (const waiter of served) {
      this.take(waiter.queues, waiter.jobsMax, waiter.jobs);
      this.#noteLeft(waiter);
      waiter.receiver.jobsArrived(waiter.jobs);
    }
  }

  /** They were made before the node was closed in this turn: the jobs go back, and everybody waits on. */
  #breakPromises(): void {
    const waiters = this.#waiting.takeClaimed();
    for (const waiter of waiters) {
      for (const job of waiter.jobs) this.#lifecycle.enqueue(job, "unwritten");
      waiter.jobs.length = 0;
    }
    this.#sitAgain(waiters);
  }

  /** Hands out the promised job unless it is gone, or expired in a turn with too much to do. */
  #keepPromise(waiter: Waiter): void {
    const job = waiter.jobs[0];
    if (job === undefined) return;
    if (!this.#clock.isExpired(job)) {
      this.#lifecycle.handOut(job);
      return;
    }
    waiter.jobs.length = 0;
    this.#lifecycle.end(job, "expired");
  }

  #endOverdueWaits(): void {
    const unsure: Waiter[] = [];
    for (;;) {
      const waiter = this.#waiting.takeOverdue(this.#host.nowMs);
      if (waiter === undefined) break;
      if (this.mayHaveMore(waiter.queues)) {
        unsure.push(waiter);
        continue;
      }
      this.#noteLeft(waiter);
      waiter.receiver.waitEnded("in vain");
    }
    this.#sitAgain(unsure.sort(byArrival));
  }

  #sitAgain(waiters: readonly Waiter[]): void {
    if (waiters.length === 0) return;
    this.#waiting.sitAgain(waiters);
    for (const waiter of waiters) this.#noteWaiting(waiter);
  }

  #noteWaiting(waiter: Waiter): void {
    for (const queue of waiter.queues) {
      this.#queues.noteBusy(queue);
      this.#queues.noteChange(queue);
      if (queue.length > 0 && !queue.isPausedOut) this.#unsettled.add(queue);
    }
  }

  #noteLeft(waiter: Waiter): void {
    for (const queue of waiter.queues) {
      this.#queues.noteIfIdle(queue, this.#host.nowMs);
      this.#queues.noteChange(queue);
    }
  }
}
