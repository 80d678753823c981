/**
 * How jobs that a log tells enter the broker: stored first, given their places at the end.
 *
 * A job may change many times and vanish before the log is over, so that while it is read jobs are
 * records, found by their ids, and nothing else: in no queue, in no agenda, uncounted. `finish` begins the
 * life of each where it stood:
 *
 *   queued          in its queue, since when it was
 *   active          due when it was due, at once if that is past; held while its queue is paused
 *   replicating     own, and queued when its delay is over: its client has never got an answer
 *   lent            own, its lease as it was; that it is lent is forgotten
 *   given away      own: queued, or due in RETRY if a client may have it; who was to have it is a holder,
 *                   because it may have the job by now, and the two find out who is keeper
 *   copy, tombstone as they were
 *
 * What is delivered at most once and was on its way to another node is there or nowhere: it is forgotten.
 * What was delivered is kept only to be recognised. So is what stood in its queue when it is not sure that it was still there at the end. No
 * recovered job counts as delivered once more by that.
 */
import { assert } from "../util/assert.ts";
import { LOAN, NO_HOLDERS } from "./holder-sets.ts";
import { type Job, JobFlag, JobState, NO_JOB } from "./job.ts";
import type { JobMoves, LifecycleParts } from "./job-moves.ts";
import type { NewRecord } from "./job-record.ts";
import type { Lifecycle } from "./lifecycle.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** Flags that stay what they are whatever place the job gets. */
const LASTING_FLAGS =
  JobFlag.delivered | JobFlag.redelivered | JobFlag.wasQueued | JobFlag.isAdopted;
/** All flags that a log tells. */
const TOLD_FLAGS =
  LASTING_FLAGS |
  JobFlag.isHeld |
  JobFlag.countsOnRelease |
  JobFlag.isCopy |
  JobFlag.isLent |
  JobFlag.isDummy;

/** What a log tells of a job beside what never changes; read at once, so one object may serve for all. */
export interface ToldState {
  state: JobState;
  /** Some of JobFlag. */
  flags: number;
  epoch: number;
  nacks: number;
  additionalDeliveries: number;
  /** Monotonic ms; queued: since when; active: when it is due; Infinity: never, or not told. */
  momentMs: number;
  /** Distinct indexes of nodes, at most one of them with LOAN, as the last. */
  holders: readonly number[];
}

/** What became of the jobs. */
export interface Loaded {
  /** Jobs whose life was over. */
  expired: number;
  /** Jobs that stood in their queue and will not be delivered. */
  readonly withheld: Job[];
  /** Jobs of which no moment was told, or one that cannot be: theirs counts from now. */
  readonly renewed: Job[];
}

/** Fills an empty broker. */
export class Loading {
  readonly #parts: LifecycleParts;
  readonly #moves: JobMoves;
  readonly #lifecycle: Lifecycle;
  /** Of the present `finish`. */
  #renewed: Job[] = [];

  constructor(parts: LifecycleParts, moves: JobMoves, lifecycle: Lifecycle) {
    this.#parts = parts;
    this.#moves = moves;
    this.#lifecycle = lifecycle;
  }

  /** A job as a whole, with the body source[start, end), in place of whatever had its id. */
  add(record: NewRecord, told: ToldState, source: Buffer, start: number, end: number): Job {
    const { jobs, index, queues } = this.#parts;
    // First of all: a queue goes with its last job, and this one's has been looked up.
    queues.of(record.queueNumber).knownJobs++;
    const known = index.find(record.id);
    if (known !== NO_JOB) this.#forget(known);
    const job = jobs.add(record);
    jobs.setBody(job, source, start, end);
    index.add(job, record.id);
    this.#tell(job, told);
    return job;
  }

  /** Everything of a job that may change; does nothing if it is not known. */
  change(id: Int32Array, told: ToldState): void {
    const job = this.#parts.index.find(id);
    if (job !== NO_JOB) this.#tell(job, told);
  }

  /** The job is gone; does nothing if it is not known. */
  remove(id: Int32Array): void {
    const job = this.#parts.index.find(id);
    if (job !== NO_JOB) this.#forget(job);
  }

  /** All jobs are gone; pauses of queues stay. */
  clear(): void {
    const { jobs } = this.#parts;
    for (let job = jobs.skipVacant(0); job < jobs.handleLimit; job = jobs.skipVacant(job + 1)) {
      if (jobs.isLive(job)) this.#forget(job);
    }
  }

  /**
   * Gives every job its place.
   * @param isSure nothing can have happened to a job behind what was told
   */
  finish(isSure: boolean): Loaded {
    const { jobs, clock } = this.#parts;
    const loaded: Loaded = { expired: 0, withheld: [], renewed: [] };
    this.#renewed = loaded.renewed;
    for (let job = jobs.skipVacant(0); job < jobs.handleLimit; job = jobs.skipVacant(job + 1)) {
      if (!jobs.isLive(job)) continue;
      if (clock.isExpired(job)) {
        this.#forget(job);
        loaded.expired++;
      } else if (jobs.hasFlag(job, JobFlag.isLent) && jobs.retrySeconds(job) === 0) {
        this.#forget(job);
      } else if (!this.#begin(job, isSure)) {
        loaded.withheld.push(job);
      }
    }
    return loaded;
  }

  #tell(job: Job, told: ToldState): void {
    const { jobs, holders } = this.#parts;
    jobs.setState(job, told.state);
    jobs.setFlag(job, TOLD_FLAGS, false);
    jobs.setFlag(job, told.flags & TOLD_FLAGS, true);
    if ((told.flags & JobFlag.redelivered) !== 0) jobs.setFlag(job, JobFlag.delivered, true);
    jobs.setEpoch(job, told.epoch);
    jobs.setCounters(job, told.nacks, told.additionalDeliveries);
    jobs.setDueAtMs(job, told.momentMs);
    jobs.setHolderSet(job, holders.exchange(jobs.holderSet(job), told.holders));
    if (told.state === JobState.acked) jobs.dropBody(job);
  }

  #forget(job: Job): void {
    const { jobs, index, holders, queues } = this.#parts;
    const queue = this.#moves.queueOf(job);
    index.remove(job);
    holders.release(jobs.holderSet(job));
    jobs.remove(job);
    queue.knownJobs--;
    if (queue.knownJobs === 0) queues.dropUnused(queue);
  }

  /** False when it stood in its queue and will not be delivered. */
  #begin(job: Job, isSure: boolean): boolean {
    const { jobs } = this.#parts;
    const state = jobs.state(job);
    const flags = jobs.flags(job, TOLD_FLAGS);
    const momentMs = jobs.dueAtMs(job);
    jobs.setFlag(job, TOLD_FLAGS & ~LASTING_FLAGS, false);
    this.#moves.queueOf(job).knownJobs--;
    if (state === JobState.acked) this.#beginTombstone(job, flags);
    else {
      const isGiven = (flags & JobFlag.isLent) !== 0 && momentMs === NEVER;
      this.#dropLoan(job, (flags & JobFlag.isCopy) !== 0, isGiven);
      this.#moves.enter(job, JobState.active);
      jobs.setDueAtMs(job, NEVER);
      if ((flags & JobFlag.isCopy) !== 0) this.#beginCopy(job);
      else return this.#beginOwn(job, state, flags, momentMs, isSure);
    }
    return true;
  }

  #beginTombstone(job: Job, flags: number): void {
    const { jobs } = this.#parts;
    this.#moves.setRole(job, flags & JobFlag.isDummy, true);
    this.#moves.enter(job, JobState.acked);
    jobs.beginAnswers(job);
    this.#moves.schedule(job);
  }

  #beginCopy(job: Job): void {
    this.#moves.setRole(job, JobFlag.isCopy, true);
    this.#moves.schedule(job);
  }

  #beginOwn(job: Job, state: JobState, flags: number, momentMs: number, isSure: boolean): boolean {
    const { jobs, host } = this.#parts;
    const isOnce = jobs.retrySeconds(job) === 0;
    const isGiven = (flags & JobFlag.isLent) !== 0 && momentMs === NEVER;
    const wasOut = (flags & JobFlag.delivered) !== 0;
    const dueAtMs = isGiven && !wasOut ? host.nowMs : this.#dueAtMs(job, state, momentMs);
    const isHeld = (flags & JobFlag.isHeld) !== 0 && state === JobState.active;
    // It may have been delivered since: when it was due, or when a client had queued again what was dequeued.
    const mayBeSpent = dueAtMs <= host.nowMs || dueAtMs === NEVER;
    if (isOnce && wasOut) this.#spend(job);
    else if (isOnce && !isSure && (state === JobState.queued || isHeld || mayBeSpent)) {
      this.#spend(job);
      return false;
    } else if (state === JobState.queued) this.#place(job, momentMs);
    else if (isHeld) this.#hold(job, flags);
    else {
      jobs.setDueAtMs(job, dueAtMs);
      this.#moves.schedule(job);
      const isRenewed = dueAtMs !== momentMs && dueAtMs > host.nowMs;
      if (isRenewed) this.#renewed.push(job);
    }
    return true;
  }

  /** When a job that is in no queue is due there. */
  #dueAtMs(job: Job, state: JobState, toldMs: number): number {
    const { jobs, host } = this.#parts;
    const now = host.nowMs;
    const delayMs = jobs.hasFlag(job, JobFlag.wasQueued) ? 0 : jobs.delaySeconds(job) * 1000;
    if (state === JobState.replicating) {
      const delayedUntilMs = now + jobs.createdMs(job) + delayMs - host.wallMs;
      return Math.max(now, Math.min(delayedUntilMs, now + delayMs));
    }
    const retryMs = jobs.retrySeconds(job) * 1000;
    // Only what is delivered at most once may be due never: dequeued by a client.
    if (toldMs === NEVER) return retryMs === 0 ? NEVER : now + retryMs;
    return Math.max(now, Math.min(toldMs, now + Math.max(delayMs, retryMs)));
  }

  #place(job: Job, sinceMs: number): void {
    const { jobs, host } = this.#parts;
    this.#moves.place(job, this.#moves.queueOf(job));
    jobs.setQueuedAtMs(job, Math.min(host.nowMs, sinceMs));
    if (sinceMs > host.nowMs) this.#renewed.push(job);
  }

  #hold(job: Job, flags: number): void {
    const { jobs } = this.#parts;
    const queue = this.#moves.queueOf(job);
    this.#moves.holding.hold(job, queue);
    jobs.setFlag(job, flags & JobFlag.countsOnRelease, true);
    if (!queue.isPausedIn) this.#lifecycle.release(job, queue);
  }

  /** Kept only to be recognised. */
  #spend(job: Job): void {
    this.#parts.jobs.setFlag(job, JobFlag.delivered, true);
    this.#moves.spend(job);
    this.#moves.schedule(job);
  }

  /** Whoever had borrowed it is no holder, unless it was given the job; this node is one, whatever was told. */
  #dropLoan(job: Job, isCopy: boolean, isGiven: boolean): void {
    const { jobs, holders } = this.#parts;
    const set = jobs.holderSet(job);
    if (set === NO_HOLDERS) return;
    const told = holders.nodes(set);
    const list = told.filter((node) => node < LOAN);
    if (!list.includes(0)) list.splice(isCopy ? list.length : 0, 0, 0);
    const last = told[told.length - 1] ?? 0;
    if (isGiven && last >= LOAN && !list.includes(last - LOAN)) list.push(last - LOAN);
    assert(list.length > 0, "this node is in the list");
    jobs.setHolderSet(job, holders.exchange(set, list));
  }
}
