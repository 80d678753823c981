/**
 * Supply: jobs of this node that nobody waits for here, and who gets them.
 *
 * Jobs go where they are wanted at the end of every turn, oldest first, as many as were granted: by
 * an owner of the queue, or by the node itself that wants them. What is left then, the owners are
 * told. They are not told of every coming and going: a number is a power of ten, and that there is
 * nothing any more is said at once only while somebody still wants something.
 *
 * Clients of this node come first. A job that is lent stays this node's until it comes back or is
 * acknowledged; one that is delivered at most once is given away for good (loans.ts).
 */
import { type Job, JobFlag } from "../../../core/job.ts";
import type { Queue } from "../../../core/queue.ts";
import { OWN_INDEX } from "../../nodes.ts";
import { CONGESTION_LOOK_MS, type JobsMachines, type JobsWorld } from "../jobs-world.ts";
import { FLOW_PATIENCE_MS, type Flow } from "./flow.ts";
import type { Mail } from "./mail.ts";
import type { MarketHall } from "./market.ts";
import { type Grant, type ToldHave, type Trade, UNKNOWN } from "./trade.ts";
import type { Trades } from "./trades.ts";

const NEVER = Number.POSITIVE_INFINITY;
/** Owners learn so late that nothing is here any more. */
const ZERO_AFTER_MS = 1000;
/** Jobs of one queue that leave in one turn. */
const PUSHES_PER_TURN = 5000;
const BUCKET_FACTOR = 10;

/** The side of the jobs of all trades. */
export class Supply {
  readonly #world: JobsWorld;
  readonly #machines: Pick<JobsMachines, "isLentNow">;
  readonly #trades: Trades;
  readonly #mail: Mail;
  readonly #market: MarketHall;
  readonly #flow: Flow;
  /** Jobs pushed since the start. */
  pushed = 0;

  constructor(parts: {
    world: JobsWorld;
    machines: Pick<JobsMachines, "isLentNow">;
    trades: Trades;
    mail: Mail;
    market: MarketHall;
    flow: Flow;
  }) {
    this.#world = parts.world;
    this.#machines = parts.machines;
    this.#trades = parts.trades;
    this.#mail = parts.mail;
    this.#market = parts.market;
    this.#flow = parts.flow;
  }

  /** So many jobs are wanted by a node, as `via` says. */
  granted(trade: Trade, node: number, via: number, credits: number): void {
    if (node === OWN_INDEX) return;
    const { grants } = trade;
    const at = grants.findIndex((grant) => grant.node === node && grant.via === via);
    if (at >= 0 && credits === 0) grants.splice(at, 1);
    else if (at >= 0) (grants[at] as Grant).credits = credits;
    else if (credits > 0) grants.push({ node, via, credits });
    this.#trades.markDue(trade);
  }

  /** The node gave a job back: it wants no more for now. */
  refused(trade: Trade, node: number): void {
    forgetGrants(trade, (grant) => grant.node === node);
    this.#trades.markDue(trade);
  }

  /** Sends what is wanted, and says what is left. */
  review(trade: Trade): void {
    const queue = this.#trades.queueOf(trade);
    trade.retryPushAtMs = NEVER;
    if (queue !== undefined && trade.grants.length > 0) this.#push(trade, queue);
    this.#sayRest(trade, queue);
  }

  /** The next moment at which something is to be said or sent without anything happening. */
  nextMoment(trade: Trade): number {
    return Math.min(trade.zeroHaveAtMs, trade.retryPushAtMs);
  }

  /** The node remembers nothing, or is gone. */
  forget(trade: Trade, node: number): void {
    forgetGrants(trade, (grant) => grant.node === node || grant.via === node);
    const at = trade.haves.findIndex((have) => have.node === node);
    if (at >= 0) trade.haves.splice(at, 1);
  }

  /** Nobody knows what of what was said has arrived there. */
  doubt(trade: Trade, node: number): void {
    const have = trade.haves.find((other) => other.node === node);
    if (have !== undefined) have.said = UNKNOWN;
  }

  #push(trade: Trade, queue: Queue): void {
    const { broker } = this.#world;
    const movable = trade.lodgers > 0 ? this.#movable(trade, queue) : undefined;
    for (let sent = 0; sent < PUSHES_PER_TURN && offered(trade, queue) > 0; sent++) {
      const node = this.#nextNode(trade);
      if (node === OWN_INDEX) return;
      // Too many expired jobs stand in front: they are removed turn by turn.
      if (!broker.serving.mayGive(queue)) break;
      const job = movable === undefined ? queue.jobs.first() : movable[sent];
      if (job === undefined) return;
      this.#send(queue, node, job);
      takeCredit(trade, node);
    }
    // The rest follows in the next turn in which it may.
    if (offered(trade, queue) === 0) return;
    trade.retryPushAtMs = Math.max(this.#world.host.nowMs, broker.serving.closedUntilMs);
  }

  /** As many as are wanted, if there are, without those that stay for clients of this node. */
  #movable(trade: Trade, queue: Queue): Job[] {
    const { jobs, clock } = this.#world.broker;
    let wanted = 0;
    for (const { credits } of trade.grants) wanted += credits;
    const first = queue.jobs.oldest(trade.lodgers + Math.min(wanted, PUSHES_PER_TURN));
    return first.filter((job) => !jobs.hasFlag(job, JobFlag.isLodger) && !clock.isExpired(job));
  }

  #send(queue: Queue, node: number, job: Job): void {
    const { broker } = this.#world;
    broker.roles.lend(queue, node, job);
    this.#machines.isLentNow(job);
    this.#mail.push(node, job);
    this.#flow.sent(node, broker.jobs.bodyBytes(job));
    this.pushed++;
  }

  /** The next of those who want jobs and can be sent some, in turns; OWN_INDEX: nobody. */
  #nextNode(trade: Trade): number {
    const { grants } = trade;
    const { nodes } = this.#world;
    for (let i = 0; i < grants.length; i++) {
      const at = (trade.nextGrant + i) % grants.length;
      const { node } = grants[at] as Grant;
      // A node that is believed dead may be linked; a loan to it would be ended at once.
      if (!nodes.isLinked(node) || !nodes.isLive(node)) continue;
      if (this.#world.isCongested(node)) {
        trade.retryPushAtMs = this.#world.host.nowMs + CONGESTION_LOOK_MS;
        continue;
      }
      if (!this.#flow.isOpen(node)) {
        trade.retryPushAtMs = this.#world.host.nowMs + FLOW_PATIENCE_MS;
        continue;
      }
      trade.nextGrant = at + 1;
      return node;
    }
    return OWN_INDEX;
  }

  #sayRest(trade: Trade, queue: Queue | undefined): void {
    const count = offered(trade, queue);
    const owners = this.#trades.ownersOf(trade);
    if (count > 0) for (const owner of owners) toldHave(trade, owner);
    const now = this.#world.host.nowMs;
    const isMissed = trade.zeroHaveAtMs <= now || trade.grants.length > 0;
    let hasStale = false;
    for (const have of trade.haves) {
      if (!owners.includes(have.node)) {
        if (have.said !== 0) this.#say(trade, have, 0);
      } else if (count > 0) {
        if (isOutdated(have.said, count)) this.#say(trade, have, bucketOf(count));
      } else if (have.said !== 0) {
        if (isMissed) this.#say(trade, have, 0);
        else hasStale = true;
      }
    }
    if (!hasStale) trade.zeroHaveAtMs = NEVER;
    else if (trade.zeroHaveAtMs === NEVER) trade.zeroHaveAtMs = now + ZERO_AFTER_MS;
    removeAll(trade.haves, (have) => have.said === 0);
  }

  #say(trade: Trade, have: ToldHave, jobs: number): void {
    have.said = jobs;
    if (have.node === OWN_INDEX) this.#market.has(trade, OWN_INDEX, jobs);
    else have.said = this.#mail.have(have.node, trade, jobs);
  }
}

/** Jobs that others may have. */
function offered(trade: Trade, queue: Queue | undefined): number {
  if (queue === undefined || queue.isPausedOut || queue.waiterCount > 0) return 0;
  return Math.max(0, queue.length - trade.lodgers);
}

/** Whether a number that was said is too far from the truth; somewhat less is not worth a message. */
function isOutdated(said: number, count: number): boolean {
  return said <= 0 || count >= said * BUCKET_FACTOR || count * 2 < said;
}

/** The power of ten below. */
function bucketOf(count: number): number {
  let bucket = 1;
  while (bucket * BUCKET_FACTOR <= count) bucket *= BUCKET_FACTOR;
  return bucket;
}

function toldHave(trade: Trade, node: number): void {
  if (trade.haves.some((have) => have.node === node)) return;
  trade.haves.push({ node, said: 0 });
}

/** Whoever spoke for the node meant the same jobs. */
function takeCredit(trade: Trade, node: number): void {
  for (const grant of trade.grants) if (grant.node === node) grant.credits--;
  removeAll(trade.grants, (grant) => grant.credits <= 0);
}

function forgetGrants(trade: Trade, isVoid: (grant: Grant) => boolean): void {
  removeAll(trade.grants, isVoid);
  trade.nextGrant = 0;
}

function removeAll<T>(list: T[], isVoid: (item: T) => boolean): void {
  for (let at = list.length - 1; at >= 0; at--) if (isVoid(list[at] as T)) list.splice(at, 1);
}
