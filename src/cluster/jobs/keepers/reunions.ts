/**
 * Nodes that meet again and do not know of each other what they have of the same jobs.
 *
 * Who forgets a node strikes it out of all lists, and so does the other one: of a job that both had, each
 * may have become the keeper, or one has a copy that the other, its keeper, knows no more of, nor would an
 * acknowledgement reach it. So when they meet again, each says at once which jobs it keeps, and whom it
 * follows in which others; what becomes of that stands in claims.ts. A node that is new, and most are, is
 * told nothing.
 *
 * A node whose log has lost its end is a stranger to all: it is out of all lists, and its own may lack
 * whoever got a copy, became keeper, or borrowed the job in what is lost. It tells everybody, once.
 *
 * That is some dozen bytes a job: they are spread over time, and wait while a node does not get rid of what
 * it was sent. If some of it may have got lost on the way, all is said again. Whom this node has removed is
 * not remembered over its own restart.
 */
import type { Job } from "../../../core/job.ts";
import { STRANGERS_MAX } from "../../job-messages.ts";
import { CONGESTION_LOOK_MS, type JobsMachines, type JobsWorld } from "../jobs-world.ts";
import { TokenBucket } from "./token-bucket.ts";
import { Unreported } from "./unreported.ts";
import { Walk } from "./walk.ts";

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
  /**
   * Ids of nodes that were members, may know what was lost here, or were lost before all was said. When there are too
   * many, the first to go are those that were noted first.
   */
  readonly #strangers = new Set<string>();
  /** Indexes of nodes that are to be told, and of those that this walk tells. */
  #met = new Set<number>();
  #told: Set<number> = this.#met;
  #readyAtMs = NEVER;
  /** When the last whole walk came to its end, monotonic ms. */
  #endedAtMs = Number.NEGATIVE_INFINITY;
  /** Who may have copies that are not known here, because it has not told this node. */
  readonly unreported: Unreported;

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    this.#walk = new Walk(world.broker.jobs, (job) => this.#visit(job));
    this.unreported = new Unreported(world);
  }

  /** Monotonic ms at which `tick` has work. */
  get nextWakeAtMs(): number {
    if (this.#walk.isAtStart || this.#mayReport) return this.#world.host.nowMs;
    return this.#walk.isDue ? this.#readyAtMs : NEVER;
  }

  /** Ids of nodes that may have jobs of this one without its knowing; undefined: none. */
  get strangers(): readonly string[] | undefined {
    if (this.#strangers.size === 0 && !this.#walk.isDue) return undefined;
    const underWay = this.#walk.isDue ? [...this.#met, ...this.#told] : [];
    const ids = underWay.map((node) => this.#world.nodes.id(node));
    return [...new Set([...this.#strangers, ...ids])].slice(0, STRANGERS_MAX);
  }

  /** What this node and another one have is not known to each other; nor may they ever meet again. */
  estrange(node: number, nodeId: string): void {
    this.#met.delete(node);
    this.#told.delete(node);
    this.unreported.putOff(node);
    this.#strangers.delete(nodeId);
    this.#strangers.add(nodeId);
    if (this.#strangers.size <= STRANGERS_MAX) return;
    for (const oldest of this.#strangers) {
      this.#strangers.delete(oldest);
      return;
    }
  }

  /** A node cannot be spoken to: what has been begun is begun anew, and others do not wait for it. */
  peerDown(node: number): void {
    if (this.#isBeingTold(node)) this.estrange(node, this.#world.nodes.id(node));
  }

  /** A node can be spoken to. */
  peerUp(node: number): void {
    const isStranger = this.#strangers.delete(this.#world.nodes.id(node));
    if (isStranger) {
      this.#met.add(node);
      this.#walk.ask();
      this.unreported.begin(node);
    } else this.unreported.ask(node);
  }

  /** A node is no member any more; the index will be another's. */
  peerRemoved(node: number, nodeId: string): void {
    this.estrange(node, nodeId);
    this.unreported.end(node);
  }

  /** What was on its way to a node or from it is lost. */
  streamBroken(node: number): void {
    const { nodes } = this.#world;
    const isRecent = this.#world.host.nowMs < this.#endedAtMs + ON_ITS_WAY_MS;
    this.unreported.ask(node);
    if (!this.#told.has(node) || !(this.#walk.isDue || isRecent)) return;
    this.estrange(node, nodes.id(node));
    if (nodes.isLinked(node)) this.peerUp(node);
  }

  /** All jobs are gone. */
  stop(): void {
    this.#walk.stop();
    this.#met.clear();
    this.#told.clear();
    this.unreported.clear();
  }

  /** Goes on. */
  tick(): void {
    // What the walk before has found was said at the beginning of this turn's end.
    this.unreported.say((node) => this.#isBeingTold(node));
    if (!this.#walk.isDue) return;
    if (this.#walk.isAtStart) {
      this.#told = this.#met;
      this.#met = new Set();
    }
    const { nowMs } = this.#world.host;
    this.#readyAtMs = nowMs;
    if (this.#walk.proceed()) this.#endedAtMs = nowMs;
  }

  get #mayReport(): boolean {
    return this.unreported.isDue && !this.#walk.isDue;
  }

  #isBeingTold(node: number): boolean {
    return this.#walk.isDue && (this.#met.has(node) || this.#told.has(node));
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
