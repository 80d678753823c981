/**
 * Walks over all jobs, each of which tells one node what this one has.
 *
 * One node is told after the other: all share so many jobs a second, and who is told first is in doubt no
 * longer than it must be. A node that does not get rid of what it was sent holds up its own walk only. Who
 * waits for the end of one hears from time to time that it goes on: there may be millions of jobs.
 */
import type { Job } from "../../../core/job.ts";
import { CONGESTION_LOOK_MS, type JobsMachines, type JobsWorld } from "../jobs-world.ts";
import { TokenBucket } from "./token-bucket.ts";
import { Walk } from "./walk.ts";

const JOBS_PER_SECOND = 20_000;
/** What was said longer ago than that has arrived, if the link has not broken since. */
const ON_ITS_WAY_MS_MIN = 10_000;
/** How often a node hears that it is being told: often enough for who loses patience (unreported.ts). */
const TELLING_EVERY_MS = 60_000;

const NEVER = Number.POSITIVE_INFINITY;

/** Who is being told, and who was, in this process. Nodes are members: there is one walk each. */
export class Tellings {
  readonly #world: JobsWorld;
  readonly #machines: Pick<JobsMachines, "showTo">;
  readonly #tokens: TokenBucket;
  /** By node, in the order in which they are told. */
  readonly #walks = new Map<number, Walk>();
  /** When nodes were told the last of all, monotonic ms; Infinity: it waits for a link. */
  readonly #toldAtMs = new Map<number, number>();
  #readyAtMs = NEVER;
  #sayAtMs = NEVER;

  constructor(
    world: JobsWorld,
    machines: Pick<JobsMachines, "showTo">,
    jobsPerSecond = JOBS_PER_SECOND,
  ) {
    this.#world = world;
    this.#machines = machines;
    this.#tokens = new TokenBucket(jobsPerSecond);
  }

  /** Nodes that have not been told all that they are to be. */
  get nodes(): readonly number[] {
    return [...this.#walks.keys()];
  }

  /** Monotonic ms at which there is something to do. */
  get nextWakeAtMs(): number {
    return this.#walks.size === 0 ? NEVER : Math.min(this.#readyAtMs, this.#sayAtMs);
  }

  isUnderWay(node: number): boolean {
    return this.#walks.has(node);
  }

  /** Whether a node was told all that this one had then. */
  isDone(node: number): boolean {
    return this.#toldAtMs.has(node);
  }

  /** Whether a node that is not being told any more may not have got all of it yet. */
  isOnItsWay(node: number): boolean {
    const toldAtMs = this.#toldAtMs.get(node) ?? Number.NEGATIVE_INFINITY;
    return this.#world.host.nowMs < toldAtMs + this.#onItsWayMs;
  }

  /** When a node has got all that it was told, monotonic ms; Infinity: it has not been told all. */
  arrivedAtMs(node: number): number {
    return (this.#toldAtMs.get(node) ?? NEVER) + this.#onItsWayMs;
  }

  /** A node cannot be spoken to: what may be on its way waits, and is lost if this process ends meanwhile. */
  peerDown(node: number): void {
    if (this.isOnItsWay(node)) this.#toldAtMs.set(node, NEVER);
  }

  /** A node can be spoken to; whether something has waited for that. */
  peerUp(node: number): boolean {
    if (this.#toldAtMs.get(node) !== NEVER) return false;
    this.#toldAtMs.set(node, this.#world.host.nowMs);
    return true;
  }

  /** A node is to be told all, and hears so before anything else. */
  begin(node: number): void {
    const { host, broker } = this.#world;
    if (this.#walks.size === 0) this.#sayAtMs = host.nowMs + TELLING_EVERY_MS;
    const walk = new Walk(broker.jobs, (job) => this.#visit(job, node));
    walk.ask();
    this.#toldAtMs.delete(node);
    this.#walks.set(node, walk);
    this.#readyAtMs = host.nowMs;
    this.#world.tell(node, { type: "telling" });
  }

  /** What a node was told does not count. */
  forget(node: number): void {
    this.#walks.delete(node);
    this.#toldAtMs.delete(node);
  }

  /** All jobs are gone. */
  clear(): void {
    this.#walks.clear();
    this.#toldAtMs.clear();
  }

  /** Tells whoever waits that it goes on, if it is time for that; shows them. */
  sayOn(visit: (node: number) => void): void {
    const { host } = this.#world;
    if (this.#walks.size === 0 || host.nowMs < this.#sayAtMs) return;
    this.#sayAtMs = host.nowMs + TELLING_EVERY_MS;
    for (const node of this.#walks.keys()) {
      // With this one it does not go on.
      if (this.#world.isCongested(node)) continue;
      this.#world.tell(node, { type: "telling" });
      visit(node);
    }
  }

  /** Goes on with the first node that gets rid of what it is sent; whether that one has been told all now. */
  proceed(): boolean {
    if (this.#walks.size === 0) return false;
    const { nowMs } = this.#world.host;
    for (const [node, walk] of this.#walks) {
      if (this.#world.isCongested(node)) continue;
      this.#readyAtMs = nowMs;
      if (!walk.proceed()) return false;
      this.#walks.delete(node);
      this.#toldAtMs.set(node, nowMs);
      return true;
    }
    this.#readyAtMs = nowMs + CONGESTION_LOOK_MS;
    return false;
  }

  /** A link that brings nothing is noticed to be broken within the node timeout. */
  get #onItsWayMs(): number {
    return Math.max(ON_ITS_WAY_MS_MIN, this.#world.nodeTimeoutMs);
  }

  /** False: that is enough for now. */
  #visit(job: Job, node: number): boolean {
    const { broker, host } = this.#world;
    const isHolder = broker.roles.isOwn(job) || broker.roles.isCopy(job);
    if (broker.roles.isAcked(job) || !isHolder) return true;
    this.#readyAtMs = this.#tokens.readyAtMs(host.nowMs);
    if (this.#readyAtMs > host.nowMs || this.#world.isCongested(node)) return false;
    this.#tokens.take(1, host.nowMs);
    this.#machines.showTo(job, node);
    return true;
  }
}
