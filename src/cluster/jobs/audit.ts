/**
 * Asking keepers whether they are, after a node has forgotten its jobs.
 *
 * What that node said last may never have arrived: that it had become keeper of a job, or who had. Then
 * each holder believes that another one is the keeper, and all wait. So every copy is held up to its
 * keeper once, some time after the loss, when what could be put right without asking has been. That is
 * a few dozen bytes a copy, and there may be millions: they are spread over time. What the keeper, or
 * whoever is no keeper, makes of it stands in claims.ts.
 */
import type { Job } from "../../core/job.ts";
import { OWN_INDEX } from "../nodes.ts";
import type { JobsMachines, JobsWorld } from "./jobs-world.ts";
import { TokenBucket } from "./token-bucket.ts";
import { Walk } from "./walk.ts";

/** From the loss to the first question. */
const DELAY_MS = 5000;
const COPIES_PER_SECOND = 20_000;

const NEVER = Number.POSITIVE_INFINITY;

/** Holds copies up to their keepers. */
export class Audit {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #walk: Walk;
  readonly #tokens = new TokenBucket(COPIES_PER_SECOND);
  #beginAtMs = NEVER;
  #readyAtMs = NEVER;

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    this.#walk = new Walk(world.broker.jobs, (job) => this.#visit(job));
  }

  /** Monotonic ms at which `tick` has work. */
  get nextWakeAtMs(): number {
    return Math.min(this.#beginAtMs, this.#walk.isDue ? this.#readyAtMs : NEVER);
  }

  /** A node has forgotten its jobs. */
  begin(): void {
    this.#beginAtMs = this.#world.host.nowMs + DELAY_MS;
  }

  /** All jobs are gone. */
  stop(): void {
    this.#beginAtMs = NEVER;
    this.#walk.stop();
  }

  /** Goes on. */
  tick(): void {
    const { nowMs } = this.#world.host;
    if (this.#beginAtMs <= nowMs) {
      this.#beginAtMs = NEVER;
      this.#walk.ask();
    }
    if (!this.#walk.isDue) return;
    this.#readyAtMs = nowMs;
    this.#walk.proceed();
  }

  /** False: that is enough for now. */
  #visit(job: Job): boolean {
    const { broker, nodes, host } = this.#world;
    if (!broker.roles.isCopy(job)) return true;
    const keeper = broker.roles.list(job)[0] ?? OWN_INDEX;
    if (keeper === OWN_INDEX || !nodes.isLive(keeper)) return true;
    this.#readyAtMs = this.#tokens.readyAtMs(host.nowMs);
    if (this.#readyAtMs > host.nowMs) return false;
    this.#tokens.take(1, host.nowMs);
    this.#machines.askKeeper(job);
    return true;
  }
}
