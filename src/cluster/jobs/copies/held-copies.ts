/**
 * Copies that other nodes have here: taking them in, and letting them go.
 *
 * A batch is answered in the turn in which it came, by exceptions only. What cannot be read is refused, so
 * that the sender finds another node and waits for nothing. The answering side; new-copies.ts is the other one.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import { type Job, JobState, NO_JOB } from "../../../core/job.ts";
import type { MessageOf, Refusal } from "../../job-messages.ts";
import { OWN_INDEX } from "../../nodes.ts";
import { NO_NODE } from "../../ring.ts";
import type { JobsMachine, JobsMachines, JobsWorld } from "../jobs-world.ts";
import { NotHere } from "../not-here.ts";
import { IdPacker, IdUnpacker } from "../packing/packed-ids.ts";
import { JobUnpacker } from "../packing/packed-jobs.ts";
import { PerPeer } from "../packing/per-peer.ts";
import { RecentIds } from "../recent-ids.ts";
import { Denials } from "./denials.ts";
import { ToldCopies } from "./told-copies.ts";

/** No request for a copy is on its way for longer, nor what is told of one. */
const OVER_MS = 10_000;

/** What waits for the end of the turn: an answer to a batch of so many jobs. */
interface Answer {
  readonly node: number;
  readonly batch: number;
  readonly count: number;
  readonly refusals: Refusal[];
}

/** Holds copies for other nodes. */
export class HeldCopies implements JobsMachine {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #told: ToldCopies;
  /** Jobs that are over: a request for a copy may still be on its way, or a node have one of which nobody knew. */
  readonly #over: RecentIds;
  /** Jobs of which a node was told that there is no copy here: one may come from another keeper. */
  readonly #denials: Denials;
  readonly #unpacker: JobUnpacker;
  readonly #ids = new IdUnpacker();
  readonly #notHere: NotHere;
  #answers: Answer[] = [];
  /** Jobs that are over. */
  readonly #drops: PerPeer<IdPacker>;
  /** What this node has nothing of any more. */
  readonly #dropped: PerPeer<IdPacker>;
  /** What it was told to drop and keeps. */
  readonly #held: PerPeer<IdPacker>;

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    this.#over = new RecentIds(world.host, OVER_MS);
    this.#denials = new Denials(world.host);
    this.#told = new ToldCopies(world, {
      over: this.#over,
      denials: this.#denials,
      show: (copy, node) => this.#show(copy, node),
      giveBack: (job) => machines.giveBack(job),
    });
    this.#unpacker = new JobUnpacker(world.nodes);
    this.#notHere = new NotHere(world);
    this.#drops = new PerPeer(
      () => new IdPacker(world),
      (node, ids) => world.tell(node, { type: "drop", ids, isOver: true, isShort: undefined }),
    );
    this.#dropped = new PerPeer(
      () => new IdPacker(world),
      (node, ids) => this.#sayDropped(node, ids),
    );
    this.#held = new PerPeer(
      () => new IdPacker(world),
      (node, ids) => world.tell(node, { type: "held", ids }),
    );
  }

  get nextWakeAtMs(): number {
    const isAnswered = this.#answers.length === 0 && this.#dropped.isEmpty && this.#held.isEmpty;
    return isAnswered && this.#drops.isEmpty ? Number.POSITIVE_INFINITY : this.#world.host.nowMs;
  }

  tick(): void {
    this.#answer();
    this.#drops.say();
    this.#dropped.say();
    this.#held.say();
  }

  /** What came in this turn is not here any more: its senders shall find other nodes for it. */
  flushed(): void {
    for (const answer of this.#answers) {
      const told = new Set(answer.refusals.map(({ position }) => position));
      for (let position = 0; position < answer.count; position++) {
        if (!told.has(position)) answer.refusals.push({ position, reason: "memory" });
      }
      answer.refusals.sort((a, b) => a.position - b.position);
    }
  }

  peerUp(_node: number): void {}

  /** An answer would come over another link than its question, and nobody waits for it there. */
  peerDown(node: number): void {
    this.#answers = this.#answers.filter((answer) => answer.node !== node);
  }

  peerRestarted(node: number): void {
    this.#forget(node);
  }

  peerRemoved(node: number): void {
    this.#forget(node);
  }

  streamBroken(_node: number): void {}
  answersLost(_node: number): void {}

  /** A node is told that there is no copy of that job here; behind that there was one, if it was deleted in this turn. */
  denied(id: Int32Array, node: number): void {
    this.#answer();
    this.#denials.remember(id, node);
  }

  /** The job with this id is over: no copy of it is taken for a while, and who has it hears so. */
  noteOver(id: Int32Array): void {
    this.#over.remember(id, 0);
  }

  /** Tells a node that has a job that is not here whether that is over. */
  sayIfOver(id: Int32Array, node: number): boolean {
    const isOver = this.#over.numberOf(id) >= 0;
    if (isOver) this.#drops.to(node).addWords(id);
    return isOver;
  }

  /** Tells these nodes once to forget a job, whatever they have of it; so does this one. */
  sayDrop(id: Int32Array, nodes: readonly number[]): void {
    this.noteOver(id);
    const others = nodes.map((element) => element % LOAN).filter((node) => node !== OWN_INDEX);
    for (const node of others) this.#drops.to(node).addWords(id);
  }

  /**
   * Somebody who may have the job cannot be told now that it is over, and may start again with it; or its ADDJOB
   * waits: to be told once would be to fail that, and nothing may be left of what has failed.
   */
  mayComeBack(job: Job): boolean {
    const { nodes, broker } = this.#world;
    if (broker.jobs.state(job) === JobState.replicating) return true;
    const isAway = (node: number) => node !== OWN_INDEX && !nodes.isLinked(node);
    const unlisted = [...this.#machines.unreported(), ...this.#machines.unconfirmed(job)];
    if (unlisted.some(isAway)) return true;
    return broker.roles.list(job).some((element) => isAway(element % LOAN));
  }

  /** Tells a node once that a job is over. */
  sayOver(job: Job, node: number): void {
    this.#drops.to(node).add(job);
  }

  received(node: number, message: MessageOf<"store" | "drop">): void {
    if (message.type === "store") this.#store(node, message);
    else this.#drop(node, message);
  }

  #store(node: number, { batch, jobs, isAccepted = false }: MessageOf<"store">): void {
    const refusals: Refusal[] = [];
    const unpacker = this.#unpacker;
    unpacker.start(jobs);
    while (unpacker.next()) {
      const reason = this.#told.take(node, unpacker, isAccepted);
      if (reason !== undefined) {
        refusals.push({ position: unpacker.position, reason });
        this.#denials.remember(unpacker.id, node);
      } else if (unpacker.isPartial) this.#machines.doubt(node);
    }
    const count = unpacker.position + 1;
    if (unpacker.isDamaged) {
      refusals.push({ position: count, reason: "unread" });
      const id = this.#world.nodes.id(node);
      this.#world.log("warning", "damaged jobs to be stored", { node: id, batch });
    }
    this.#answers.push({ node, batch, count, refusals });
  }

  #drop(node: number, { ids, isOver, isShort = false }: MessageOf<"drop">): void {
    const { index } = this.#world.broker;
    const unpacker = this.#ids;
    unpacker.start(ids);
    while (unpacker.next()) {
      const job = index.find(unpacker.id);
      if (isOver) this.noteOver(unpacker.id);
      if (job === NO_JOB) this.deny(node, unpacker.id, isOver);
      else if (isOver) this.#end(node, job, unpacker.id);
      else if (isShort && this.#hasHeir(job)) this.#held.to(node).addWords(unpacker.id);
      else this.#letGo(node, job, unpacker.id);
    }
    if (unpacker.isDamaged) {
      const id = this.#world.nodes.id(node);
      this.#world.log("warning", "damaged list of jobs to be dropped", { node: id });
    }
  }

  /** The job was deleted everywhere. */
  #end(node: number, job: Job, id: Int32Array): void {
    const { roles, lifecycle } = this.#world.broker;
    this.#dropped.to(node).addWords(id);
    // The memory of an acknowledgement is no copy, and whoever has to know of it may not know yet.
    if (roles.isAcked(job)) return;
    // Whoever may have one because this node has asked for it.
    for (const other of this.#machines.unconfirmed(job)) this.#drops.to(other).addWords(id);
    if (roles.isOwn(job)) {
      if (this.mayComeBack(job)) {
        this.#machines.cancel(job);
        return;
      }
      const others = roles.list(job).filter((other) => other % LOAN !== node);
      if (roles.isLent(job)) this.#machines.recall(job);
      this.sayDrop(id, others);
    }
    lifecycle.remove(job);
  }

  /**
   * There is one copy too many, says who was its keeper when it said so. If another node is by now, or
   * this one, it has nothing to say any more, and hears that the copy is held. What this node
   * has borrowed is no copy, and stays: the copy may have been dropped before that was pushed.
   */
  #letGo(node: number, job: Job, id: Int32Array): void {
    const { roles, lifecycle } = this.#world.broker;
    const isOthers = roles.isCopy(job) && roles.list(job)[0] !== node;
    if (isOthers || roles.isOwn(job) || this.#mayArriveElsewhere(job)) {
      this.#held.to(node).addWords(id);
      return;
    }
    if (roles.isCopy(job)) lifecycle.remove(job);
    this.deny(node, id, false);
  }

  /**
   * Nobody else knows of the one to whom it is under way, and who may become its keeper, nor of who was asked for a copy.
   * Who is away was told to drop what it has.
   */
  #mayArriveElsewhere(job: Job): boolean {
    const { nodes, broker } = this.#world;
    if (this.#machines.headedFor(job) !== NO_NODE) return true;
    if (!broker.roles.isCopy(job)) return false;
    return this.#machines.unconfirmed(job).some((node) => nodes.isLinked(node));
  }

  /** A node is told that there is no copy here, or that there is; of what is over none comes any more. */
  deny(node: number, id: Int32Array, isOver: boolean): void {
    this.#dropped.to(node).addWords(id);
    if (!isOver) this.#denials.remember(id, node);
  }

  /** A node that was told that there is no copy hears of one; that it was refused one may not have been said yet. */
  #show(copy: Job, node: number): void {
    this.#answer();
    this.#machines.showTo(copy, node);
  }

  #answer(): void {
    for (const { node, batch, refusals } of this.#answers) {
      this.#world.tell(node, { type: "stored", batch, refusals });
    }
    this.#answers.length = 0;
  }

  /**
   * This node leaves, and its copy would be one less for good, because the keeper knows of nobody else. But it may be
   * about to: two nodes that are strangers to each other after a FORGET, or not linked yet, meet through a third one.
   */
  #hasHeir(job: Job): boolean {
    const { nodes, broker } = this.#world;
    if (!broker.isLeaving || !broker.roles.isCopy(job)) return false;
    const list = broker.roles.list(job);
    for (const node of nodes.others()) {
      const isStaying = nodes.isLive(node) && nodes.isLinked(node) && !nodes.isLeaving(node);
      if (isStaying && !list.includes(node)) return true;
    }
    return false;
  }

  /** What has come again since is held. */
  #sayDropped(node: number, ids: Buffer): void {
    const dropped = this.#notHere.of(ids, (job) => this.#held.to(node).add(job));
    if (dropped !== undefined) this.#world.tell(node, { type: "dropped", ids: dropped });
  }

  #forget(node: number): void {
    this.peerDown(node);
    this.#denials.forgetNode(node);
    this.#drops.forget(node);
    this.#dropped.forget(node);
    this.#held.forget(node);
  }
}
