/**
 * What becomes of a job whose way to another node does not end well: it was refused, nobody can tell whether
 * it arrived, or the node has died and says nothing.
 *
 * One with RETRY comes back here, under an epoch that the receiver must give way to, should it have become its
 * keeper: more than once is what RETRY allows. As long as the receiver may still get it, it stands in the list, hears
 * behind the job itself what has become of that, and the job goes to no other node. One without RETRY waits, and is
 * forgotten when there is nothing more to wait for, because twice would be worse; not so if its ADDJOB fails by that: then it is
 * over wherever it is. Who sends jobs, and where, stands in handover.ts.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import type { Job } from "../../../core/job.ts";
import { OWN_INDEX } from "../../nodes.ts";
import { NO_NODE } from "../../ring.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { type Departure, WAS_QUEUED } from "./departures.ts";

/** Brings jobs back. */
export class Homecomings {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
  }

  /** Another node has become keeper while the job was on its way: there are two, and only this one knows both. */
  nameTo(job: Job, target: number): void {
    const { roles } = this.#world.broker;
    const list = roles.list(job);
    if (!list.includes(target)) roles.setList(job, [...list, target]);
    this.#machines.askKeeper(job);
  }

  /**
   * The target has not answered, and nobody knows when it will. A job of which an ADDJOB waits to hear that it has
   * arrived waits, too: it would be delivered here, and the ADDJOB may fail all the same.
   */
  callHome(departure: Departure): void {
    const { jobs } = this.#world.broker;
    const { job, isPromised } = departure;
    if (!this.isOwn(departure) || !this.isLentBy(departure)) return;
    if (!isPromised || jobs.retrySeconds(job) === 0) return;
    this.takeBack(departure);
    // There may be more to send to others.
    departure.ended(false);
  }

  /** A job on its way is taken back here, and the target may get it at any time. */
  recalled(departure: Departure): void {
    const { clock, jobs } = this.#world.broker;
    const { job } = departure;
    if (!this.isOwn(departure) || clock.isExpired(job) || jobs.retrySeconds(job) === 0) return;
    this.#insist(departure);
  }

  /** Nothing more will be heard of it. */
  endUnsure(departure: Departure, mayHaveIt: boolean): void {
    const { broker, nodes, log } = this.#world;
    const { job, target, isPromised } = departure;
    if (broker.jobs.retrySeconds(job) === 0) {
      // What waits for its arrival fails by that, and tells the target that it is over (waiting-adds.ts).
      if (!this.#isLentThere(departure) || !isPromised) return;
      const nodeId = nodes.id(target);
      log("notice", "a job with RETRY 0 may have got lost on its way: it is forgotten", { nodeId });
      broker.lifecycle.remove(job);
      return;
    }
    this.takeBack(departure);
    if (!mayHaveIt) return;
    this.#insist(departure);
    // It stands in the list so that it hears of the job's end, but may never have got it: no copy can go for that one.
    if (!departure.wasHolder) this.#machines.dropCopies(job, [target], false);
  }

  /** Back to what it was, unless a client has asked for something else meanwhile: another node may have borrowed it since. */
  takeBack(departure: Departure): void {
    const { job, dueAtMs } = departure;
    const { roles, clock, lifecycle } = this.#world.broker;
    if (!this.#isLentThere(departure)) return;
    if (dueAtMs === WAS_QUEUED) {
      roles.takeLoanBack(job);
      return;
    }
    roles.postpone(job, dueAtMs);
    // The broker has looked for this turn at what is due.
    if (dueAtMs <= this.#world.host.nowMs && !clock.isExpired(job)) lifecycle.wake(job);
  }

  /**
   * This node stays keeper of a job, whatever the target has become. One without RETRY is called back by nobody: it has
   * come round, and moves on as if nothing were heard of its first way.
   */
  #insist({ job, target }: Departure): void {
    const { roles, jobs } = this.#world.broker;
    if (jobs.retrySeconds(job) === 0) return;
    const list = roles.list(job);
    if (!list.includes(target)) {
      const loans = list.filter((node) => node >= LOAN);
      const holders = list.filter((node) => node < LOAN);
      roles.setList(job, [...(list.length === 0 ? [OWN_INDEX] : holders), target, ...loans]);
    }
    // One for the target's taking over, one to be ahead of it.
    jobs.setEpoch(job, jobs.epoch(job) + 2);
    this.#machines.announceTaken(job);
  }

  /**
   * The target has got it after all. If it is in the list, it was told who stays keeper when the job was called back, and
   * may have been given it once more since. Otherwise it has moved the job on, or lost its memory.
   */
  insistIfUnlisted(departure: Departure): void {
    const isListed = this.#world.broker.roles.list(departure.job).includes(departure.target);
    if (!isListed) this.#insist(departure);
  }

  isOwn(departure: Departure): boolean {
    return this.isHere(departure) && this.#world.broker.roles.isOwn(departure.job);
  }

  /** It is on that way: it may be back, and lent to another node by now, or to the same one once more. */
  isLentBy({ job, target, isLentSince }: Departure): boolean {
    return !isLentSince && this.#world.broker.roles.borrower(job) === target;
  }

  /** The same, or the target has lost its memory, and is in no list any more. */
  #isLentThere(departure: Departure): boolean {
    const { roles } = this.#world.broker;
    const { job, isLentSince } = departure;
    const isNowhere = !isLentSince && roles.isLent(job) && roles.borrower(job) === NO_NODE;
    return isNowhere || this.isLentBy(departure);
  }

  /** Whether the job is still here in whatever role: its handle may be another's. */
  isHere({ job, id }: Departure): boolean {
    const { jobs } = this.#world.broker;
    return jobs.isLive(job) && jobs.hasId(job, id);
  }
}
