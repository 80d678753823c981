/**
 * The moves that a job can make on a node, without the question whether it may.
 *
 * Into its queue and out of it, into a lease, out of a waiter's hands, out of the world: each move keeps
 * everything together that must agree (state, queue, agenda, lists, counters). The rules that say when
 * a job moves stand in lifecycle.ts for its life in its queue, and in roles.ts for its life among nodes.
 */
import type { Agenda } from "./agenda.ts";
import { DeliveryCounts } from "./delivery-counts.ts";
import { type HolderSets, LOAN } from "./holder-sets.ts";
import { Holding } from "./holding.ts";
import type { Host } from "./host.ts";
import type { IdIndex } from "./id-index.ts";
import { type Job, JobFlag, JobState, ROLE_FLAGS } from "./job.ts";
import type { JobClock } from "./job-clock.ts";
import type { JobTable } from "./job-table.ts";
import type { OrderedJobs } from "./ordered-jobs.ts";
import type { Queue } from "./queue.ts";
import type { QueueTable } from "./queue-table.ts";
import type { BrokerStats } from "./stats.ts";
import type { WaitingRoom } from "./waiting-room.ts";
import type { BrokerWatcher } from "./watcher.ts";

/** Flags of jobs that stand in a list beside their queue. */
const PLACE_FLAGS = JobFlag.isClaimed | JobFlag.isHeld | JobFlag.isEvictable;

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
  readonly holders: HolderSets;
  readonly stats: BrokerStats;
  /** Called when a job was put into a queue in which somebody waits. */
  readonly serve: (queue: Queue) => void;
  readonly watcher: () => BrokerWatcher;
}

/** Moves jobs. */
export class JobMoves {
  readonly host: Host;
  readonly clock: JobClock;
  readonly jobs: JobTable;
  readonly agenda: Agenda;
  readonly queues: QueueTable;
  readonly holders: HolderSets;
  readonly stats: BrokerStats;
  readonly counts: DeliveryCounts;
  readonly holding: Holding;
  readonly #index: IdIndex;
  readonly #waiting: WaitingRoom;
  readonly #evictable: OrderedJobs;
  readonly #serve: (queue: Queue) => void;
  readonly #watcher: () => BrokerWatcher;

  constructor(parts: LifecycleParts) {
    this.host = parts.host;
    this.clock = parts.clock;
    this.jobs = parts.jobs;
    this.agenda = parts.agenda;
    this.queues = parts.queues;
    this.holders = parts.holders;
    this.stats = parts.stats;
    this.counts = new DeliveryCounts(parts.host, parts.jobs, parts.stats);
    this.holding = new Holding(parts);
    this.#index = parts.index;
    this.#waiting = parts.waiting;
    this.#evictable = parts.evictable;
    this.#serve = parts.serve;
    this.#watcher = parts.watcher;
  }

  /** Who is told what happens to jobs that concern other nodes. */
  get watcher(): BrokerWatcher {
    return this.#watcher();
  }

  /** The queue a job belongs to, registered or not. */
  queueOf(job: Job): Queue {
    return this.queues.of(this.jobs.queueNumber(job));
  }

  /** A record has been filled: the job is known in this state from now on. */
  enter(job: Job, state: JobState): void {
    this.jobs.setState(job, state);
    this.stats.entered(state);
    this.queueOf(job).knownJobs++;
  }

  /** Lets the agenda look at the job at its next moment. */
  schedule(job: Job): void {
    this.agenda.schedule(job, this.clock.awakeAtMs(job));
  }

  /** An active job enters its queue; whoever waits there is served. */
  place(job: Job, queue: Queue): void {
    const now = this.host.nowMs;
    this.queues.register(queue, now);
    this.queues.noteBusy(queue);
    this.setState(job, JobState.queued);
    this.jobs.setQueuedAtMs(job, now);
    this.agenda.schedule(job, this.jobs.expiresAtMs(job));
    queue.jobs.add(job);
    queue.jobsIn++;
    queue.usedAtMs = now;
    if (queue.waiterCount > 0) this.#serve(queue);
    this.queues.noteChange(queue);
    if (this.jobs.hasFlag(job, JobFlag.isBorrowed)) this.watcher.borrowedQueued(job);
  }

  /** A queued job leaves its queue and is active, due never. */
  unqueue(job: Job): void {
    const queue = this.queueOf(job);
    queue.jobs.remove(job);
    this.setState(job, JobState.active);
    this.jobs.setDueAtMs(job, Number.POSITIVE_INFINITY);
    if (queue.length === 0) this.queues.noteChange(queue);
    this.queues.noteIfIdle(queue, this.host.nowMs);
  }

  /** The first job leaves a queue that has some. */
  shift(queue: Queue): Job {
    const job = queue.jobs.shift();
    this.setState(job, JobState.active);
    return job;
  }

  /** A job goes to a client: its lease starts now. */
  lease(job: Job): void {
    const queue = this.queueOf(job);
    queue.usedAtMs = this.host.nowMs;
    this.counts.handedOut(job, queue);
    this.jobs.setDueAtMs(job, this.clock.leaseEndMs(job));
    this.schedule(job);
    this.spend(job);
    if (this.jobs.hasFlag(job, JobFlag.isBorrowed)) this.watcher.handedOut(job);
    if (queue.length === 0) this.queues.noteChange(queue);
    this.queues.noteIfIdle(queue, this.host.nowMs);
  }

  /** It was to be delivered at most once, and was. */
  isSpent(job: Job): boolean {
    return this.jobs.retrySeconds(job) === 0 && this.jobs.hasFlag(job, JobFlag.delivered);
  }

  /** An active job of this node that is spent is only there to be acknowledged: others may have its memory. */
  spend(job: Job): void {
    if (!this.isSpent(job) || this.jobs.hasFlag(job, JobFlag.isEvictable)) return;
    this.jobs.setFlag(job, JobFlag.isEvictable, true);
    this.#evictable.add(job);
  }

  /** The last hand-out of an active job did not happen. */
  forgetDelivery(job: Job): void {
    this.counts.takenBack(job, this.queueOf(job));
    this.#leaveEvictable(job);
  }

  /** Whoever the job is promised to does not get it. */
  leaveClaim(job: Job): void {
    if (!this.jobs.hasFlag(job, JobFlag.isClaimed)) return;
    this.jobs.setFlag(job, JobFlag.isClaimed, false);
    this.#waiting.dropClaim(job);
  }

  /** The job is not lent any more, if it was; whoever has borrowed it must hear of that. */
  endLoan(job: Job): void {
    const borrower = this.dropLoan(job);
    if (borrower >= 0) this.watcher.loanRecalled(job, borrower);
  }

  /** The same where the borrower knows it, or is gone. Returns who it was, or -1. */
  dropLoan(job: Job): number {
    const { jobs, holders } = this;
    if (!jobs.hasFlag(job, JobFlag.isLent)) return -1;
    this.setRole(job, JobFlag.isLent, false);
    const list = holders.nodes(jobs.holderSet(job));
    const last = list[list.length - 1] ?? -1;
    if (last < LOAN) return -1;
    jobs.setHolderSet(job, holders.exchange(jobs.holderSet(job), list.slice(0, -1)));
    return last - LOAN;
  }

  /**
   * Another node is the keeper of an own job, and ends its loan. For how long WORKING keeps it from everybody is
   * told there: that it comes back then, as it was asked for, must not queue it at that node.
   */
  becomeCopy(job: Job): void {
    const isPostponed = this.isPostponed(job);
    this.setRole(job, JobFlag.isCopy, true);
    this.endLoan(job);
    this.jobs.setFlag(job, JobFlag.isPostponed, isPostponed);
  }

  /** Lent, or so until another node became its keeper, and due only then, in whatever way it comes back. */
  isPostponed(job: Job): boolean {
    const isPossible = this.jobs.hasFlag(job, JobFlag.isLent | JobFlag.isCopy);
    return isPossible && this.jobs.hasFlag(job, JobFlag.isPostponed);
  }

  /** Takes a job out of whatever place it is in: it is active, in no list, due never. */
  settle(job: Job): void {
    this.#leavePlaces(job);
    this.jobs.setDueAtMs(job, Number.POSITIVE_INFINITY);
  }

  /** Forgets a job in whatever state it is. */
  remove(job: Job): void {
    const queue = this.queueOf(job);
    if (this.jobs.state(job) === JobState.replicating) this.watcher.replicationEnded(job);
    this.#leavePlaces(job);
    this.agenda.remove(job);
    this.#index.remove(job);
    this.stats.left(this.jobs.state(job));
    const roles = this.jobs.flags(job, ROLE_FLAGS);
    if (roles !== 0) this.stats.countRoles(roles, -1);
    this.holders.release(this.jobs.holderSet(job));
    this.jobs.remove(job);
    queue.knownJobs--;
    if (queue.knownJobs === 0) this.queues.dropUnused(queue);
  }

  /** Gives a record roles, or takes them from it; `flags` are some of ROLE_FLAGS. */
  setRole(job: Job, flags: number, isSo: boolean): void {
    const before = this.jobs.flags(job, ROLE_FLAGS);
    const after = isSo ? before | flags : before & ~flags;
    if (after === before) return;
    this.stats.countRoles(before, -1);
    this.stats.countRoles(after, 1);
    this.jobs.setFlag(job, flags, isSo);
    const changed = before ^ after;
    // Only what is lent can be out there; what was asked back is so for one keeper.
    if ((changed & JobFlag.isLent) !== 0) this.jobs.setFlag(job, JobFlag.isOut, false);
    if ((changed & (JobFlag.isLent | JobFlag.isCopy)) !== 0) {
      this.jobs.setFlag(job, JobFlag.isPostponed, false);
    }
  }

  setState(job: Job, state: JobState): void {
    this.stats.left(this.jobs.state(job));
    this.stats.entered(state);
    this.jobs.setState(job, state);
  }

  /** Most jobs that end stand nowhere any more: one look at the record tells. */
  #leavePlaces(job: Job): void {
    if (this.jobs.state(job) === JobState.queued) this.unqueue(job);
    if (this.jobs.flags(job, PLACE_FLAGS) === 0) return;
    this.leaveClaim(job);
    if (this.jobs.hasFlag(job, JobFlag.isHeld)) this.holding.letGo(job, this.queueOf(job));
    this.#leaveEvictable(job);
  }

  #leaveEvictable(job: Job): void {
    if (!this.jobs.hasFlag(job, JobFlag.isEvictable)) return;
    this.jobs.setFlag(job, JobFlag.isEvictable, false);
    this.#evictable.remove(job);
  }
}
