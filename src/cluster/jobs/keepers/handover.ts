/**
 * Giving a job to another node for good: when this node leaves, or takes none itself.
 *
 * The receiver becomes its keeper before this node forgets it. Meanwhile the job is lent to the
 * receiver and due never; how it comes back when nobody can tell whether it arrived stands in homecomings.ts.
 * While the nodes that stay would have fewer copies by it than they could, and none of them takes one more,
 * the job stays here, and whoever wants it away tries again.
 * The receiving side is newcomers.ts.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import { type Job, JobState } from "../../../core/job.ts";
import type { MessageOf, Refusal } from "../../job-messages.ts";
import { OWN_INDEX } from "../../nodes.ts";
import { NO_NODE } from "../../ring.ts";
import type { JobsMachine, JobsMachines, JobsWorld } from "../jobs-world.ts";
import { RecentIds } from "../recent-ids.ts";
import { reasonsByPosition } from "../refusals.ts";
import { stayingNodes } from "./absences.ts";
import { Departure, Departures, type Done, WAS_QUEUED } from "./departures.ts";
import { Homecomings } from "./homecomings.ts";
import { Newcomers } from "./newcomers.ts";

/** A node that is short of memory is offered no more for so long. */
const FULL_MS = 1000;
/** A holder may be cut off that long, and take a job over without knowing to whom it was given. */
const GIVEN_MS = 300_000;

/** Hands jobs over. */
export class Handover implements JobsMachine {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #departures: Departures;
  readonly #homecomings: Homecomings;
  readonly #newcomers: Newcomers;
  /**
   * To whom jobs were given lately. Somebody who looks for the job of an acknowledgement may have asked the new
   * keeper just before it had the job, and asks here just after it is gone. One that is delivered at most
   * once may move on several times while an acknowledgement follows it. And a holder may take over what it was not told is given.
   */
  readonly #given: RecentIds;
  readonly #chosen = new Int32Array(1);
  /** Until when nodes that were short of memory are not asked, monotonic ms, by index. */
  readonly #fullUntilMs = new Map<number, number>();

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    this.#departures = new Departures(world, machines);
    this.#homecomings = new Homecomings(world, machines);
    this.#newcomers = new Newcomers(world, machines);
    this.#given = new RecentIds(world.host, GIVEN_MS);
  }

  get nextWakeAtMs(): number {
    return this.#departures.sendAtMs;
  }

  tick(): void {
    if (this.#departures.sendAtMs <= this.#world.host.nowMs) this.#departures.send();
  }

  flushed(): void {
    for (const departure of this.#departures.clear()) departure.ended(false);
  }

  peerUp(_node: number): void {}
  /** Control messages wait for it. */
  peerDown(_node: number): void {}

  peerRestarted(node: number): void {
    this.#forget(node);
  }

  peerRemoved(node: number): void {
    this.#forget(node);
  }

  streamBroken(node: number): void {
    this.#lost(node, true);
  }

  /** That a job was kept there may be among them. */
  answersLost(node: number): void {
    this.#lost(node, true);
  }

  /** Jobs on their way now. */
  get underWay(): number {
    return this.#departures.count;
  }

  /** The node that a job was sent to and that has not answered, or -1; it may have been called back. */
  headedFor(job: Job): number {
    return this.#departures.of(job)?.target ?? NO_NODE;
  }

  /** Whether a job lent to that node is on its way there for good. */
  isOnItsWay(job: Job, node: number): boolean {
    const departure = this.#departures.of(job);
    return departure?.target === node && !departure.isLentSince;
  }

  /** A job is lent. If it was sent away before, it is back: what is heard of that way is not about the loan. */
  isLentNow(job: Job): void {
    const departure = this.#departures.of(job);
    if (departure !== undefined) departure.isLentSince = true;
  }

  /** The node that has a job by being sent it and by nothing else, or will have, or -1. */
  heirOf(job: Job): number {
    const departure = this.#departures.of(job);
    return departure === undefined || departure.wasHolder ? NO_NODE : departure.target;
  }

  /** The node that a job is on its way to is dead, for all one knows, and may stay so for long. */
  callHome(job: Job): void {
    const departure = this.#departures.of(job);
    if (departure === undefined) return;
    this.#comeBack(this.#departures.takeUnsent(departure.target));
    if (this.#departures.of(job) === departure) this.#homecomings.callHome(departure);
  }

  /**
   * A job is lent to that node no more, whether a client wants it here, or its way takes too long: its receiver gives
   * way. It may be another node that has borrowed it since, or has refused it, before it goes to the next one.
   */
  recalled(job: Job, borrower: number): void {
    const departure = this.#departures.of(job);
    if (departure?.target === borrower) this.#homecomings.recalled(departure);
  }

  /** That node has the job with this id now, by whatever way. */
  gave(id: Int32Array, node: number): void {
    this.#given.remember(id, node);
  }

  /** Who was lately given that job, or -1. */
  givenTo(id: Int32Array): number {
    return this.#given.numberOf(id);
  }

  /** `done` may be called at once, when there is nobody to take the job. */
  sendAway(job: Job, done?: Done): void {
    const { jobs } = this.#world.broker;
    const departure = new Departure(jobs, job, this.#dueAtMs(job), done);
    if (!this.#send(departure)) done?.(false);
  }

  received(from: number, message: MessageOf<"keep" | "kept">): void {
    if (message.type === "keep") this.#newcomers.received(from, message);
    else this.#hearKept(from, message.batch, message.refusals);
  }

  #dueAtMs(job: Job): number {
    const { jobs } = this.#world.broker;
    const state = jobs.state(job);
    if (state === JobState.queued) return WAS_QUEUED;
    if (state !== JobState.replicating) return jobs.dueAtMs(job);
    return this.#world.host.nowMs + jobs.delaySeconds(job) * 1000;
  }

  /** False: there is nobody to send it to. */
  #send(departure: Departure): boolean {
    const { roles } = this.#world.broker;
    const { job } = departure;
    const holders = roles.list(job).filter((node) => node < LOAN && node !== OWN_INDEX);
    const target = this.#choose(departure, holders);
    if (target === NO_NODE) return false;
    departure.target = target;
    departure.wasHolder = holders.includes(target);
    this.#departures.add(departure, [target, ...holders.filter((node) => node !== target)]);
    roles.sendAway(job, target);
    return true;
  }

  /** One that has no copy yet, so that there are as many as before; a holder where those suffice. */
  #choose(departure: Departure, holders: readonly number[]): number {
    const { nodes, broker } = this.#world;
    const unconfirmed = this.#machines.unconfirmed(departure.job);
    // One that leaves requests for copies unanswered may be in the list and have none. So may one that is away: who was
    // asked, and who was told to drop it, is not known any more after a restart until it has heard the list.
    const isUnsure = (node: number) => this.#world.isSlow(node) || unconfirmed.includes(node);
    const staying = holders.filter(
      (node) =>
        nodes.isLive(node) && nodes.isLinked(node) && !nodes.isLeaving(node) && !isUnsure(node),
    );
    const wanted = Math.min(broker.jobs.replicate(departure.job), stayingNodes(this.#world));
    const holder = staying.find((node) => !departure.refusedBy.includes(node));
    if (holder !== undefined && staying.length >= wanted) return holder;
    return this.#chooseOther(departure, holders);
  }

  #chooseOther({ id, refusedBy }: Departure, holders: readonly number[]): number {
    const { nodes, placement } = this.#world;
    const avoided = [...refusedBy, ...this.#fullNodes()];
    const taken = [OWN_INDEX, ...holders];
    while (placement.moreHolders(id, taken, avoided, 1, this.#chosen) > 0) {
      const node = this.#chosen[0] as number;
      if (nodes.isLive(node) && nodes.isLinked(node) && !nodes.isLeaving(node)) return node;
      avoided.push(node);
    }
    return NO_NODE;
  }

  #fullNodes(): readonly number[] {
    for (const [node, untilMs] of this.#fullUntilMs) {
      if (untilMs <= this.#world.host.nowMs) this.#fullUntilMs.delete(node);
    }
    return [...this.#fullUntilMs.keys()];
  }

  #hearKept(from: number, number: number, refusals: readonly Refusal[]): void {
    const batch = this.#departures.take(from, number);
    if (batch === undefined) return;
    const reasons = reasonsByPosition(batch.departures.length, refusals);
    for (const [position, departure] of batch.departures.entries()) {
      const reason = reasons[position];
      if (reason === undefined) {
        this.#kept(departure);
        this.#machines.hasNone(departure.id, from);
      } else this.#refused(departure, reason);
    }
  }

  #kept(departure: Departure): void {
    const { broker } = this.#world;
    const { job, target } = departure;
    const isOwn = this.#homecomings.isOwn(departure);
    // It was called back meanwhile, or has come round. Of two keepers, this one has it in its hands.
    const isBack = isOwn && !this.#homecomings.isLentBy(departure);
    // The target may have taken it over before it was asked: it does not count on this node any more.
    const isFollower =
      !isOwn && this.#homecomings.isHere(departure) && broker.roles.list(job)[0] === target;
    if (!isBack) this.#given.remember(departure.id, target);
    if (isBack) this.#homecomings.insistIfUnlisted(departure);
    else if (isOwn || (isFollower && broker.roles.isCopy(job))) broker.lifecycle.remove(job);
    else if (this.#homecomings.isHere(departure) && broker.roles.isCopy(job))
      this.#homecomings.nameTo(job, target);
    // It is here to stay then, as good as there for an ADDJOB that waits for its arrival.
    departure.ended(!isBack || !departure.isPromised);
  }

  #refused(departure: Departure, reason: Refusal["reason"]): void {
    const { broker } = this.#world;
    const { job, target, dueAtMs } = departure;
    if (!this.#homecomings.isOwn(departure) || !this.#homecomings.isLentBy(departure)) {
      departure.ended(false);
      return;
    }
    if (reason === "acked") {
      this.#machines.learnAcked(job);
      departure.ended(true);
      return;
    }
    if (reason === "memory") this.#fullUntilMs.set(target, this.#world.host.nowMs + FULL_MS);
    departure.refusedBy.push(target);
    // It is packed once more, as it was.
    broker.jobs.setDueAtMs(job, dueAtMs);
    if (this.#send(departure)) return;
    this.#comeBack([departure]);
  }

  /** No other node can have them. */
  #comeBack(departures: readonly Departure[]): void {
    for (const departure of departures) {
      if (this.#homecomings.isOwn(departure)) this.#homecomings.takeBack(departure);
      departure.ended(false);
    }
  }

  #forget(node: number): void {
    this.#lost(node, false);
    this.#given.forgetNumber(node);
    this.#fullUntilMs.delete(node);
  }

  /** Nothing more will be heard of what was on its way to a node; it may have got it and live on. */
  #lost(node: number, mayHaveIt: boolean): void {
    const { unsent, sent } = this.#departures.takeAll(node);
    this.#comeBack(unsent);
    for (const departure of sent) {
      if (this.#homecomings.isOwn(departure)) this.#homecomings.endUnsure(departure, mayHaveIt);
      departure.ended(false);
    }
  }
}
