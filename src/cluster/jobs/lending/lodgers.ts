/**
 * Lodgers: jobs that came for clients who ask again and again without waiting.
 *
 * A job that finds nobody stands in its queue for a moment, for the next time they ask. Until then it
 * is offered to nobody else: two nodes whose clients ask in turns would send it to each other for ever.
 * So a job goes from node to node once in that time at most. What becomes of it then is not decided
 * here (borrowing.ts).
 */
import { type Job, JobFlag, JobState } from "../../../core/job.ts";
import type { JobsWorld } from "../jobs-world.ts";
import { POLL_MS } from "./demand.ts";
import type { Trade } from "./trade.ts";
import type { Trades } from "./trades.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** Keeps jobs for clients of this node. */
export class Lodgers {
  readonly #world: JobsWorld;
  readonly #trades: Trades;
  /** Called for each that has stayed long enough; it stands in its queue. */
  readonly #leave: (trade: Trade, job: Job) => void;
  /** Jobs that stand, or stood when they came, in a queue; each is looked at every turn. */
  readonly #jobs: Job[] = [];
  /** Those of them that leave at once. */
  readonly #dismissed: Job[] = [];
  /** Trades with lodgers. */
  readonly #housing: Trade[] = [];
  /** Monotonic ms at which one leaves. */
  nextLeaveMs = NEVER;

  constructor(world: JobsWorld, trades: Trades, leave: (trade: Trade, job: Job) => void) {
    this.#world = world;
    this.#trades = trades;
    this.#leave = leave;
  }

  /** A job stands in its queue; only takes a note. */
  add(job: Job): void {
    const { jobs } = this.#world.broker;
    if (!jobs.hasFlag(job, JobFlag.isLodger)) this.#jobs.push(job);
    jobs.setFlag(job, JobFlag.isLodger, true);
  }

  /** A lodger is not to stay: its keeper believes that a client has it, and may queue it at any time. */
  dismiss(job: Job): void {
    this.#dismissed.push(job);
  }

  /** Sees who is still there, and who must leave. */
  settle(): void {
    if (this.#jobs.length === 0) return;
    const { broker, host } = this.#world;
    const lodgers = this.#jobs;
    this.#emptyHouses();
    this.#seeOff();
    this.nextLeaveMs = NEVER;
    let kept = 0;
    for (const job of lodgers) {
      if (!this.#wasLodging(job)) continue;
      const trade = this.#trades.of(broker.lifecycle.queueOf(job));
      const leavesAtMs = this.#leavesAtMs(trade, job);
      if (leavesAtMs <= host.nowMs) {
        this.#leave(trade, job);
        continue;
      }
      lodgers[kept++] = job;
      if (trade.lodgers++ === 0) this.#housing.push(trade);
      this.nextLeaveMs = Math.min(this.nextLeaveMs, leavesAtMs);
    }
    lodgers.length = kept;
    for (const job of lodgers) broker.jobs.setFlag(job, JobFlag.isLodger, true);
  }

  /** All must leave at once, as do those that came in this turn and are promised to somebody. */
  turnOut(): void {
    const { broker } = this.#world;
    this.#emptyHouses();
    for (const job of this.#jobs) {
      if (!this.#wasLodging(job) && !this.#isPromised(job)) continue;
      this.#leave(this.#trades.of(broker.lifecycle.queueOf(job)), job);
    }
    this.#jobs.length = 0;
    this.#dismissed.length = 0;
    this.nextLeaveMs = NEVER;
  }

  #seeOff(): void {
    for (const job of this.#dismissed) {
      if (!this.#wasLodging(job)) continue;
      this.#leave(this.#trades.of(this.#world.broker.lifecycle.queueOf(job)), job);
    }
    this.#dismissed.length = 0;
  }

  /** Nobody counts as a lodger until it is looked at again. */
  #emptyHouses(): void {
    for (const trade of this.#housing) {
      trade.lodgers = 0;
      this.#trades.markDue(trade);
    }
    this.#housing.length = 0;
  }

  /** Asks once, which takes the mark away: the handle may be another job's, and then be here twice. */
  #wasLodging(job: Job): boolean {
    const { jobs } = this.#world.broker;
    if (!jobs.isLive(job) || !jobs.hasFlag(job, JobFlag.isLodger)) return false;
    jobs.setFlag(job, JobFlag.isLodger, false);
    return jobs.state(job) === JobState.queued;
  }

  /** Somebody here is to get it at the end of the turn. */
  #isPromised(job: Job): boolean {
    const { jobs } = this.#world.broker;
    const isClaimed = jobs.isLive(job) && jobs.hasFlag(job, JobFlag.isClaimed);
    return isClaimed && jobs.hasFlag(job, JobFlag.isBorrowed);
  }

  /** When a lodger leaves, monotonic ms. */
  #leavesAtMs(trade: Trade, job: Job): number {
    const { jobs } = this.#world.broker;
    const queue = this.#trades.queueOf(trade);
    // Expired jobs stand in front of it; whoever waits is served in one of the next turns.
    if (queue !== undefined && queue.waiterCount > 0 && !queue.isPausedOut) return NEVER;
    if (queue === undefined || queue.isPausedOut) return 0;
    // The keeper of a borrowed one queues it again by then.
    const isBorrowed = jobs.hasFlag(job, JobFlag.isBorrowed);
    const stayMs = isBorrowed ? Math.min(POLL_MS, jobs.retrySeconds(job) * 500) : POLL_MS;
    return Math.min(trade.pollUntilMs, jobs.queuedAtMs(job) + stayMs);
  }
}
