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
import type { Agenda } from "./agenda.ts";
import { DeliveryCounts, type Ending, type QueueingCause } from "./delivery-counts.ts";
import { Holding } from "./holding.ts";
import type { Host } from "./host.ts";
import type { IdIndex } from "./id-index.ts";
import { type Job, JobFlag, JobState } from "./job.ts";
import type { JobClock } from "./job-clock.ts";
import type { JobTable } from "./job-table.ts";
import type { OrderedJobs } from "./ordered-jobs.ts";
import type { Queue } from "./queue.ts";
import type { QueueTable } from "./queue-table.ts";
import type { BrokerStats } from "./stats.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** What the life of a job touches. */
export interface LifecycleParts {
  readonly host: Host;
  readonly clock: JobClock;
  readonly jobs: JobTable;
  readonly index: IdIndex;
  readonly agenda: Agenda;
  readonly queues: QueueTable;
  readonly waiting: WaitingRoom;
  readonly evictable: OrderedJobs;
  readonly stats: BrokerStats;
  /** Called when a job was put into a queue in which somebody waits. */
  readonly serve: (queue: Queue) => void;
}

/** All transitions of a job. */
export class Lifecycle {
  readonly #host: Host;
  readonly #clock: JobClock;
  readonly #jobs: JobTable;
  readonly #index: IdIndex;
  readonly #agenda: Agenda;
  readonly #queues: QueueTable;
  readonly #waiting: WaitingRoom;
  readonly #evictable: OrderedJobs;
  readonly #stats: BrokerStats;
  readonly #serve: (queue: Queue) => void;
  readonly #counts: DeliveryCounts;
  readonly #holding: Holding;

  constructor(parts: LifecycleParts) {
    this.#host = parts.host;
    this.#clock = parts.clock;
    this.#jobs = parts.jobs;
    this.#index = parts.index;
    this.#agenda = parts.agenda;
    this.#queues = parts.queues;
    this.#waiting = parts.waiting;
    this.#evictable = parts.evictable;
    this.#stats = parts.stats;
    this.#serve = parts.serve;
    this.#counts = new DeliveryCounts(parts.jobs, parts.stats);
    this.#holding = new Holding(parts);
  }

  /** Starts the life of a job whose record is filled: queued now, or active until its delay is over. */
  begin(job: Job): void {
    this.#stats.entered(JobState.active);
    this.queueOf(job).knownJobs++;
    if (this.#jobs.delaySeconds(job) > 0) {
      this.#jobs.setDueAtMs(job, this.#host.nowMs + this.#jobs.delaySeconds(job) * 1000);
      this.#agenda.schedule(job, this.#clock.awakeAtMs(job));
    } else {
      this.enqueue(job, "first");
    }
  }

  /** The agenda's call: the job expired, or is due for its queue. */
  wake(job: Job): void {
    const now = this.#host.nowMs;
    if (this.#clock.isExpired(job)) {
      this.end(job, "expired");
    } else if (this.#clock.awakeAtMs(job) > now) {
      this.#agenda.schedule(job, this.#clock.awakeAtMs(job));
    } else {
      this.enqueue(job, this.#jobs.hasFlag(job, JobFlag.delivered) ? "lease over" : "first");
    }
  }

  /** Whether ENQUEUE or NACK may act: a job delivered at most once is never queued again. */
  mayEnqueue(job: Job): boolean {
    if (this.#jobs.state(job) !== JobState.active) return false;
    // Both count as queued: it will be when a pause ends, or was until it was promised in this turn.
    if (this.#jobs.hasFlag(job, JobFlag.isHeld | JobFlag.isClaimed)) return false;
    return this.#jobs.retrySeconds(job) > 0 || !this.#jobs.hasFlag(job, JobFlag.delivered);
  }

  /** ENQUEUE or NACK; false when it may not act. */
  requeue(job: Job, cause: "client" | "nack"): boolean {
    if (!this.mayEnqueue(job)) return false;
    this.enqueue(job, cause);
    return true;
  }

  /** Puts an active job into its queue, or holds it back while the queue is paused in input. */
  enqueue(job: Job, cause: QueueingCause): void {
    assert(this.#jobs.state(job) === JobState.active, "only active jobs can be queued");
    this.#leaveClaim(job);
    const queue = this.queueOf(job);
    // Nobody saw a job whose reply was not written: for the outside it has been in its queue all along.
    if (!queue.isPausedIn || cause === "unwritten") {
      this.#counts.queued(job, cause);
      this.#place(job, queue);
      return;
    }
    // What a client asked for counts at once, as its reply says; a lease that is over while the
    // queue is paused is no delivery yet, and WORKING may still prevent it.
    const isAskedFor = cause === "nack" || cause === "client";
    if (isAskedFor) this.#counts.queued(job, cause);
    else this.#jobs.setFlag(job, JobFlag.countsOnRelease, true);
    this.#holding.hold(job, queue);
  }

  /** The pause in input is over for this job. */
  release(job: Job, queue: Queue): void {
    if (this.#jobs.hasFlag(job, JobFlag.countsOnRelease)) {
      this.#counts.queued(job, this.#jobs.hasFlag(job, JobFlag.delivered) ? "lease over" : "first");
    }
    this.#holding.letGo(job, queue);
    this.#place(job, queue);
  }

  /** Takes the first job out of a queue that has some for a client; its lease starts now. */
  take(queue: Queue): Job {
    const job = this.#shift(queue);
    this.#lease(job);
    return job;
  }

  /** Takes the first job out of a queue that has some for somebody who waits: no lease yet. */
  promise(queue: Queue): Job {
    const job = this.#shift(queue);
    this.#jobs.setFlag(job, JobFlag.isClaimed, true);
    this.#jobs.setDueAtMs(job, this.#clock.leaseEndMs(job));
    return job;
  }

  /** A promised job goes to its waiter. */
  handOut(job: Job): void {
    this.#jobs.setFlag(job, JobFlag.isClaimed, false);
    this.#lease(job);
  }

  /** Takes a queued job out of its queue; its retry clock goes on as SHOW told (reference 4.3). */
  dequeue(job: Job): boolean {
    if (this.#jobs.state(job) !== JobState.queued) return false;
    const dueInMs = this.#clock.requeueWithinMs(job);
    this.#unqueue(job);
    this.#jobs.setDueAtMs(job, this.#host.nowMs + dueInMs);
    this.#agenda.schedule(job, this.#clock.awakeAtMs(job));
    return true;
  }

  /** A worker needs more time: the job comes back RETRY from now, and not earlier than it would. */
  postpone(job: Job): void {
    // RETRY 0 has no next delivery to postpone; an undelivered job would be lost outside its queue.
    if (this.#jobs.retrySeconds(job) === 0) return;
    this.#leaveClaim(job);
    let notBeforeMs = this.#host.nowMs + this.#jobs.retrySeconds(job) * 1000;
    if (this.#jobs.state(job) === JobState.queued) this.#unqueue(job);
    else if (this.#jobs.hasFlag(job, JobFlag.isHeld)) this.#holding.letGo(job, this.queueOf(job));
    else if (this.#jobs.dueAtMs(job) !== Number.POSITIVE_INFINITY) {
      notBeforeMs = Math.max(notBeforeMs, this.#jobs.dueAtMs(job));
    }
    this.#jobs.setDueAtMs(job, notBeforeMs);
    this.#agenda.schedule(job, this.#clock.awakeAtMs(job));
  }

  /**
   * Takes back a job whose reply was not written. A reply that was never handed to the socket was
   * certainly not received, so even an at-most-once job goes back and nothing is counted.
   */
  takeBack(job: Job, wasHandedToSocket: boolean): void {
    if (wasHandedToSocket && this.#jobs.retrySeconds(job) === 0) return;
    // Nobody will see it again, and the agenda is on its way to it.
    if (this.#clock.isExpired(job)) return;
    if (!wasHandedToSocket) this.#forgetDelivery(job);
    this.#stats.jobsReturned++;
    this.enqueue(job, wasHandedToSocket ? "lease over" : "unwritten");
  }

  /** Ends the life of a job and counts what ended it; true, since that is always possible. */
  end(job: Job, ending: Ending): true {
    this.#counts.ended(ending);
    this.remove(job);
    return true;
  }

  /** Forgets a job in whatever state it is. */
  remove(job: Job): void {
    const queue = this.queueOf(job);
    this.#leaveClaim(job);
    if (this.#jobs.state(job) === JobState.queued) this.#unqueue(job);
    if (this.#jobs.hasFlag(job, JobFlag.isHeld)) this.#holding.letGo(job, queue);
    if (this.#jobs.hasFlag(job, JobFlag.isEvictable)) this.#evictable.remove(job);
    this.#agenda.remove(job);
    this.#index.remove(job);
    this.#stats.left(this.#jobs.state(job));
    this.#jobs.remove(job);
    queue.knownJobs--;
    if (queue.knownJobs === 0) this.#queues.dropUnused(queue);
  }

  /** The queue a job belongs to, registered or not. */
  queueOf(job: Job): Queue {
    return this.#queues.of(this.#jobs.queueNumber(job));
  }

  #place(job: Job, queue: Queue): void {
    const now = this.#host.nowMs;
    this.#queues.register(queue, now);
    this.#queues.noteBusy(queue);
    this.#setState(job, JobState.queued);
    this.#jobs.setQueuedAtMs(job, now);
    this.#agenda.schedule(job, this.#jobs.expiresAtMs(job));
    queue.jobs.add(job);
    queue.jobsIn++;
    queue.usedAtMs = now;
    if (queue.waiterCount > 0) this.#serve(queue);
  }

  #unqueue(job: Job): void {
    const queue = this.queueOf(job);
    queue.jobs.remove(job);
    this.#setState(job, JobState.active);
    this.#jobs.setDueAtMs(job, Number.POSITIVE_INFINITY);
    this.#queues.noteIfIdle(queue, this.#host.nowMs);
  }

  #shift(queue: Queue): Job {
    const job = queue.jobs.shift();
    this.#setState(job, JobState.active);
    return job;
  }

  #lease(job: Job): void {
    const queue = this.queueOf(job);
    queue.usedAtMs = this.#host.nowMs;
    this.#counts.handedOut(job, queue);
    this.#jobs.setDueAtMs(job, this.#clock.leaseEndMs(job));
    this.#agenda.schedule(job, this.#clock.awakeAtMs(job));
    if (this.#jobs.retrySeconds(job) === 0) {
      this.#jobs.setFlag(job, JobFlag.isEvictable, true);
      this.#evictable.add(job);
    }
    this.#queues.noteIfIdle(queue, this.#host.nowMs);
  }

  #forgetDelivery(job: Job): void {
    this.#counts.takenBack(job, this.queueOf(job));
    if (!this.#jobs.hasFlag(job, JobFlag.isEvictable)) return;
    this.#jobs.setFlag(job, JobFlag.isEvictable, false);
    this.#evictable.remove(job);
  }

  #leaveClaim(job: Job): void {
    if (!this.#jobs.hasFlag(job, JobFlag.isClaimed)) return;
    this.#jobs.setFlag(job, JobFlag.isClaimed, false);
    this.#waiting.dropClaim(job);
  }

  #setState(job: Job, state: JobState): void {
    this.#stats.left(this.#jobs.state(job));
    this.#stats.entered(state);
    this.#jobs.setState(job, state);
  }
}
