/**
 * Asking keepers whether they are, and who has copies, when what they said last may not be known here.
 *
 * What a node said before it forgot its jobs, or died, may never have arrived: that it had become keeper of a job,
 * or who had. Then each holder believes that another one is the keeper, and all wait. So every copy is
 * held up to its keeper once, some time after the loss, when what could be put right without asking has
 * been. That also brings the new copies of a node back into lists from which its old ones were taken.
 *
 * What was borrowed is held up as well, to the lender or to who comes next in its list: the loan may
 * have been forgotten with the lender, and what became of the job since is not told to who is no holder.
 *
 * A keeper may also name a holder that is no member here, because it has just joined. Such a list is
 * stored without it, and the copies of that keeper are held up to it as soon as another node appears.
 *
 * That is a few dozen bytes a copy, and there may be millions: they are spread over time. What the
 * keeper, or whoever is no keeper, makes of it stands in claims.ts.
 */
import type { Job } from "../../../core/job.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { TokenBucket } from "./token-bucket.ts";
import { Walk } from "./walk.ts";

/** From what has happened to the first question. */
const DELAY_MS = 1000;
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
  /** Keepers whose lists are not known whole, and whether everybody is to be asked. */
  #doubtful = new Set<number>();
  #hasLoss = false;
  /** The same for the walk that is under way. */
  #asked: ReadonlySet<number> = this.#doubtful;
  #asksAll = false;

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    this.#walk = new Walk(world.broker.jobs, (job) => this.#visit(job));
  }

  /** Monotonic ms at which `tick` has work. */
  get nextWakeAtMs(): number {
    return Math.min(this.#beginAtMs, this.#walk.isDue ? this.#readyAtMs : NEVER);
  }

  /** A node has forgotten its jobs, or is dead for so long that it is not waited for. */
  begin(): void {
    this.#hasLoss = true;
    this.#beginAtMs = this.#world.host.nowMs + DELAY_MS;
  }

  /** A keeper has named holders that are no members here. */
  doubt(keeper: number): void {
    this.#doubtful.add(keeper);
  }

  /** A node can be spoken to from now on: it may be one that was named before. */
  peerUp(): void {
    if (this.#doubtful.size > 0) this.#beginAtMs = this.#world.host.nowMs + DELAY_MS;
  }

  /** Its index will be another node's. */
  peerRemoved(node: number): void {
    this.#doubtful.delete(node);
  }

  /** All jobs are gone. */
  stop(): void {
    this.#beginAtMs = NEVER;
    this.#walk.stop();
    this.#doubtful.clear();
    this.#hasLoss = false;
  }

  /** Goes on. */
  tick(): void {
    const { nowMs } = this.#world.host;
    if (this.#beginAtMs <= nowMs) {
      this.#beginAtMs = NEVER;
      this.#walk.ask();
    }
    if (!this.#walk.isDue) return;
    if (this.#walk.isAtStart) this.#start();
    this.#readyAtMs = nowMs;
    this.#walk.proceed();
  }

  /** What comes to be in doubt from now on is for the next walk. */
  #start(): void {
    this.#asked = this.#doubtful;
    this.#asksAll = this.#hasLoss;
    this.#doubtful = new Set();
    this.#hasLoss = false;
  }

  /** False: that is enough for now. */
  #visit(job: Job): boolean {
    const { broker, nodes, host } = this.#world;
    if (!broker.roles.isCopy(job) && !broker.roles.isBorrowed(job)) return true;
    const keeper = broker.roles.list(job)[0] ?? OWN_INDEX;
    if (keeper === OWN_INDEX || !nodes.isLive(keeper)) return true;
    if (!this.#asksAll && !this.#asked.has(keeper)) return true;
    this.#readyAtMs = this.#tokens.readyAtMs(host.nowMs);
    if (this.#readyAtMs > host.nowMs) return false;
    this.#tokens.take(1, host.nowMs);
    this.#machines.askKeeper(job);
    return true;
  }
}
