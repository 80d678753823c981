/**
 * A job's life among nodes: whose copy is it, who has it in his queue, is it over?
 *
 *   own        this node is its keeper: it lives in this node's queue (lifecycle.ts)
 *     replicating   its client waits for copies on other nodes; not queued before
 *     lent          in another node's hands until its lease is over or it comes back
 *   copy       another node is the keeper; stored, and nothing else
 *   borrowed   lent by its keeper for clients of this node; queued and handed out like an own one, but
 *              when its lease is over it is simply gone, because the keeper has it
 *   tombstone  acknowledged; remembered until all who may have a copy know it. A dummy is one of a job
 *              that this node never had
 *
 * These are the transitions between the roles. When they happen is decided in cluster/jobs; on a lone
 * node all jobs are own ones, and none of this ever runs.
 */
import { assert } from "../util/assert.ts";
import { LOAN } from "./holder-sets.ts";
import { type Job, JobFlag, JobState } from "./job.ts";
import type { JobMoves } from "./job-moves.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Queue } from "./queue.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** Transitions between roles. */
export class Roles {
  readonly #moves: JobMoves;
  readonly #lifecycle: Lifecycle;

  constructor(moves: JobMoves, lifecycle: Lifecycle) {
    this.#moves = moves;
    this.#lifecycle = lifecycle;
  }

  /** Another node keeps it. */
  isCopy(job: Job): boolean {
    return this.#moves.jobs.hasFlag(job, JobFlag.isCopy);
  }

  isBorrowed(job: Job): boolean {
    return this.#moves.jobs.hasFlag(job, JobFlag.isBorrowed);
  }

  isLent(job: Job): boolean {
    return this.#moves.jobs.hasFlag(job, JobFlag.isLent);
  }

  isDummy(job: Job): boolean {
    return this.#moves.jobs.hasFlag(job, JobFlag.isDummy);
  }

  isAcked(job: Job): boolean {
    return this.#moves.jobs.state(job) === JobState.acked;
  }

  /** This node keeps it, and it is not over. */
  isOwn(job: Job): boolean {
    return (
      !this.#moves.jobs.hasFlag(job, JobFlag.isCopy | JobFlag.isBorrowed) && !this.isAcked(job)
    );
  }

  /** The nodes in the job's list, keeper first, a borrower last with LOAN; [] means only this node. */
  list(job: Job): readonly number[] {
    const { jobs, holders } = this.#moves;
    return holders.nodes(jobs.holderSet(job));
  }

  setList(job: Job, nodes: readonly number[]): void {
    const { jobs, holders } = this.#moves;
    jobs.setHolderSet(job, holders.exchange(jobs.holderSet(job), nodes));
  }

  /** A new job that is not queued before `replicated`. */
  beginReplicating(job: Job, replication: number): void {
    this.#moves.enter(job, JobState.replicating);
    this.#moves.jobs.setReplication(job, replication);
    this.#moves.schedule(job);
  }

  /** It has its copies: queued now, or when its delay is over. */
  replicated(job: Job): void {
    const { jobs, host } = this.#moves;
    assert(jobs.state(job) === JobState.replicating, "it waits for copies once");
    this.#moves.setState(job, JobState.active);
    const delayMs = jobs.delaySeconds(job) * 1000;
    this.#continueAt(job, delayMs > 0 ? host.nowMs + delayMs : host.nowMs, "first");
  }

  /** A record told by its keeper: stored, and nothing else. */
  beginCopy(job: Job): void {
    const { jobs } = this.#moves;
    this.#moves.setRole(job, JobFlag.isCopy, true);
    this.#moves.enter(job, JobState.active);
    jobs.setDueAtMs(job, NEVER);
    this.#moves.schedule(job);
  }

  /** A record told by its keeper, for clients who wait here; a pause in input does not concern it. */
  beginBorrowed(job: Job): void {
    this.#moves.setRole(job, JobFlag.isBorrowed, true);
    this.#moves.enter(job, JobState.active);
    this.#moves.place(job, this.#moves.queueOf(job));
  }

  /**
   * A record told by a keeper who gives the job up in favour of this node: queued at that moment
   * (monotonic ms; now or before: at once), or never by itself.
   */
  beginOwn(job: Job, dueAtMs: number): void {
    this.#moves.enter(job, JobState.active);
    this.#resumeAt(job, dueAtMs);
  }

  /** This node becomes keeper of its copy or of what it has borrowed; it is due then (monotonic ms). */
  keep(job: Job, dueAtMs: number, isCounted: boolean): void {
    this.#moves.setRole(job, JobFlag.isCopy | JobFlag.isBorrowed, false);
    this.#continueAt(job, dueAtMs, isCounted ? "lease over" : "unwritten");
  }

  /** A borrowed job stays here as it is: nobody else has it any more. */
  adopt(job: Job): void {
    this.#moves.setRole(job, JobFlag.isBorrowed, false);
  }

  /**
   * Another node is the keeper of an own job from now on. Returns in how many ms it would have been due
   * here (Infinity: never), or -1 when nothing kept it from being handed out.
   */
  giveUp(job: Job): number {
    const { jobs, host } = this.#moves;
    const isWaiting =
      jobs.state(job) === JobState.active && !jobs.hasFlag(job, JobFlag.isHeld | JobFlag.isClaimed);
    const leftMs = isWaiting ? Math.max(0, jobs.dueAtMs(job) - host.nowMs) : -1;
    if (jobs.state(job) === JobState.replicating) this.#endReplication(job);
    this.#moves.setRole(job, JobFlag.isBorrowed, false);
    this.#moves.becomeCopy(job);
    this.#moves.settle(job);
    this.#moves.schedule(job);
    return leftMs;
  }

  /**
   * Takes a job out of its queue for clients of another node; the first one of a queue that has some,
   * if none is named. One that is delivered at most once moves for good: each move counts its epoch up.
   */
  lend(queue: Queue, node: number, job: Job = queue.jobs.first()): Job {
    const { jobs, clock, host, queues } = this.#moves;
    queue.jobs.remove(job);
    this.#moves.setState(job, JobState.active);
    if (jobs.retrySeconds(job) === 0) jobs.setEpoch(job, jobs.epoch(job) + 1);
    this.#markLent(job, node);
    jobs.setDueAtMs(job, clock.leaseEndMs(job));
    this.#moves.schedule(job);
    queue.usedAtMs = host.nowMs;
    queues.noteIfIdle(queue, host.nowMs);
    return job;
  }

  /** Takes an own job in whatever place to send it to another node for good; due never meanwhile. */
  sendAway(job: Job, node: number): void {
    if (this.#moves.jobs.state(job) === JobState.replicating) this.#endReplication(job);
    this.#moves.endLoan(job);
    this.#moves.settle(job);
    this.#markLent(job, node);
    this.#moves.schedule(job);
  }

  /** Takes an own job out of whatever place it is in, a loan included; due then, Infinity: never. */
  postpone(job: Job, dueAtMs: number): void {
    this.#moves.endLoan(job);
    this.#moves.settle(job);
    this.#moves.jobs.setDueAtMs(job, dueAtMs);
    this.#moves.spend(job);
    this.#moves.schedule(job);
  }

  /** Lent, and the borrower has not said what has become of it; not one that leaves for good. */
  isUnanswered(job: Job): boolean {
    const { jobs } = this.#moves;
    return this.isLent(job) && !jobs.hasFlag(job, JobFlag.isOut) && jobs.dueAtMs(job) !== NEVER;
  }

  /** Lent, or so when this node gave it up to another keeper; due only then, in whatever way it comes back. */
  isPostponed(job: Job): boolean {
    return this.#moves.isPostponed(job);
  }

  /**
   * Nobody shall be given an unanswered job before that moment (monotonic ms): it is asked back. Somebody may be
   * given it at the borrower meanwhile, so it stays lent until that has said what has become of it.
   */
  postponeLent(job: Job, dueAtMs: number): void {
    const { jobs, watcher } = this.#moves;
    const isAskedBack = this.isPostponed(job);
    jobs.setFlag(job, JobFlag.isPostponed, true);
    jobs.setDueAtMs(job, isAskedBack ? Math.max(dueAtMs, jobs.dueAtMs(job)) : dueAtMs);
    this.#moves.schedule(job);
    if (!isAskedBack) watcher.loanRecalled(job, this.borrower(job));
  }

  /** The borrower has handed a lent job to a client: the lease starts again. */
  lentIsOut(job: Job): void {
    const { jobs, clock } = this.#moves;
    jobs.setFlag(job, JobFlag.delivered | JobFlag.isOut, true);
    jobs.setDueAtMs(job, clock.leaseEndMs(job));
    this.#moves.schedule(job);
    // The borrower forgets it, as it is asked for it.
    if (this.isPostponed(job)) this.#moves.dropLoan(job);
  }

  /** An own job is lent no longer, whatever becomes of it; does nothing if it is not. */
  endLoan(job: Job): void {
    this.#moves.endLoan(job);
  }

  /** The borrower gives a lent job back that it has handed to nobody: as if it had never left its queue. */
  loanIsBack(job: Job): void {
    const isPostponed = this.isPostponed(job);
    this.#moves.dropLoan(job);
    if (!isPostponed) this.#lifecycle.enqueue(job, "unwritten");
  }

  /** The borrower is gone, or keeps the job itself: the lease goes on without it. */
  loanIsOver(job: Job): void {
    this.#moves.dropLoan(job);
    this.#moves.spend(job);
  }

  /** A lent job that its borrower shall not hand out any more: as if it had never left its queue. */
  takeLoanBack(job: Job): void {
    if (this.isPostponed(job)) this.#moves.endLoan(job);
    else this.#lifecycle.enqueue(job, "unwritten");
  }

  /** Who has it lent, or -1. */
  borrower(job: Job): number {
    if (!this.isLent(job)) return -1;
    const list = this.list(job);
    const last = list[list.length - 1] ?? -1;
    return last >= LOAN ? last - LOAN : -1;
  }

  /** The job is acknowledged: its body goes, and what remains is remembered until it expires. */
  bury(job: Job): void {
    const { jobs, clock, watcher } = this.#moves;
    const wasAwakeAtMs = clock.awakeAtMs(job);
    if (jobs.state(job) === JobState.replicating) this.#endReplication(job);
    // Whoever collects it may have come to the end before its push arrives, and nobody else speaks behind that.
    if (this.isUnanswered(job) && !this.isPostponed(job))
      watcher.loanRecalled(job, this.borrower(job));
    this.#moves.settle(job);
    this.#moves.setState(job, JobState.acked);
    this.#moves.setRole(job, JobFlag.isCopy | JobFlag.isBorrowed | JobFlag.isLent, false);
    jobs.dropBody(job);
    jobs.beginAnswers(job);
    // A copy waits for nothing but its expiry already, and stays in its place.
    if (wasAwakeAtMs !== jobs.expiresAtMs(job)) this.#moves.schedule(job);
  }

  /** Somebody has the job of a dummy: it is a tombstone like any other now. */
  endDummy(job: Job): void {
    this.#moves.setRole(job, JobFlag.isDummy, false);
  }

  /** A record of a job that this node never had and that is acknowledged. */
  beginDummy(job: Job): void {
    this.#moves.setRole(job, JobFlag.isDummy, true);
    this.#moves.enter(job, JobState.acked);
    this.#moves.jobs.beginAnswers(job);
    this.#moves.schedule(job);
  }

  #markLent(job: Job, node: number): void {
    const list = this.list(job);
    this.#moves.setRole(job, JobFlag.isLent, true);
    this.setList(job, [...(list.length === 0 ? [0] : list), node + LOAN]);
  }

  #endReplication(job: Job): void {
    this.#moves.watcher.replicationEnded(job);
    this.#moves.setState(job, JobState.active);
    this.#moves.jobs.setDueAtMs(job, NEVER);
  }

  #continueAt(job: Job, dueAtMs: number, cause: "first" | "lease over" | "unwritten"): void {
    if (this.#moves.isSpent(job)) this.#moves.spend(job);
    else if (dueAtMs <= this.#moves.host.nowMs) this.#lifecycle.enqueue(job, cause);
    else this.#resumeAt(job, dueAtMs);
  }

  #resumeAt(job: Job, dueAtMs: number): void {
    if (dueAtMs <= this.#moves.host.nowMs) {
      this.#lifecycle.enqueue(job, "unwritten");
      return;
    }
    this.#moves.jobs.setDueAtMs(job, dueAtMs);
    this.#moves.schedule(job);
  }
}
