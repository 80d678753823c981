/**
 * The life of a job on this node: every change of its state is one function here.
 *
 *                     delay elapsed, ENQUEUE, NACK, lease over
 *   ADDJOB ──▶ active ─────────────────────────────────────────▶ queued
 *                 ▲                                                │
 *                 └───────────── GETJOB, DEQUEUE, WORKING ─────────┘
 *
 *   any state ── ACKJOB, DELJOB, FASTACK, expiry ──▶ gone
 *
 * A job's lease starts when it is handed out: it comes back RETRY seconds after that, not after it
 * was queued (F5 of the reference's list of defects). A queued job has no timer but its expiry. A
 * job whose queue is paused in input is *held*: active, due, and queued when the pause ends (F11).
 *
 * Rules: reference commands, sections 3 and 4, with the deviations listed in ARCHITECTURE.md.
 */
import { assert } from "../util/assert.ts";
import type { Ending, QueueingCause } from "./delivery-counts.ts";
import { NO_HOLDERS } from "./holder-sets.ts";
import { type Job, JobFlag, JobState } from "./job.ts";
import type { JobMoves } from "./job-moves.ts";
import type { Queue } from "./queue.ts";

/** Lent, and on its way back. */
const LENT_AND_POSTPONED = JobFlag.isLent | JobFlag.isPostponed;

/** All transitions of a job. */
export class Lifecycle {
  readonly #moves: JobMoves;

  constructor(moves: JobMoves) {
    this.#moves = moves;
  }

  /** Starts the life of a job whose record is filled: queued now, or active until its delay is over. */
  begin(job: Job): void {
    const { jobs, host } = this.#moves;
    this.#moves.enter(job, JobState.active);
    if (jobs.delaySeconds(job) > 0) {
      jobs.setDueAtMs(job, host.nowMs + jobs.delaySeconds(job) * 1000);
      this.#moves.schedule(job);
    } else {
      this.enqueue(job, "first");
    }
  }

  /** The agenda's call: the job expired, or is due for its queue. */
  wake(job: Job): void {
    const { jobs, clock, host } = this.#moves;
    if (clock.isExpired(job)) {
      // An acknowledged one was counted when it was acknowledged.
      if (jobs.state(job) === JobState.acked) {
        this.remove(job);
        return;
      }
      this.#moves.endLoan(job);
      this.end(job, "expired");
    } else if (clock.awakeAtMs(job) > host.nowMs) {
      this.#moves.schedule(job);
    } else if (jobs.hasFlag(job, JobFlag.isBorrowed)) {
      // Its keeper has it, and queues it again by the same clock.
      this.remove(job);
    } else {
      const wasOut = jobs.hasFlag(job, JobFlag.delivered | JobFlag.isLent);
      this.enqueue(job, wasOut ? "lease over" : "first");
    }
  }

  /** Whether ENQUEUE or NACK may act: a job delivered at most once is never queued again. */
  mayEnqueue(job: Job): boolean {
    const { jobs } = this.#moves;
    if (jobs.state(job) !== JobState.active) return false;
    // Both count as queued: it will be when a pause ends, or was until it was promised in this turn.
    if (jobs.hasFlag(job, JobFlag.isHeld | JobFlag.isClaimed)) return false;
    // So does one on its way to a client of another node, unless WORKING was said; one that leaves for good is called back.
    const isLent = jobs.hasFlag(job, JobFlag.isLent) && !jobs.hasFlag(job, JobFlag.isOut);
    if (isLent && jobs.dueAtMs(job) !== Number.POSITIVE_INFINITY) {
      return jobs.hasFlag(job, JobFlag.isPostponed);
    }
    return jobs.retrySeconds(job) > 0 || !jobs.hasFlag(job, JobFlag.delivered | JobFlag.isLent);
  }

  /** ENQUEUE or NACK; false when it may not act. */
  requeue(job: Job, cause: "client" | "nack"): boolean {
    if (!this.mayEnqueue(job)) return false;
    const { jobs, counts, watcher } = this.#moves;
    if (jobs.flags(job, LENT_AND_POSTPONED) === LENT_AND_POSTPONED) {
      // Somebody may be given it there at this moment: it is on its way to its queue, as before WORKING.
      jobs.setFlag(job, JobFlag.isPostponed, false);
      counts.queued(job, cause);
      watcher.requeued(job);
    } else this.enqueue(job, cause);
    return true;
  }

  /** Puts an active job into its queue, or holds it back while the queue is paused in input. */
  enqueue(job: Job, cause: QueueingCause): void {
    const { jobs, counts, holding } = this.#moves;
    assert(jobs.state(job) === JobState.active, "only active jobs can be queued");
    assert(!jobs.hasFlag(job, JobFlag.isCopy), "only its keeper queues a job");
    this.#moves.leaveClaim(job);
    this.#moves.endLoan(job);
    const queue = this.queueOf(job);
    // Nobody saw a job whose reply was not written: for the outside it has been in its queue all along.
    const isBorrowed = jobs.hasFlag(job, JobFlag.isBorrowed);
    // What is borrowed is its keeper's to hold: who has it here gives it back, or hands it out.
    if (!queue.isPausedIn || cause === "unwritten" || isBorrowed) {
      counts.queued(job, cause);
      this.#moves.place(job, queue);
    } else {
      // What a client asked for counts at once, as its reply says; a lease that is over while the
      // queue is paused is no delivery yet, and WORKING may still prevent it.
      const isAskedFor = cause === "nack" || cause === "client";
      if (isAskedFor) counts.queued(job, cause);
      else jobs.setFlag(job, JobFlag.countsOnRelease, true);
      holding.hold(job, queue);
    }
    const hasCopies = jobs.holderSet(job) !== NO_HOLDERS;
    if (hasCopies && cause !== "first" && cause !== "unwritten") this.#moves.watcher.requeued(job);
  }

  /** The pause in input is over for this job. */
  release(job: Job, queue: Queue): void {
    const { jobs, counts, holding } = this.#moves;
    if (jobs.hasFlag(job, JobFlag.countsOnRelease)) {
      counts.queued(job, jobs.hasFlag(job, JobFlag.delivered) ? "lease over" : "first");
    }
    holding.letGo(job, queue);
    this.#moves.place(job, queue);
  }

  /** Takes the first job out of a queue that has some for a client; its lease starts now. */
  take(queue: Queue): Job {
    const job = this.#moves.shift(queue);
    this.#moves.lease(job);
    return job;
  }

  /** Takes the first job out of a queue that has some for somebody who waits: no lease yet. */
  promise(queue: Queue): Job {
    const { jobs, clock } = this.#moves;
    const job = this.#moves.shift(queue);
    jobs.setFlag(job, JobFlag.isClaimed, true);
    jobs.setDueAtMs(job, clock.leaseEndMs(job));
    return job;
  }

  /** A promised job goes to its waiter. */
  handOut(job: Job): void {
    this.#moves.jobs.setFlag(job, JobFlag.isClaimed, false);
    this.#moves.lease(job);
  }

  /** Takes a queued job out of its queue; its retry clock goes on as SHOW told (reference 4.3). */
  dequeue(job: Job): boolean {
    const { jobs, clock, host } = this.#moves;
    if (jobs.state(job) !== JobState.queued) return false;
    const dueInMs = clock.requeueWithinMs(job);
    this.#moves.unqueue(job);
    jobs.setDueAtMs(job, host.nowMs + dueInMs);
    this.#moves.schedule(job);
    return true;
  }

  /** A worker needs more time: the job comes back RETRY from now, and not earlier than it would. */
  postpone(job: Job): void {
    const { jobs, host, holding } = this.#moves;
    // RETRY 0 has no next delivery to postpone; an undelivered job would be lost outside its queue.
    if (jobs.retrySeconds(job) === 0) return;
    // Its first delivery waits for its copies; in place of a moment its record has the number of that.
    if (jobs.state(job) === JobState.replicating) return;
    this.#moves.leaveClaim(job);
    let notBeforeMs = host.nowMs + jobs.retrySeconds(job) * 1000;
    if (jobs.state(job) === JobState.queued) this.#moves.unqueue(job);
    else if (jobs.hasFlag(job, JobFlag.isHeld)) holding.letGo(job, this.queueOf(job));
    else if (jobs.dueAtMs(job) !== Number.POSITIVE_INFINITY) {
      notBeforeMs = Math.max(notBeforeMs, jobs.dueAtMs(job));
    }
    jobs.setDueAtMs(job, notBeforeMs);
    this.#moves.schedule(job);
  }

  /**
   * Takes back a job whose reply was not written. A reply that was never handed to the socket was
   * certainly not received, so even an at-most-once job goes back and nothing is counted.
   */
  takeBack(job: Job, wasHandedToSocket: boolean): void {
    if (wasHandedToSocket && this.#moves.jobs.retrySeconds(job) === 0) return;
    // Nobody will see it again, and the agenda is on its way to it.
    if (this.#moves.clock.isExpired(job)) return;
    if (!wasHandedToSocket) this.#moves.forgetDelivery(job);
    this.#moves.stats.jobsReturned++;
    this.enqueue(job, wasHandedToSocket ? "lease over" : "unwritten");
    if (this.#moves.jobs.hasFlag(job, JobFlag.isBorrowed)) this.#moves.watcher.takenBack(job);
  }

  /**
   * Another node has become keeper of a job while a reply with it was under way, and that was not written:
   * the keeper may give it to somebody else at once, unless the lease is over anyway (monotonic ms).
   */
  sendBack(job: Job, leaseEndMs: number): void {
    const { jobs, clock, host, watcher } = this.#moves;
    if (jobs.retrySeconds(job) === 0 || leaseEndMs <= host.nowMs || clock.isExpired(job)) return;
    watcher.takenBack(job);
  }

  /** Ends the life of a job and counts what ended it; true, since that is always possible. */
  end(job: Job, ending: Ending): true {
    const { counts, jobs, watcher } = this.#moves;
    counts.ended(job, ending);
    if (ending === "expired" && jobs.holderSet(job) !== NO_HOLDERS) watcher.expired(job);
    this.remove(job);
    return true;
  }

  /** Counts what ended the life of a job that is remembered as a tombstone from now on. */
  noteEnded(job: Job, ending: Ending): void {
    this.#moves.counts.ended(job, ending);
  }

  /** Forgets a job in whatever state it is, uncounted. */
  remove(job: Job): void {
    this.#moves.remove(job);
  }

  /** The queue a job belongs to, registered or not. */
  queueOf(job: Job): Queue {
    return this.#moves.queueOf(job);
  }
}
