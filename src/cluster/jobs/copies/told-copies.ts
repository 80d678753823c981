/**
 * A copy that another node asks this one to hold: taken in, known already, or refused.
 *
 * Whoever asks is the keeper of the job as far as it knows. What is here already is a copy, whatever else
 * it is, and is confirmed; who is right about keepers is settled in takeovers.ts. A queue that is paused in
 * input takes no new jobs; a job that was accepted is one already, and needs its copies whatever is paused.
 *
 * Another node may have heard from here that there is no copy, or is about to: what others have told it of the
 * copy may be older for it than that. So it hears of the copy from here, behind what it was told before.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import { type Job, NO_JOB } from "../../../core/job.ts";
import type { Refusal } from "../../job-messages.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsWorld } from "../jobs-world.ts";
import type { JobUnpacker } from "../packing/packed-jobs.ts";
import type { RecentIds } from "../recent-ids.ts";
import type { Denials } from "./denials.ts";
import { ToldJobs } from "./told-jobs.ts";

/** The level at which the memory limit is reached. */
const FULL = 3;

/** What was heard and said of jobs lately, and what is done about it. */
export interface LatelySaid {
  /** Nobody may take a copy of these any more. */
  readonly over: RecentIds;
  /** Who was told that there is no copy here. */
  readonly denials: Denials;
  /** That node is to hear of a copy that has come since. */
  readonly show: (copy: Job, node: number) => void;
  /** A borrowed job is no loan any more. */
  readonly giveBack: (job: Job) => void;
}

/** Takes copies in. */
export class ToldCopies {
  readonly #world: JobsWorld;
  readonly #lately: LatelySaid;
  readonly #records: ToldJobs;

  constructor(world: JobsWorld, lately: LatelySaid) {
    this.#world = world;
    this.#lately = lately;
    this.#records = new ToldJobs(world);
  }

  /**
   * What a node tells; undefined: there is a copy here now. The job told is not changed.
   * @param isAccepted it is no new job, whose ADDJOB could still be refused
   */
  take(node: number, told: JobUnpacker, isAccepted: boolean): Refusal["reason"] | undefined {
    const { broker } = this.#world;
    const job = broker.index.find(told.id);
    if (job !== NO_JOB) {
      if (broker.roles.isAcked(job)) return "acked";
      if (this.#isGoing(job)) return "leaving";
      this.#hearAgain(job, node, told);
      return undefined;
    }
    if (this.#lately.over.numberOf(told.id) >= 0) return "acked";
    if (broker.isLeaving) return "leaving";
    if (broker.memory.level === FULL) return "memory";
    const { queueStart, queueEnd } = told.shape;
    const known = broker.queues.known(told.buffer, queueStart, queueEnd);
    if (!isAccepted && known?.isPausedIn) return "paused";
    const copy = this.#records.add(told, known);
    broker.roles.setList(copy, listFrom(node, told.holders));
    broker.roles.beginCopy(copy);
    for (const other of this.#lately.denials.of(told.id)) {
      if (other !== node) this.#lately.show(copy, other);
    }
    return undefined;
  }

  /**
   * It was sent to another node for good, and moved on from there: as soon as that is heard it is forgotten, so that
   * nobody may count on it. If its new keeper is heard of before, this node speaks up itself.
   */
  #isGoing(job: Job): boolean {
    const { roles, jobs } = this.#world.broker;
    return roles.isOwn(job) && roles.isLent(job) && jobs.dueAtMs(job) === Number.POSITIVE_INFINITY;
  }

  /** The job is here: a newer list of its keeper replaces what was known. */
  #hearAgain(job: Job, node: number, told: JobUnpacker): void {
    const { roles, jobs } = this.#world.broker;
    const { shape } = told;
    if (roles.isBorrowed(job)) {
      // What is lent may vanish with its lease; what is stored may not. Who has lent it queues it again.
      this.#lately.giveBack(job);
      roles.giveUp(job);
    } else {
      const epoch = jobs.epoch(job);
      const isNews = shape.epoch > epoch || (shape.epoch === epoch && roles.list(job)[0] === node);
      if (!roles.isCopy(job) || !isNews) return;
    }
    const [keeper = OWN_INDEX] = roles.list(job);
    jobs.setEpoch(job, shape.epoch);
    jobs.setCounters(job, shape.nacks, shape.additionalDeliveries);
    roles.setList(job, listFrom(node, told.holders));
    // The keeper of before may believe that it is that still, and not be known to the new one.
    if (keeper < LOAN && keeper !== OWN_INDEX && !roles.list(job).includes(keeper))
      this.#lately.show(job, keeper);
  }
}

/** The list as it must be here: led by who told it, and with this node. */
function listFrom(keeper: number, holders: readonly number[]): readonly number[] {
  if (holders[0] === keeper && holders.includes(OWN_INDEX)) return holders;
  const others = holders.filter((node) => node !== keeper && node !== OWN_INDEX);
  return [keeper, ...others, OWN_INDEX];
}
