/**
 * The rules for one job, whatever role it has here: what should be so and is not?
 *
 *   copy       its keeper is gone: the first live holder takes it over, a later one somewhat later,
 *              and any of them when the keeper has been silent for longer than RETRY
 *   own        lent to a node that is gone: back into its queue; too many copies: fewer; too few, or
 *              this node leaves: the mender sees to it (mender.ts)
 *   borrowed   nobody else has it any more, or none who has is alive: it is this node's own
 *
 * Looking at a job costs little and may be done as often as one likes.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import { type Job, JobFlag, JobState } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { type Absences, QUIET_MS } from "./absences.ts";
import type { Mender } from "./mender.ts";

/** A holder waits so much longer for each one before it (protocol, section 14). */
const RANK_MS = 500;
/** So that not all jobs of a silent keeper are due at once. */
const SPREAD_MS = 250;

const NEVER = Number.POSITIVE_INFINITY;

/** Looks at jobs. */
export class Examiner {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #absences: Absences;
  readonly #mender: Mender;
  /** Nodes that may have missed who is keeper; they are told with the jobs they hold. */
  uninformed: readonly number[] = [];
  /** Monotonic ms at which some job is to be looked at again; the caller resets it. */
  revisitAtMs = NEVER;
  /** Own jobs with too few copies that were seen; the caller resets it. */
  underReplicated = 0;

  constructor(world: JobsWorld, machines: JobsMachines, absences: Absences, mender: Mender) {
    this.#world = world;
    this.#machines = machines;
    this.#absences = absences;
    this.#mender = mender;
  }

  /** Puts right what can be at once; whether the mender is needed. */
  examine(job: Job): boolean {
    const { roles, clock } = this.#world.broker;
    if (roles.isAcked(job) || clock.isExpired(job)) return false;
    if (roles.isCopy(job)) this.#examineCopy(job);
    else if (roles.isBorrowed(job)) this.#examineBorrowed(job);
    else return this.#examineOwn(job);
    return false;
  }

  /** All jobs are to be looked at again then, monotonic ms. */
  revisit(atMs: number): void {
    this.revisitAtMs = Math.min(this.revisitAtMs, atMs);
  }

  #examineCopy(job: Job): void {
    const { nodes, host } = this.#world;
    const list = this.#world.broker.roles.list(job);
    const keeper = list[0] ?? OWN_INDEX;
    const atMs =
      nodes.isLive(keeper) && keeper !== OWN_INDEX
        ? this.#silentTooLongAtMs(job, list)
        : this.#ourTurnAtMs(list);
    if (atMs <= host.nowMs) this.#machines.takeOver(job);
    else this.revisit(atMs);
  }

  /** The keeper is dead: when this node takes over, monotonic ms. */
  #ourTurnAtMs(list: readonly number[]): number {
    const keeper = list[0] ?? OWN_INDEX;
    let ahead = 0;
    for (let rank = 1; rank < list.length && list[rank] !== OWN_INDEX; rank++) {
      if (this.#world.nodes.isLive(list[rank] as number)) ahead++;
    }
    if (keeper === OWN_INDEX || ahead === 0) return this.#world.host.nowMs;
    return this.#absences.deadSinceMs(keeper) + ahead * RANK_MS;
  }

  /** The keeper is alive, for all one knows: until when it may say nothing; Infinity: it is well. */
  #silentTooLongAtMs(job: Job, list: readonly number[]): number {
    const { jobs } = this.#world.broker;
    const heardAtMs = this.#world.heardAtMs(list[0] as number);
    const retryMs = jobs.retrySeconds(job) * 1000;
    if (retryMs === 0 || this.#world.host.nowMs < heardAtMs + QUIET_MS) return NEVER;
    const rank = Math.max(1, list.indexOf(OWN_INDEX));
    const spreadMs = (jobs.idWord(job, JOB_ID_WORDS - 1) >>> 0) % SPREAD_MS;
    return heardAtMs + retryMs + rank * RANK_MS + spreadMs;
  }

  #examineBorrowed(job: Job): void {
    const { broker, nodes } = this.#world;
    const { roles, jobs } = broker;
    const list = roles.list(job);
    if (list.some((node) => node < LOAN && nodes.isLive(node))) return;
    roles.adopt(job);
    jobs.setFlag(job, JobFlag.isAdopted, list.length > 0);
    roles.setList(job, [OWN_INDEX, ...list]);
    jobs.setEpoch(job, jobs.epoch(job) + 1);
    this.#machines.announceTaken(job);
  }

  #examineOwn(job: Job): boolean {
    const { broker } = this.#world;
    const { roles, jobs } = broker;
    if (this.#mender.isUnderReplicated(job)) this.underReplicated++;
    if (roles.isLent(job) && !this.#examineLoan(job)) return false;
    if (jobs.state(job) === JobState.replicating) return false;
    const list = roles.list(job);
    // The others in its set have left it: now it is like any job of a lone node.
    if (list.length === 1) roles.setList(job, list);
    if (list.length <= 1) jobs.setFlag(job, JobFlag.isAdopted, false);
    if (list.some((node) => this.uninformed.includes(node))) this.#machines.announceTaken(job);
    if (!broker.isLeaving && list.length > 1 && !jobs.hasFlag(job, JobFlag.isAdopted))
      this.#mender.trim(job);
    return this.#mender.isNeeded(job);
  }

  /** False: the job is gone. */
  #examineLoan(job: Job): boolean {
    const { nodes, broker, log } = this.#world;
    const { roles, jobs } = broker;
    const borrower = roles.borrower(job);
    if (borrower !== -1 && nodes.isLive(borrower)) return true;
    if (borrower === -1 && jobs.retrySeconds(job) === 0) {
      log("notice", "a job with RETRY 0 was on its way to a node that is gone: it is forgotten");
      broker.lifecycle.remove(job);
      return false;
    }
    // So is whatever is delivered at most once: dead is not enough for that, what was sent may still reach the node.
    if (jobs.dueAtMs(job) === NEVER) this.#machines.callHome(job);
    else if (!jobs.hasFlag(job, JobFlag.isOut)) roles.takeLoanBack(job);
    // A client has it: its lease runs on, whatever becomes of the node between.
    else if (borrower === -1) roles.loanIsOver(job);
    return true;
  }
}
