/**
 * Borrowing: jobs of other nodes for clients who wait here.
 *
 * A job that comes stands in its queue like any other, and is promised to somebody in the same moment
 * if somebody waits. Its keeper is told whether it was handed out or not: every job that came is
 * answered with one of the two. What nobody takes in the turn in which it comes goes back, unless
 * clients ask without waiting: then it stays for a moment, for the next time they ask.
 */
import { type Job, JobFlag, JobState, NO_JOB } from "../../core/job.ts";
import { JOB_ID_WORDS } from "../../core/job-id.ts";
import { EPOCH_MAX, type ToldRecord } from "../../core/job-record.ts";
import { OWN_INDEX } from "../nodes.ts";
import { type Demand, POLL_MS } from "./demand.ts";
import type { JobsMachines, JobsWorld } from "./jobs-world.ts";
import type { Mail } from "./mail.ts";
import { JobUnpacker } from "./packed-jobs.ts";
import type { Trade } from "./trade.ts";
import type { Trades } from "./trades.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** Takes in borrowed jobs and gives them back. */
export class Borrowing {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #trades: Trades;
  readonly #mail: Mail;
  readonly #demand: Demand;
  readonly #told: JobUnpacker;
  /** Borrowed jobs that stand, or stood when they came, in a queue; each is looked at every turn. */
  #lodgers: Job[] = [];
  #handed: Job[] = [];
  #isFresh = false;
  #nextLeaveMs = NEVER;
  /** Trades with lodgers. */
  readonly #housing: Trade[] = [];
  readonly #record: ToldRecord = {
    id: new Int32Array(JOB_ID_WORDS),
    queueNumber: 0,
    replicate: 1,
    delaySeconds: 0,
    retrySeconds: 0,
    ttlSeconds: 0,
    createdMs: 0,
    createdCounter: 0,
    expiresAtMs: 0,
    epoch: 0,
    nacks: 0,
    additionalDeliveries: 0,
    wasQueued: false,
    wasDelivered: false,
  };
  /** Jobs that came since the start, and those of them that went back. */
  received = 0;
  returned = 0;

  constructor(
    world: JobsWorld,
    machines: JobsMachines,
    trades: Trades,
    mail: Mail,
    demand: Demand,
  ) {
    this.#world = world;
    this.#machines = machines;
    this.#trades = trades;
    this.#mail = mail;
    this.#demand = demand;
    this.#told = new JobUnpacker(world.nodes);
  }

  /** Monotonic ms at which `settle` has work. */
  get nextWakeAtMs(): number {
    return this.#isFresh ? this.#world.host.nowMs : this.#nextLeaveMs;
  }

  /** Jobs came from a node; false: not all of it could be read. */
  pushed(node: number, packed: Buffer): boolean {
    const told = this.#told;
    told.start(packed);
    while (told.next()) {
      this.received++;
      this.#take(node);
    }
    return !told.isDamaged;
  }

  /** Only takes a note. */
  handedOut(job: Job): void {
    this.#handed.push(job);
    this.#isFresh = true;
  }

  /** Only takes a note. */
  queued(job: Job): void {
    this.#lodgers.push(job);
    this.#isFresh = true;
  }

  /** Tells keepers who was handed out, and sends back what nobody takes. */
  settle(): void {
    this.#isFresh = false;
    if (this.#handed.length > 0) this.#sayHanded();
    if (this.#lodgers.length > 0) this.#settleLodgers();
  }

  /** Takes a borrowed job out of its queue and gives it back to its keeper. */
  giveBack(job: Job): void {
    const { roles, lifecycle } = this.#world.broker;
    const keeper = roles.list(job)[0];
    if (keeper === undefined) {
      roles.adopt(job);
      return;
    }
    this.returned++;
    this.#mail.returned(keeper, job);
    this.#demand.givenBack(this.#trades.of(lifecycle.queueOf(job)), keeper);
    lifecycle.remove(job);
  }

  /** All jobs are gone. */
  flushed(): void {
    this.#lodgers = [];
    this.#handed = [];
    this.#housing.length = 0;
    this.#nextLeaveMs = NEVER;
  }

  #take(node: number): void {
    const { broker } = this.#world;
    const known = broker.index.find(this.#told.id);
    if (known === NO_JOB) this.#takeNew(node);
    else if (broker.roles.isAcked(known)) this.#refuseAcked(node, known);
    else if (broker.roles.isBorrowed(known)) {
      // Its keeper has queued it again meanwhile: what was here before is over.
      broker.lifecycle.remove(known);
      this.#takeNew(node);
    } else this.#becomeKeeper(node, known);
  }

  #takeNew(node: number): void {
    const told = this.#told;
    const { broker, host } = this.#world;
    const queue = broker.queues.entry(told.buffer, told.queueStart, told.queueEnd);
    this.#fillRecord(queue.number);
    const job = broker.addTold(this.#record, told.buffer, told.bodyStart, told.bodyEnd);
    this.#demand.pushed(this.#trades.of(queue), node);
    if (told.retrySeconds === 0) {
      this.#mail.handedId(node, told.id);
      broker.roles.beginOwn(job, host.nowMs);
    } else {
      broker.roles.setList(job, [node, ...told.holders.filter((other) => isThird(other, node))]);
      broker.roles.beginBorrowed(job);
    }
  }

  #fillRecord(queueNumber: number): void {
    const told = this.#told;
    const record = this.#record;
    record.id = told.id;
    record.queueNumber = queueNumber;
    record.replicate = told.replicate;
    record.delaySeconds = told.delaySeconds;
    record.retrySeconds = told.retrySeconds;
    record.ttlSeconds = told.ttlSeconds;
    record.createdMs = told.createdMs;
    record.createdCounter = told.createdCounter;
    record.expiresAtMs = this.#world.host.nowMs + told.leftMs;
    record.epoch = told.epoch;
    record.nacks = told.nacks;
    record.additionalDeliveries = told.additionalDeliveries;
    record.wasQueued = told.wasQueued;
    record.wasDelivered = told.wasDelivered;
  }

  /** This node knows it as acknowledged, and nobody may hand it out again: the sender shall know. */
  #refuseAcked(node: number, job: Job): void {
    const { roles } = this.#world.broker;
    this.#mail.handedId(node, this.#told.id);
    const list = roles.list(job);
    if (!list.includes(node)) roles.setList(job, [...list, node]);
    this.#machines.learnAcked(job);
  }

  /** This node has a copy: it becomes the keeper, and the job need not be lent at all. */
  #becomeKeeper(node: number, job: Job): void {
    const { id, epoch, nacks, additionalDeliveries, holders } = this.#told;
    const { roles, jobs, lifecycle } = this.#world.broker;
    this.#mail.handedId(node, id);
    const others = roles.isCopy(job) ? holders : roles.list(job);
    roles.setList(job, [OWN_INDEX, node, ...others.filter((other) => isThird(other, node))]);
    jobs.setEpoch(job, Math.min(EPOCH_MAX, Math.max(epoch, jobs.epoch(job)) + 1));
    this.#machines.announceTaken(job);
    if (!roles.isCopy(job)) return;
    jobs.setCounters(job, nacks, additionalDeliveries);
    this.#demand.pushed(this.#trades.of(lifecycle.queueOf(job)), node);
    roles.keep(job, this.#world.host.nowMs, false);
  }

  #sayHanded(): void {
    const { roles } = this.#world.broker;
    for (const job of this.#handed) {
      if (!this.#isBorrowedIn(job, JobState.active)) continue;
      const keeper = roles.list(job)[0];
      if (keeper !== undefined) this.#mail.handed(keeper, job);
    }
    this.#handed.length = 0;
  }

  #settleLodgers(): void {
    const lodgers = this.#lodgers;
    this.#emptyHouses();
    this.#nextLeaveMs = NEVER;
    let kept = 0;
    for (const job of lodgers) {
      if (!this.#isBorrowedIn(job, JobState.queued)) continue;
      const trade = this.#trades.of(this.#world.broker.lifecycle.queueOf(job));
      const leavesAtMs = this.#leavesAtMs(trade, job);
      if (leavesAtMs <= this.#world.host.nowMs) {
        this.giveBack(job);
        continue;
      }
      lodgers[kept++] = job;
      if (trade.lodgers++ === 0) this.#housing.push(trade);
      this.#nextLeaveMs = Math.min(this.#nextLeaveMs, leavesAtMs);
    }
    lodgers.length = kept;
  }

  /** Nobody counts as a lodger until it is looked at again. */
  #emptyHouses(): void {
    for (const trade of this.#housing) {
      trade.lodgers = 0;
      this.#trades.markDue(trade);
    }
    this.#housing.length = 0;
  }

  /** When a queued borrowed job goes back, monotonic ms. */
  #leavesAtMs(trade: Trade, job: Job): number {
    const { jobs } = this.#world.broker;
    const queue = this.#trades.queueOf(trade);
    // Expired jobs stand in front of it; whoever waits is served in one of the next turns.
    if (queue !== undefined && queue.waiterCount > 0 && !queue.isPausedOut) return NEVER;
    if (queue === undefined || queue.isPausedOut) return 0;
    const stayMs = Math.min(POLL_MS, jobs.retrySeconds(job) * 500);
    return Math.min(trade.pollUntilMs, jobs.queuedAtMs(job) + stayMs);
  }

  #isBorrowedIn(job: Job, state: JobState): boolean {
    const { jobs } = this.#world.broker;
    return (
      jobs.isLive(job) &&
      jobs.state(job) === state &&
      jobs.hasFlag(job, JobFlag.isBorrowed) &&
      !jobs.hasFlag(job, JobFlag.isClaimed)
    );
  }
}

/** Neither this node nor that one. */
function isThird(other: number, node: number): boolean {
  return other !== OWN_INDEX && other !== node;
}
