/**
 * Copies of which nobody is sure, or that are too many.
 *
 * Whoever may have one stays in the job's list until it says that it has none, so that nobody brings a
 * job back who was not told of its end. A node that is told to drop a copy obeys only its keeper
 * (held-copies.ts): nothing said here can cost the last copy.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import { type Job, NO_JOB } from "../../../core/job.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { IdPacker } from "../packing/packed-ids.ts";
import { PerPeer } from "../packing/per-peer.ts";
import { without } from "./holder-order.ts";
import { CopyState, type Replication } from "./replication.ts";
import { UnconfirmedCopies } from "./unconfirmed-copies.ts";

const NOBODY: readonly number[] = [];

/** Clears up. */
export class StrayCopies {
  /** Of jobs that are or were own ones: nodes that were told to drop theirs, or gave them to this one. */
  readonly told: UnconfirmedCopies;
  /** Those that were asked for one, for which nobody waits any more. */
  readonly asked: UnconfirmedCopies;
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  /** Copies to be dropped. */
  readonly #drops: PerPeer<IdPacker>;
  /** Those without which there are fewer than there should be. */
  readonly #shortDrops: PerPeer<IdPacker>;

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    this.told = new UnconfirmedCopies(world.broker);
    this.asked = new UnconfirmedCopies(world.broker);
    const drops = (isShort: boolean) =>
      new PerPeer(
        () => new IdPacker(world),
        (node, ids) => world.tell(node, { type: "drop", ids, isOver: false, isShort }),
      );
    this.#drops = drops(false);
    this.#shortDrops = drops(true);
  }

  /** Nothing is to be said at the end of the turn. */
  get isSilent(): boolean {
    return this.#drops.isEmpty && this.#shortDrops.isEmpty;
  }

  say(): void {
    this.#drops.say();
    this.#shortDrops.say();
  }

  /** Nodes on whose copies of an own job nobody can count. */
  unconfirmed(job: Job): readonly number[] {
    const told = this.told.of(job);
    const asked = this.asked.of(job);
    return asked.length === 0 ? told : [...told, ...asked];
  }

  /** All jobs are gone. */
  clear(): void {
    this.told.clear();
    this.asked.clear();
  }

  /**
   * Nobody waits for a replication any more, and whoever was asked and has said nothing may have a copy yet. Of a job
   * that is acknowledged here those in its list are asked about that anyway.
   */
  remember(replication: Replication): void {
    const { roles } = this.#world.broker;
    const { job } = replication;
    const known = roles.isAcked(job) ? roles.list(job) : NOBODY;
    for (const node of replication.unconfirmed()) {
      if (known.includes(node)) continue;
      if (replication.stateOf(node) === CopyState.lost) this.drop(job, node);
      // It may answer yet.
      else this.asked.add(job, node);
    }
  }

  /** A node is to drop its copy, if it has one and follows this node. */
  drop(job: Job, node: number): void {
    this.#dropsOf(job, node).add(job);
    this.told.add(job, node);
  }

  /** What a node was told, or its answers, may be lost: it is told again. */
  repeat(node: number): void {
    for (const id of this.told.idsOf(node)) {
      const job = this.#world.broker.index.find(id);
      if (job === NO_JOB) this.told.remove(id, node);
      else this.#dropsOf(job, node).add(job);
    }
  }

  /** A node has nothing any more, or is no member. */
  forget(node: number): void {
    this.#drops.forget(node);
    this.#shortDrops.forget(node);
    this.told.forget(node);
    this.asked.forget(node);
  }

  /**
   * A node has stored a job that no replication is about any more. If nobody knows of that copy, it goes;
   * but a leaving node has given its jobs and their lists to others. Another keeper may have asked that
   * node before it had the copy, and taken it from its list, here as well. So the node is told who that is, and
   * speaks for itself: from anybody else the news might come before its own word that it had none. What it says may come
   * too late for an acknowledgement there, whose answer from here names that node.
   */
  stored(node: number, id: Int32Array): void {
    const { broker } = this.#world;
    const job = broker.index.find(id);
    const { roles } = broker;
    if (job !== NO_JOB && roles.isAcked(job)) {
      // Whoever collects that may have been told that there is no copy there. What that node knows of others is to
      // be heard: it may follow another keeper.
      this.#machines.ackedThere(job, [node]);
      return;
    }
    const list = job === NO_JOB ? NOBODY : roles.list(job);
    const isKnown = list.includes(node) || (job === NO_JOB && broker.isLeaving);
    const isFollower = list !== NOBODY && roles.isCopy(job) && list[0] !== OWN_INDEX;
    if (isFollower) {
      if (!isKnown) roles.setList(job, [...list, node]);
      this.#machines.showTo(job, node);
    } else if (!isKnown) this.#drops.to(node).addWords(id);
  }

  /** A node was asked and cannot be asked again: it has a copy or not. */
  dropUncertain(node: number, id: Int32Array): void {
    const wasAsked = this.asked.remove(id, node);
    const job = wasAsked ? this.#world.broker.index.find(id) : this.#ownWith(node, id);
    if (job !== NO_JOB) this.drop(job, node);
  }

  /** A node has nothing of a job any more, or never had. */
  dropped(node: number, id: Int32Array): void {
    const { roles, jobs } = this.#world.broker;
    this.told.remove(id, node);
    const job = this.#ownWith(node, id);
    if (job === NO_JOB) return;
    const list = without(roles.list(job), node);
    roles.setList(job, list);
    this.#machines.announceList(job);
    const copies = list.filter((other) => other < LOAN);
    if (copies.length < jobs.replicate(job)) this.#machines.examine(job);
  }

  /**
   * A node holds a copy on another keeper's word: one of both does not know that it is keeper no more. Or it
   * leaves and knows of who could have one: it is told again, until both know that node or none does.
   */
  held(node: number, id: Int32Array): void {
    this.told.remove(id, node);
    const job = this.#ownWith(node, id);
    if (job !== NO_JOB && !this.#world.broker.roles.isLent(job)) this.#machines.showTo(job, node);
  }

  /** Where an own job's copy on a node is said to be one too many. */
  #dropsOf(job: Job, node: number): IdPacker {
    const { nodes, broker } = this.#world;
    const unconfirmed = this.unconfirmed(job);
    const left = broker.roles.list(job).filter((other) => {
      const isCopy = other < LOAN && other !== node && !unconfirmed.includes(other);
      return isCopy && !(other !== OWN_INDEX && nodes.isLeaving(other));
    });
    const isShort = left.length < broker.jobs.replicate(job);
    return (isShort ? this.#shortDrops : this.#drops).to(node);
  }

  /** The own job with that id, if the node is in its list. */
  #ownWith(node: number, id: Int32Array): Job {
    const { broker } = this.#world;
    const job = broker.index.find(id);
    if (job === NO_JOB || !broker.roles.isOwn(job)) return NO_JOB;
    return broker.roles.list(job).includes(node) ? job : NO_JOB;
  }
}
