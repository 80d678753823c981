/**
 * What this node knows and has said about one queue, as far as other nodes are concerned.
 *
 * There is a trade for every queue for which somebody waits here although there is nothing, which has
 * jobs here that nobody waits for, or which this node owns for such nodes. It is a record without
 * decisions: demand.ts writes the waiting side, supply.ts that with the jobs, market.ts the owner's.
 */
import type { Queue } from "../../../core/queue.ts";
import type { ImportRate } from "./imports.ts";
import type { Market } from "./market.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** Said of a number of which nobody knows whether it arrived: it is said again, whatever it is. */
export const UNKNOWN = -1;

/** What another node was told of the jobs that clients here wait for. */
export interface ToldWant {
  readonly node: number;
  /** The number that was said last; UNKNOWN. */
  said: number;
  /** The same without the jobs that came from there since: at least so many it may still send. */
  left: number;
  /** When jobs came from there, monotonic ms; -Infinity: never. */
  pushedAtMs: number;
}

/** What an owner was told of the jobs that are here. */
export interface ToldHave {
  readonly node: number;
  /** A power of ten, 0, or UNKNOWN. */
  said: number;
}

/** So many jobs a node wants, as it says itself or as an owner of the queue says for it. */
export interface Grant {
  readonly node: number;
  /** Who said it. */
  readonly via: number;
  credits: number;
}

/** All about one queue. */
export class Trade {
  readonly name: Buffer;
  /** Keyed hash of the name (trades.ts). */
  readonly hash: number;
  /** The queue when it was last looked for; it may be gone or made anew since. */
  queue: Queue | undefined = undefined;
  nextInBucket: Trade | undefined = undefined;
  /** Place among all trades (trades.ts). */
  bagIndex = -1;
  /** It is looked at in this turn. */
  isDue = false;
  /** The next moment of its own, monotonic ms. */
  wakeAtMs = NEVER;
  heapIndex = -1;
  /** The live owners, first one first, as of a version of the members. */
  owners: readonly number[] = [];
  ownersVersion = -1;

  readonly wants: ToldWant[] = [];
  /** Jobs that clients who asked without waiting would take, until that moment. */
  pollCredits = 0;
  pollUntilMs = 0;
  /** Jobs in the queue that came for those, and stay for a while. */
  lodgers = 0;
  /** When those who think that somebody waits here are told that it is not so. */
  zeroWantAtMs = NEVER;
  /** When all nodes are asked, because nothing comes. */
  askAllAtMs = NEVER;
  askedAll = 0;
  /** A job came for nobody: what others think is too much. */
  mustCorrect = false;
  imports: ImportRate | undefined = undefined;

  readonly haves: ToldHave[] = [];
  readonly grants: Grant[] = [];
  /** Which node is served next. */
  nextGrant = 0;
  /** When those who think that there are jobs here are told that it is not so. */
  zeroHaveAtMs = NEVER;
  /** When more jobs are pushed: in the next turn, or when answers are missing for too long. */
  retryPushAtMs = NEVER;
  /** When it is tried again to say what a congested node was not told. */
  retrySayAtMs = NEVER;

  market: Market | undefined = undefined;

  constructor(name: Buffer, hash: number) {
    this.name = name;
    this.hash = hash;
  }

  /** Whether there is nothing to remember. */
  get isIdle(): boolean {
    return (
      this.wants.length === 0 &&
      this.haves.length === 0 &&
      this.grants.length === 0 &&
      this.market === undefined &&
      this.pollCredits === 0 &&
      this.lodgers === 0 &&
      !this.isDue
    );
  }
}
