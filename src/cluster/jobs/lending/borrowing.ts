/**
 * Borrowing: jobs of other nodes for clients who wait here.
 *
 * A job that comes stands in its queue like any other, and is promised to somebody in the same moment
 * if somebody waits. Its keeper is told whether it was handed out or not: every job that came is
 * answered with one of the two. What nobody takes in the turn in which it comes goes back, unless
 * clients ask without waiting: then it stays for a moment, as a lodger (lodgers.ts).
 *
 * Some jobs do not go back: one that is delivered at most once has moved here, and of one that has a
 * copy here this node becomes the keeper. They are lodgers first, and then like any other job.
 */
import { type Job, JobFlag, JobState, NO_JOB } from "../../../core/job.ts";
import { EPOCH_MAX } from "../../../core/job-record.ts";
import type { MessageOf } from "../../job-messages.ts";
import { OWN_INDEX } from "../../nodes.ts";
import { ToldJobs } from "../copies/told-jobs.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { endWayIfComeRound } from "../keepers/come-round.ts";
import { IdUnpacker } from "../packing/packed-ids.ts";
import { JobUnpacker } from "../packing/packed-jobs.ts";
import type { Demand } from "./demand.ts";
import { HandOuts } from "./hand-outs.ts";
import type { LatePushes } from "./late-pushes.ts";
import { Lodgers } from "./lodgers.ts";
import type { Mail } from "./mail.ts";
import { isThird } from "./partners.ts";
import type { Trade } from "./trade.ts";
import type { Trades } from "./trades.ts";

/** The memory level at which no job of another node is taken in. */
const MEMORY_FULL = 3;

/** Takes in borrowed jobs and gives them back. */
export class Borrowing {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #trades: Trades;
  readonly #mail: Mail;
  readonly #demand: Demand;
  readonly #told: JobUnpacker;
  readonly #records: ToldJobs;
  readonly #ids = new IdUnpacker();
  readonly #lodgers: Lodgers;
  readonly #handOuts: HandOuts;
  #isFresh = false;
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
    this.#records = new ToldJobs(world);
    this.#handOuts = new HandOuts(world, mail);
    this.#lodgers = new Lodgers(world, trades, (trade, job) => this.#leave(trade, job));
  }

  /** Monotonic ms at which `settle` has work. */
  get nextWakeAtMs(): number {
    return this.#isFresh ? this.#world.host.nowMs : this.#lodgers.nextLeaveMs;
  }

  /** Jobs came from a node, all or some of them meant; false: not all of it could be read. */
  pushed(node: number, packed: Buffer, isMeant?: (told: JobUnpacker) => boolean): boolean {
    const told = this.#told;
    told.start(packed);
    while (told.next()) {
      if (isMeant !== undefined && !isMeant(told)) continue;
      this.received++;
      this.#take(node);
    }
    return !told.isDamaged;
  }

  /** A borrowed job is none any more here; unless a client has it, its keeper is told that nobody takes it. */
  endsHere(job: Job): void {
    // Of what is forgotten in the next moment nothing is said any more.
    this.#handOuts.say();
    const keeper = this.#world.broker.roles.list(job)[0];
    if (keeper !== undefined && !this.#handOuts.isOut(job)) this.#sayReturned(keeper, job);
  }

  /** Loans are over, says who has lent them; false: nonsense. */
  recalled(node: number, recall: MessageOf<"recall">, late: LatePushes): boolean {
    const { index, roles, lifecycle } = this.#world.broker;
    const ids = this.#ids;
    if (!ids.start(recall.ids)) return false;
    // Of what is forgotten in the next moment nothing is said any more.
    if (recall.isAwaited) this.#handOuts.say();
    while (ids.next()) {
      if (late.recalled(node, ids.id) && recall.isAwaited) this.#mail.returnedId(node, ids.id);
      const job = index.find(ids.id);
      // It may have come from another node since, or be kept by this one.
      if (job === NO_JOB || !roles.isBorrowed(job) || roles.list(job)[0] !== node) continue;
      if (recall.isAwaited && !this.#handOuts.isOut(job)) {
        this.#mail.returned(node, job);
        // Whoever has queued it again meanwhile takes that for a refusal.
        this.#demand.wasted(this.#trades.of(lifecycle.queueOf(job)), node);
      }
      lifecycle.remove(job);
    }
    return true;
  }

  /** Only takes a note. */
  handedOut(job: Job): void {
    this.#handOuts.add(job);
    this.#isFresh = true;
  }

  /** Only takes a note; the keeper of what is a copy by now is told that nobody here has it. */
  takenBack(job: Job): void {
    const { roles } = this.#world.broker;
    this.#isFresh = true;
    if (!roles.isCopy(job)) this.#lodgers.dismiss(job);
    else if ((roles.list(job)[0] ?? OWN_INDEX) !== OWN_INDEX) this.#giveBack(job);
  }

  /** Only takes a note. */
  queued(job: Job): void {
    this.#lodgers.add(job);
    this.#isFresh = true;
  }

  /** Tells keepers who was handed out, and sends back what nobody takes. */
  settle(): void {
    this.#isFresh = false;
    this.#handOuts.say();
    this.#lodgers.settle();
  }

  /** Says of every job that came whether it was handed out; what was not goes back. */
  answerAll(): void {
    this.#handOuts.say();
    this.#lodgers.turnOut();
  }

  #take(node: number): void {
    const { index, roles, lifecycle } = this.#world.broker;
    const { id } = this.#told;
    const known = index.find(id);
    if (known === NO_JOB && this.#machines.sayIfOver(id, node)) this.#refuseOver(node);
    else if (known === NO_JOB) this.#takeNew(node);
    else if (roles.isAcked(known)) this.#refuseOver(node, known);
    else if (roles.isBorrowed(known)) {
      if (this.#isOutdated(node, known)) {
        this.#waste(node);
        return;
      }
      // Its keeper has queued it again meanwhile: what was here before is over.
      lifecycle.remove(known);
      this.#takeNew(node);
    } else if (this.#told.shape.retrySeconds === 0) this.#takeAgain(node, known);
    else this.#becomeKeeper(node, known);
  }

  /** Its keeper of before has sent it when it still was that, and recalls it in the next moment. */
  #isOutdated(node: number, job: Job): boolean {
    const { roles, jobs } = this.#world.broker;
    return roles.list(job)[0] !== node && this.#told.shape.epoch < jobs.epoch(job);
  }

  #takeNew(node: number): void {
    const told = this.#told;
    const { broker, host } = this.#world;
    if (broker.memory.level >= MEMORY_FULL) {
      this.#refuse(node);
      return;
    }
    const job = this.#records.add(told);
    this.#demand.pushed(this.#trades.of(broker.lifecycle.queueOf(job)), node);
    if (told.shape.retrySeconds === 0) {
      this.#mail.handedId(node, told.id);
      broker.roles.beginOwn(job, host.nowMs);
      this.#lodge(job);
    } else {
      broker.roles.setList(job, [node, ...told.holders.filter((other) => isThird(other, node))]);
      broker.roles.beginBorrowed(job);
    }
  }

  /** There is no memory for it: it goes back as if nobody had waited, and was never here. */
  #refuse(node: number): void {
    const { id, buffer, shape } = this.#told;
    this.returned++;
    this.#mail.returnedId(node, id);
    const trade = this.#trades.named(buffer.subarray(shape.queueStart, shape.queueEnd));
    this.#demand.givenBack(trade, node);
  }

  /**
   * A job that is delivered at most once has come round: it was sent away from here, and those who had
   * it since have moved it on. That it has arrived where it was sent may be heard later than that.
   */
  #takeAgain(node: number, job: Job): void {
    const told = this.#told;
    const { roles, jobs, lifecycle } = this.#world.broker;
    this.#mail.handedId(node, told.id);
    // One that was never away is no other one.
    if (!roles.isLent(job) || told.shape.epoch < jobs.epoch(job)) {
      this.#waste(node);
      return;
    }
    roles.loanIsBack(job);
    jobs.setEpoch(job, told.shape.epoch);
    this.#demand.pushed(this.#trades.of(lifecycle.queueOf(job)), node);
    this.#lodge(job);
  }

  /** A job that came is in its queue, unless somebody waited for it. */
  #lodge(job: Job): void {
    if (this.#world.broker.jobs.state(job) === JobState.queued) this.queued(job);
  }

  /** This node knows that it is over, and nobody may hand it out again: the sender shall know. */
  #refuseOver(node: number, tombstone: Job = NO_JOB): void {
    this.#mail.handedId(node, this.#told.id);
    if (tombstone !== NO_JOB) this.#machines.ackedThere(tombstone, [node]);
    this.#waste(node);
  }

  /** This node has a copy, or the job comes round: it becomes the keeper, and the job need not be lent at all. */
  #becomeKeeper(node: number, job: Job): void {
    const { id, shape, holders } = this.#told;
    const { epoch, nacks, additionalDeliveries } = shape;
    const { roles, jobs, lifecycle } = this.#world.broker;
    this.#mail.handedId(node, id);
    const isBack = endWayIfComeRound(this.#world.broker, this.#machines, job, shape);
    const isTaken = isBack || roles.isCopy(job);
    const others = isTaken ? holders : roles.list(job);
    roles.setList(job, [OWN_INDEX, node, ...others.filter((other) => isThird(other, node))]);
    // Ahead of the sender it is already. To whom it is lent has become the keeper by that, or will, and is to win:
    // the sender as well, however often it has pushed the job before it heard of that.
    const before = jobs.epoch(job);
    const isAhead = !isTaken && before > epoch;
    const next = isAhead ? before : Math.max(epoch, before) + 1;
    jobs.setEpoch(job, Math.min(EPOCH_MAX, next));
    this.#machines.announceTaken(job);
    if (!isTaken) {
      this.#waste(node);
      if (!isAhead) this.#endMutualLoan(node, job, epoch === before);
      return;
    }
    jobs.setCounters(job, nacks, additionalDeliveries);
    this.#demand.pushed(this.#trades.of(lifecycle.queueOf(job)), node);
    roles.keep(job, this.#world.host.nowMs, false);
    this.#lodge(job);
  }

  /**
   * Two keepers have lent it to each other: nobody has it, and the one that stays keeper queues it again. That is
   * who was behind, as it is ahead by the other one's push; of two with the same epoch the smaller id.
   */
  #endMutualLoan(node: number, job: Job, isTie: boolean): void {
    const { nodes, broker } = this.#world;
    const { roles, jobs } = broker;
    if (roles.borrower(job) !== node || jobs.hasFlag(job, JobFlag.isOut)) return;
    if (!isTie || nodes.id(OWN_INDEX) < nodes.id(node)) roles.takeLoanBack(job);
  }

  /** Who waits here for its queue waits on. */
  #waste(node: number): void {
    const { buffer, shape } = this.#told;
    const trade = this.#trades.known(buffer.subarray(shape.queueStart, shape.queueEnd));
    if (trade !== undefined) this.#demand.wasted(trade, node);
  }

  /** Nobody here takes it. */
  #leave(trade: Trade, job: Job): void {
    if (this.#world.broker.roles.isBorrowed(job)) this.#giveBack(job);
    else this.#demand.oversupplied(trade);
  }

  #giveBack(job: Job): void {
    const { roles, lifecycle } = this.#world.broker;
    const keeper = roles.list(job)[0];
    if (keeper === undefined) {
      roles.adopt(job);
      return;
    }
    this.#sayReturned(keeper, job);
    if (!roles.isCopy(job)) lifecycle.remove(job);
  }

  #sayReturned(keeper: number, job: Job): void {
    this.returned++;
    this.#mail.returned(keeper, job);
    this.#demand.givenBack(this.#trades.of(this.#world.broker.lifecycle.queueOf(job)), keeper);
  }
}
