/**
 * Nodes that were removed and are members again, and what both have of the same jobs.
 *
 * Who forgets a node strikes it out of all lists, and so does the other one: of a job that both had, each
 * may have become the keeper, or one has a copy that the other, its keeper, knows no more of, nor would an
 * acknowledgement reach it. So when they meet again, each says at once which jobs it keeps, and whom it
 * follows in which others; what becomes of that stands in claims.ts. A node that is new, and most are, is
 * told nothing.
 *
 * That is some dozen bytes a job: they are spread over time, and wait while a node does not get rid of what
 * it was sent. If some of it may have got lost on the way, all is said again. Whom this node has removed is
 * not remembered over its own restart.
 */
import type { Job } from "../../../core/job.ts";
import { CONGESTION_LOOK_MS, type JobsMachines, type JobsWorld } from "../jobs-world.ts";
import { TokenBucket } from "./token-bucket.ts";
import { Walk } from "./walk.ts";

/** Nodes remembered; beyond that the first to go are those that were removed first. */
const REMOVED_MAX = 1024;
const JOBS_PER_SECOND = 20_000;
/** What was said longer ago than that has arrived. */
const ON_ITS_WAY_MS = 10_000;

const NEVER = Number.POSITIVE_INFINITY;

/** Tells nodes that are back what this one has. */
export class Reunions {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #walk: Walk;
  readonly #tokens = new TokenBucket(JOBS_PER_SECOND);
  /** Ids of nodes that were members, or were lost before all was said. */
  readonly #removed = new Set<string>();
  /** Indexes of nodes that are to be told, and of those that this walk tells. */
  #met = new Set<number>();
  #told: Set<number> = this.#met;
  #readyAtMs = NEVER;
  /** When the last whole walk came to its end, monotonic ms. */
  #endedAtMs = Number.NEGATIVE_INFINITY;

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    this.#walk = new Walk(world.broker.jobs, (job) => this.#visit(job));
  }

  /** Monotonic ms at which `tick` has work. */
  get nextWakeAtMs(): number {
    if (this.#walk.isAtStart) return this.#world.host.nowMs;
    return this.#walk.isDue ? this.#readyAtMs : NEVER;
  }

  /** A node is no member any more; the index will be another's. */
  peerRemoved(node: number, nodeId: string): void {
    this.#met.delete(node);
    this.#told.delete(node);
    this.#removed.delete(nodeId);
    this.#removed.add(nodeId);
    if (this.#removed.size <= REMOVED_MAX) return;
    for (const oldest of this.#removed) {
      this.#removed.delete(oldest);
      return;
    }
  }

  /** A node cannot be spoken to: what has been begun is begun anew, and others do not wait for it. */
  peerDown(node: number): void {
    const isUnderWay = this.#walk.isDue && (this.#met.has(node) || this.#told.has(node));
    if (isUnderWay) this.peerRemoved(node, this.#world.nodes.id(node));
  }

  /** A node can be spoken to. */
  peerUp(node: number): void {
    if (!this.#removed.delete(this.#world.nodes.id(node))) return;
    this.#met.add(node);
    this.#walk.ask();
  }

  /** What was on its way to a node or from it is lost. */
  streamBroken(node: number): void {
    const isRecent = this.#world.host.nowMs < this.#endedAtMs + ON_ITS_WAY_MS;
    if (!this.#told.has(node) || !(this.#walk.isDue || isRecent)) return;
    const { nodes } = this.#world;
    this.peerRemoved(node, nodes.id(node));
    if (nodes.isLinked(node)) this.peerUp(node);
  }

  /** All jobs are gone. */
  stop(): void {
    this.#walk.stop();
    this.#met.clear();
    this.#told.clear();
  }

  /** Goes on. */
  tick(): void {
    if (!this.#walk.isDue) return;
    if (this.#walk.isAtStart) {
      this.#told = this.#met;
      this.#met = new Set();
    }
    const { nowMs } = this.#world.host;
    this.#readyAtMs = nowMs;
    if (this.#walk.proceed()) this.#endedAtMs = nowMs;
  }

  /** False: that is enough for now. */
  #visit(job: Job): boolean {
    const { broker, host } = this.#world;
    const isHolder = broker.roles.isOwn(job) || broker.roles.isCopy(job);
    if (broker.roles.isAcked(job) || !isHolder) return true;
    this.#readyAtMs = this.#tokens.readyAtMs(host.nowMs);
    if (this.#readyAtMs > host.nowMs) return false;
    for (const node of this.#told) {
      if (!this.#world.isCongested(node)) continue;
      this.#readyAtMs = host.nowMs + CONGESTION_LOOK_MS;
      return false;
    }
    for (const node of this.#told) {
      this.#tokens.take(1, host.nowMs);
      this.#machines.showTo(job, node);
    }
    return true;
  }
}
