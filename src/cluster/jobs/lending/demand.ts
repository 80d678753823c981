/**
 * Demand: which jobs clients of this node wait for, and who was told.
 *
 * The owners of a queue are told, and whoever has sent jobs of it lately, so that a busy pair of nodes
 * needs nobody else. Numbers are absolute. They are said again when somebody may know too little:
 * every job that comes from a node is one that it still sends less. Who knows too much sends a job too
 * many, which goes back; so a smaller number is not worth a message, but for zero, and that is said
 * after a second, because most clients come back sooner.
 *
 * Owners make this fast, and nothing depends on them: who waits in vain asks all nodes after a while.
 */
import type { Queue } from "../../../core/queue.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsWorld } from "../jobs-world.ts";
import { IMPORT_MEMORY_MS, ImportRate } from "./imports.ts";
import type { Mail } from "./mail.ts";
import type { MarketHall } from "./market.ts";
import { type ToldWant, type Trade, UNKNOWN } from "./trade.ts";
import type { Trades } from "./trades.ts";

const NEVER = Number.POSITIVE_INFINITY;
/** Jobs of one queue that are asked for at once. */
const CREDITS_MAX = 1000;
/** Who asked without waiting gets jobs that come within this time, when it asks again. */
export const POLL_MS = 2000;
/** A node that sent jobs is asked directly for so long. */
const SOURCE_MS = 10_000;
/** How long nobody must wait before others are told. */
const ZERO_AFTER_MS = 1000;
/** All nodes are asked after so long without a job, then after twice as long, ... */
const ASK_ALL_MS = 2000;
/** ... but not more than this. */
const ASK_ALL_MS_MAX = 30_000;
const DOUBLINGS_MAX = 4;
/** The memory level at which jobs of other nodes are not asked for; */
const MEMORY_FULL = 3;
/** then it is looked at again and again. */
export const MEMORY_LOOK_MS = 1000;

/** The waiting side of all trades. */
export class Demand {
  readonly #world: JobsWorld;
  readonly #trades: Trades;
  readonly #mail: Mail;
  readonly #market: MarketHall;

  constructor(world: JobsWorld, trades: Trades, mail: Mail, market: MarketHall) {
    this.#world = world;
    this.#trades = trades;
    this.#mail = mail;
    this.#market = market;
  }

  /** A client asked without waiting, and found nothing. */
  polled(queue: Queue, count: number): void {
    const now = this.#world.host.nowMs;
    const trade = this.#trades.of(queue);
    const isFresh = trade.pollUntilMs > now;
    trade.pollCredits = Math.min(CREDITS_MAX, Math.max(isFresh ? trade.pollCredits : 0, count));
    trade.pollUntilMs = now + POLL_MS;
    this.#trades.markDue(trade);
  }

  /** A job came from there. */
  pushed(trade: Trade, node: number): void {
    const now = this.#world.host.nowMs;
    const want = toldWant(trade, node);
    if (want.left > 0) want.left--;
    want.pushedAtMs = now;
    trade.askAllAtMs = NEVER;
    trade.askedAll = 0;
    trade.imports ??= new ImportRate(now);
    trade.imports.add(now);
    this.#trades.markDue(trade);
  }

  /** A job came from there that nobody here can be given: it sends one less, and must hear again of who waits. */
  wasted(trade: Trade, node: number): void {
    toldWant(trade, node).said = UNKNOWN;
    this.#trades.markDue(trade);
  }

  /** A job came for nobody, and stays: what others think is wanted here is too much. */
  oversupplied(trade: Trade): void {
    this.#doubtOwners(trade);
    trade.mustCorrect = true;
    this.#trades.markDue(trade);
  }

  /** A job goes back to that node, which makes it forget what is wanted here. */
  givenBack(trade: Trade, node: number): void {
    toldWant(trade, node).said = UNKNOWN;
    this.oversupplied(trade);
  }

  /** Says what is to be said. */
  review(trade: Trade): void {
    const now = this.#world.host.nowMs;
    if (trade.pollUntilMs <= now) trade.pollCredits = 0;
    const balance = this.#balance(trade);
    const credits = Math.max(0, balance);
    // More stay here than anybody asked for, and they would go on coming until one goes back.
    if (trade.mustCorrect || balance < 0) this.#correct(trade, credits);
    trade.mustCorrect = false;
    if (credits > 0) this.#sayMore(trade, credits, now);
    else this.#sayNothing(trade, now);
    forgetOldSources(trade, now);
  }

  /** The next moment at which something is to be said without anything happening, monotonic ms. */
  nextMoment(trade: Trade): number {
    let atMs = Math.min(trade.zeroWantAtMs, trade.askAllAtMs);
    if (trade.pollCredits > 0) atMs = Math.min(atMs, trade.pollUntilMs);
    const { host, broker } = this.#world;
    const isShort = broker.memory.level >= MEMORY_FULL;
    if (isShort && this.#isWaitedFor(trade)) atMs = Math.min(atMs, host.nowMs + MEMORY_LOOK_MS);
    for (const want of trade.wants) {
      if (want.said === 0) atMs = Math.min(atMs, want.pushedAtMs + SOURCE_MS);
    }
    return atMs;
  }

  /** Nodes that sent jobs within the last seconds. */
  sources(trade: Trade): number[] {
    const sinceMs = this.#world.host.nowMs - IMPORT_MEMORY_MS;
    return trade.wants.filter((want) => want.pushedAtMs >= sinceMs).map((want) => want.node);
  }

  /** The node remembers nothing of what it was told, or is gone. */
  forget(trade: Trade, node: number): void {
    const at = trade.wants.findIndex((want) => want.node === node);
    if (at >= 0) trade.wants.splice(at, 1);
  }

  /** Nobody knows what of it has arrived there. */
  doubt(trade: Trade, node: number): void {
    const want = trade.wants.find((other) => other.node === node);
    if (want !== undefined) want.said = UNKNOWN;
  }

  /**
   * That nobody waits any more may have got lost on its way to an owner, and nothing was left here to say it again
   * for: it would have the same job sent here as often as that goes back.
   */
  #doubtOwners(trade: Trade): void {
    for (const owner of this.#trades.ownersOf(trade)) {
      const want = toldWant(trade, owner);
      if (want.said === 0) want.said = UNKNOWN;
    }
  }

  #isWaitedFor(trade: Trade): boolean {
    return (this.#trades.queueOf(trade)?.waiterCount ?? 0) > 0;
  }

  /** Jobs that clients here would take now, if there were some; below 0: so many stay that nobody asked for. */
  #balance(trade: Trade): number {
    const queue = this.#trades.queueOf(trade);
    const { broker } = this.#world;
    if (queue === undefined || queue.isPausedOut || broker.isLeaving) return 0;
    if (queue.length > trade.lodgers || broker.memory.level >= MEMORY_FULL) return 0;
    let credits = trade.pollCredits;
    for (let seat = queue.firstSeat; seat !== undefined; seat = seat.next) {
      if (credits >= CREDITS_MAX) break;
      credits += seat.waiter.jobsMax;
    }
    return Math.min(CREDITS_MAX, credits) - trade.lodgers;
  }

  /** Tells those who know of more that it is less. */
  #correct(trade: Trade, credits: number): void {
    for (const want of trade.wants) {
      if (want.said === UNKNOWN || want.said > credits) this.#say(trade, want, credits);
    }
  }

  #sayMore(trade: Trade, credits: number, now: number): void {
    trade.zeroWantAtMs = NEVER;
    for (const owner of this.#trades.ownersOf(trade)) toldWant(trade, owner);
    for (const want of trade.wants) {
      if (this.#knowsTooLittle(trade, want, credits, now)) this.#say(trade, want, credits);
    }
    if (trade.askAllAtMs === NEVER) {
      trade.askedAll = 0;
      trade.askAllAtMs = now + ASK_ALL_MS;
    } else if (trade.askAllAtMs <= now) {
      this.#askAll(trade, credits, now);
    }
  }

  #knowsTooLittle(trade: Trade, want: ToldWant, credits: number, now: number): boolean {
    if (want.said === UNKNOWN) return true;
    const isOwner = this.#trades.ownersOf(trade).includes(want.node);
    if (isOwner && want.said < credits) return true;
    return want.pushedAtMs > now - SOURCE_MS && want.left < credits;
  }

  #askAll(trade: Trade, credits: number, now: number): void {
    const { nodes } = this.#world;
    for (const node of nodes.others()) {
      if (nodes.isLinked(node)) this.#say(trade, toldWant(trade, node), credits);
    }
    trade.askedAll++;
    const doublings = Math.min(trade.askedAll, DOUBLINGS_MAX);
    trade.askAllAtMs = now + Math.min(ASK_ALL_MS_MAX, ASK_ALL_MS * 2 ** doublings);
  }

  #sayNothing(trade: Trade, now: number): void {
    trade.askAllAtMs = NEVER;
    if (!trade.wants.some((want) => want.said !== 0)) trade.zeroWantAtMs = NEVER;
    else if (trade.zeroWantAtMs === NEVER) trade.zeroWantAtMs = now + ZERO_AFTER_MS;
    else if (trade.zeroWantAtMs <= now) {
      trade.zeroWantAtMs = NEVER;
      for (const want of trade.wants) if (want.said !== 0) this.#say(trade, want, 0);
    }
  }

  #say(trade: Trade, want: ToldWant, credits: number): void {
    want.left = credits;
    want.said = credits;
    if (want.node === OWN_INDEX) this.#market.wanted(trade, OWN_INDEX, credits);
    else want.said = this.#mail.want(want.node, trade, credits);
  }
}

/** What the node was told, or that it was told nothing. */
function toldWant(trade: Trade, node: number): ToldWant {
  let want = trade.wants.find((other) => other.node === node);
  if (want === undefined) {
    want = { node, said: 0, left: 0, pushedAtMs: Number.NEGATIVE_INFINITY };
    trade.wants.push(want);
  }
  return want;
}

function forgetOldSources(trade: Trade, now: number): void {
  for (let at = trade.wants.length - 1; at >= 0; at--) {
    const want = trade.wants[at] as ToldWant;
    if (want.said === 0 && want.pushedAtMs <= now - SOURCE_MS) trade.wants.splice(at, 1);
  }
}
