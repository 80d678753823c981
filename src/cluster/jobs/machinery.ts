/**
 * The machines that keep the promises about copies, and the hub between them.
 *
 *   new-copies.ts   ADDJOB with REPLICATE, repair          held-copies.ts  the other end of it
 *   collector.ts    ACKJOB, until everybody knows          lending.ts      jobs for clients elsewhere
 *   takeovers.ts    who is keeper of a job                 handover.ts     leaving nodes
 *   sweep.ts        looks at all jobs after a change
 *
 * Each knows its own subject. What it needs of another goes through here, as do the ends of turns, and what
 * happens to other nodes; messages are handed out by deliver.ts. Nothing is decided here.
 */
import type { Job } from "../../core/job.ts";
import type { JobMessage } from "../job-messages.ts";
import { Collector } from "./acks/collector.ts";
import { BrokerNews } from "./broker-news.ts";
import { HeldCopies } from "./copies/held-copies.ts";
import { NewCopies } from "./copies/new-copies.ts";
import { deliver } from "./deliver.ts";
import type { JobsMachine, JobsMachines, JobsWorld } from "./jobs-world.ts";
import { Handover } from "./keepers/handover.ts";
import { Sweep } from "./keepers/sweep.ts";
import { Takeovers } from "./keepers/takeovers.ts";
import { Lending } from "./lending/lending.ts";

/** All machines of a node. */
export class Machinery implements JobsMachines {
  readonly newCopies: NewCopies;
  readonly heldCopies: HeldCopies;
  readonly collector: Collector;
  readonly lending: Lending;
  readonly takeovers: Takeovers;
  readonly handover: Handover;
  readonly sweep: Sweep;
  protected readonly world: JobsWorld;
  readonly #machines: readonly JobsMachine[];

  constructor(world: JobsWorld) {
    this.world = world;
    this.newCopies = new NewCopies(world, this);
    this.heldCopies = new HeldCopies(world, this);
    this.collector = new Collector(world, this);
    this.lending = new Lending(world, this);
    this.takeovers = new Takeovers(world, this);
    this.handover = new Handover(world, this);
    this.sweep = new Sweep(world, this);
    this.#machines = [
      this.takeovers,
      this.sweep,
      this.handover,
      this.newCopies,
      this.heldCopies,
      this.collector,
      this.lending,
    ];
    world.broker.watcher = new BrokerNews(this, world.broker);
  }

  /** Monotonic ms at which `tick` has work. */
  get nextWakeAtMs(): number {
    let atMs = Number.POSITIVE_INFINITY;
    for (const machine of this.#machines) atMs = Math.min(atMs, machine.nextWakeAtMs);
    return atMs;
  }

  /** The end of a turn: says what is to be said, does what is due. */
  tick(): void {
    for (const machine of this.#machines) machine.tick();
  }

  /**
   * Forgets all jobs and queues of the broker, and tells all others so. What was pushed to this node and is
   * not answered before that comes behind it, and is answered as if nothing had been.
   */
  flush(): void {
    this.lending.answerAll();
    this.world.broker.flush();
    for (const machine of this.#machines) machine.flushed();
    for (const node of this.world.nodes.others()) this.world.tell(node, { type: "flushed" });
  }

  /** What comes from that node now has waited for this one, whose links are about to end (cluster/standstill.ts). */
  linkIsStale(node: number): void {
    this.lending.linkIsStale(node);
  }

  /** A member says something about jobs. */
  received(node: number, message: JobMessage): void {
    deliver(this, node, message);
  }

  peerUp(node: number): void {
    for (const machine of this.#machines) machine.peerUp(node);
  }

  peerDown(node: number): void {
    for (const machine of this.#machines) machine.peerDown(node);
  }

  /** It has started again: what it had before is void everywhere, at once. */
  peerRestarted(node: number): void {
    this.world.broker.holders.void(node);
    for (const machine of this.#machines) machine.peerRestarted(node);
    this.examineAll();
  }

  /** All its jobs are gone, though its process goes on. */
  peerFlushed(node: number): void {
    this.world.broker.holders.void(node, false);
    this.newCopies.peerFlushed(node);
    this.collector.peerFlushed();
    this.lending.peerFlushed(node);
    this.audit();
    this.examineAll();
  }

  /**
   * Another process of it is linked than before: what was on its way to it and from it is lost, and what
   * its clients wanted is over. What it holds, it holds still, unless `peerRestarted` came before.
   */
  peerReturned(node: number): void {
    this.lending.partnerReturned(node);
    this.streamBroken(node);
    this.answersLost(node);
  }

  /**
   * Jobs of before this process were loaded, with these `untoldIds`: goes on with them. Whatever was said to others in the
   * last moments before, and by them since, may be lost. Whole: nothing is missing of what that process knew and had to tell.
   */
  resume(isWhole: boolean, untoldIds: readonly string[]): void {
    const { jobs, roles } = this.world.broker;
    const limit = jobs.handleLimit;
    for (let job = jobs.skipVacant(0); job < limit; job = jobs.skipVacant(job + 1)) {
      if (jobs.isLive(job) && roles.isAcked(job)) this.collector.resume(job);
    }
    this.sweep.resume(isWhole, untoldIds);
  }

  /** No member any more: nothing of it may stay in any list, because its index will be another's. */
  peerRemoved(node: number, nodeId: string): void {
    this.world.broker.holders.void(node);
    for (const machine of this.#machines) machine.peerRemoved(node, nodeId);
    this.examineAll();
  }

  streamBroken(node: number): void {
    for (const machine of this.#machines) machine.streamBroken(node);
    this.examineAll();
  }

  answersLost(node: number): void {
    for (const machine of this.#machines) machine.answersLost(node);
    this.examineAll();
  }

  cancel(job: Job): void {
    this.collector.cancel(job);
  }

  learnAcked(job: Job): void {
    this.collector.learnAcked(job);
  }

  ackedThere(job: Job, nodes: readonly number[]): void {
    this.collector.ackedThere(job, nodes);
  }

  makeCopies(job: Job, count: number, done?: () => void): number {
    return this.newCopies.makeCopies(job, count, done);
  }

  dropCopies(job: Job, nodes: readonly number[], canWait: boolean): void {
    this.newCopies.dropCopies(job, nodes, canWait);
  }

  given(job: Job, node: number): void {
    this.newCopies.requests.given(job, node);
  }

  hasNone(id: Int32Array, node: number): void {
    this.heldCopies.deny(node, id, false);
  }

  unconfirmed(job: Job): readonly number[] {
    return this.newCopies.requests.unconfirmed(job);
  }

  keepsNoMore(): void {
    this.newCopies.requests.keepsNoMore();
  }

  announceList(job: Job): void {
    this.takeovers.announceList(job);
  }

  announceTaken(job: Job): void {
    this.takeovers.announceTaken(job);
  }

  showTo(job: Job, node: number): void {
    this.takeovers.showTo(job, node);
  }

  get strangers(): readonly string[] | undefined {
    return this.sweep.strangers;
  }

  estrange(node: number): void {
    this.sweep.estrange(node);
  }

  denied(id: Int32Array, node: number): void {
    this.heldCopies.denied(id, node);
  }

  noteOver(id: Int32Array): void {
    this.heldCopies.noteOver(id);
    this.lending.late.noteOver(id);
  }

  buried(job: Job): void {
    this.lending.late.buried(job);
  }

  sayIfOver(id: Int32Array, node: number): boolean {
    return this.heldCopies.sayIfOver(id, node);
  }

  takeOver(job: Job): void {
    this.takeovers.takeOver(job);
  }

  askKeeper(job: Job): void {
    this.takeovers.askKeeper(job);
  }

  audit(): void {
    this.sweep.audit();
  }

  unreported(): readonly number[] {
    return this.sweep.unreported;
  }

  doubt(keeper: number): void {
    this.sweep.doubt(keeper);
  }

  sendAway(job: Job, done?: (isKept: boolean) => void): void {
    this.handover.sendAway(job, done);
  }

  headedFor(job: Job): number {
    return this.handover.headedFor(job);
  }

  isOnItsWay(job: Job, node: number): boolean {
    return this.handover.isOnItsWay(job, node);
  }

  isLentNow(job: Job): void {
    this.handover.isLentNow(job);
  }

  callHome(job: Job): void {
    this.handover.callHome(job);
  }

  gave(id: Int32Array, node: number): void {
    this.handover.gave(id, node);
  }

  givenTo(id: Int32Array): number {
    return this.handover.givenTo(id);
  }

  examine(job: Job): void {
    this.sweep.examine(job);
  }

  doubtList(job: Job): void {
    this.sweep.doubtList(job);
  }

  examineAll(): void {
    this.sweep.examineAll();
  }

  giveBack(job: Job): void {
    this.lending.borrowing.endsHere(job);
  }

  recall(job: Job): void {
    this.world.broker.roles.endLoan(job);
  }
}
