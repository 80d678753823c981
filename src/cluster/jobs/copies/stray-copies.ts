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

const NOBODY: readonly number[] = [];

/** Clears up. */
export class StrayCopies {
  /** Copies to be dropped. */
  readonly drops: PerPeer<IdPacker>;
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    this.drops = new PerPeer(
      () => new IdPacker(world),
      (node, ids) => world.tell(node, { type: "drop", ids, isOver: false }),
    );
  }

  /**
   * A node has stored a job that no replication is about any more. If nobody knows of that copy, it goes;
   * but a leaving node has given its jobs and their lists to others. Another keeper may have asked that
   * node before it had the copy, and taken it from its list, here as well. So the node is told who that is, and
   * speaks for itself: from anybody else the news might come before its own word that it had none.
   */
  stored(node: number, id: Int32Array): void {
    const { broker } = this.#world;
    const job = broker.index.find(id);
    const { roles } = broker;
    // Whoever collects an acknowledgement may have been told that there is no copy there.
    const list = job !== NO_JOB && !roles.isAcked(job) ? roles.list(job) : NOBODY;
    const isKnown = list.includes(node) || (job === NO_JOB && broker.isLeaving);
    const isFollower = list !== NOBODY && roles.isCopy(job) && list[0] !== OWN_INDEX;
    if (isFollower) this.#machines.showTo(job, node);
    else if (!isKnown) this.drops.to(node).addWords(id);
  }

  /** A node was asked and cannot be asked again: it has a copy or not. */
  dropUncertain(node: number, id: Int32Array): void {
    if (this.#ownWith(node, id) !== NO_JOB) this.drops.to(node).addWords(id);
  }

  /** A node has nothing of a job any more, or never had. */
  dropped(node: number, id: Int32Array): void {
    const { roles, jobs } = this.#world.broker;
    const job = this.#ownWith(node, id);
    if (job === NO_JOB) return;
    const list = without(roles.list(job), node);
    roles.setList(job, list);
    this.#machines.announceList(job);
    const copies = list.filter((other) => other < LOAN);
    if (copies.length < jobs.replicate(job)) this.#machines.examine(job);
  }

  /** The own job with that id, if the node is in its list. */
  #ownWith(node: number, id: Int32Array): Job {
    const { broker } = this.#world;
    const job = broker.index.find(id);
    if (job === NO_JOB || !broker.roles.isOwn(job)) return NO_JOB;
    return broker.roles.list(job).includes(node) ? job : NO_JOB;
  }
}

/** A list without a node. */
export function without(list: readonly number[], node: number): number[] {
  return list.filter((other) => other !== node);
}
