/**
 * The market: as an owner of queues, this node brings those who wait together with those who have.
 *
 * Both owners of a queue are told the same; the first live one acts. Each node that wants jobs is
 * granted to one source that has some, to more if that one has too few. When nobody has any, those who
 * had some lately are told in advance, so that the next job needs no detour. A source may be granted
 * to several: it sends no more than it has.
 *
 * All of this is a memory of what others said, and may be wrong: nobody loses more than time by it.
 */

import { OWN_INDEX } from "../../nodes.ts";
import type { JobsWorld } from "../jobs-world.ts";
import { IdleMarkets } from "./idle-markets.ts";
import type { Mail } from "./mail.ts";
import { type Trade, UNKNOWN } from "./trade.ts";
import type { Trades } from "./trades.ts";

/**
 * Queues with a market here; those that are merely remembered go first. Who waits for further ones
 * finds jobs by asking all nodes.
 */
const MARKETS_MAX = 200_000;
/** Nodes that had jobs of a queue are remembered for so long, and so many of them. */
const PRODUCER_MS = 300_000;
const PRODUCERS_MAX = 8;
/** So many of them are told in advance of somebody who waits. */
const ADVANCE_GRANTS_MAX = 3;

/** A market with a source, on the heap; measured. */
export const MARKET_BYTES = 400;

interface Grantee {
  readonly node: number;
  /** The number that was said last; UNKNOWN when it is to be said again. */
  credits: number;
}

interface Want {
  readonly node: number;
  credits: number;
  readonly grantees: Grantee[];
}

interface Source {
  readonly node: number;
  /** A power of ten, or 0. */
  jobs: number;
  /** When it had some, monotonic ms. */
  hadAtMs: number;
}

/** What others said of one queue. */
export class Market {
  readonly trade: Trade;
  readonly wants: Want[] = [];
  readonly sources: Source[] = [];
  /** Where the search for a source begins. */
  turn = 0;
  /** Links of the list of idle ones (idle-markets.ts). */
  isIdle = false;
  idlePrevious: Market | undefined = undefined;
  idleNext: Market | undefined = undefined;

  constructor(trade: Trade) {
    this.trade = trade;
  }
}

/** The owner's side of all trades. */
export class MarketHall {
  readonly #world: JobsWorld;
  readonly #trades: Trades;
  readonly #mail: Mail;
  readonly #marketsMax: number;
  readonly #idle = new IdleMarkets();
  #count = 0;

  /** @param marketsMax for tests */
  constructor(world: JobsWorld, trades: Trades, mail: Mail, marketsMax = MARKETS_MAX) {
    this.#marketsMax = marketsMax;
    this.#world = world;
    this.#trades = trades;
    this.#mail = mail;
  }

  /** Queues with a market here. */
  get count(): number {
    return this.#count;
  }

  /** A node waits for so many jobs. Saying the same again means that it was not served. */
  wanted(trade: Trade, node: number, credits: number): void {
    const market = this.#marketOf(trade, credits > 0);
    if (market === undefined) return;
    this.#trades.markDue(trade);
    const known = market.wants.find((want) => want.node === node);
    if (known === undefined) {
      if (credits > 0) market.wants.push({ node, credits, grantees: [] });
      return;
    }
    if (credits === known.credits) doubtAll(known);
    known.credits = credits;
    if (credits > 0) return;
    for (const grantee of known.grantees) this.#say(trade, grantee, node, 0);
    market.wants.splice(market.wants.indexOf(known), 1);
  }

  /** The node gave a job back, and will say what it wants from now on. */
  refused(trade: Trade, node: number): void {
    if (trade.market?.wants.some((want) => want.node === node)) this.wanted(trade, node, 0);
  }

  /** A node has so many jobs that nobody there waits for. */
  has(trade: Trade, node: number, jobs: number): void {
    const market = this.#marketOf(trade, jobs > 0);
    if (market === undefined) return;
    this.#trades.markDue(trade);
    const source = sourceOf(market, node);
    // It had nothing to give, and has more than it was asked for: whatever it was granted is used up.
    if (source.jobs === 0 && jobs > 0) this.doubt(trade, node);
    source.jobs = jobs;
    source.hadAtMs = this.#world.host.nowMs;
  }

  /** Grants what can be granted. */
  review(trade: Trade): void {
    const { market } = trade;
    if (market === undefined) return;
    this.#forgetOldProducers(market);
    if (market.wants.length === 0 && market.sources.length === 0) {
      this.#close(trade);
    } else if (market.wants.length === 0 && market.sources.every(({ jobs }) => jobs === 0)) {
      this.#idle.add(market);
    } else if (this.#trades.ownersOf(trade)[0] === OWN_INDEX) {
      for (const want of market.wants) this.#serve(trade, market, want);
    }
  }

  /** When something is to be forgotten, monotonic ms. */
  nextMoment(trade: Trade): number {
    let atMs = Number.POSITIVE_INFINITY;
    for (const { jobs, hadAtMs } of trade.market?.sources ?? []) {
      if (jobs === 0) atMs = Math.min(atMs, hadAtMs + PRODUCER_MS);
    }
    return atMs;
  }

  /** The node has started again, or is gone: what it said and was told is void. */
  forget(trade: Trade, node: number): void {
    const { market } = trade;
    if (market === undefined) return;
    dropFrom(market.wants, node);
    dropFrom(market.sources, node);
    for (const want of market.wants) dropFrom(want.grantees, node);
    this.#trades.markDue(trade);
  }

  /** Nobody knows what of the grants has arrived there. */
  doubt(trade: Trade, node: number): void {
    for (const { grantees } of trade.market?.wants ?? []) {
      for (const grantee of grantees) if (grantee.node === node) grantee.credits = UNKNOWN;
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#world.broker.otherBytes -= this.#count * MARKET_BYTES;
    this.#count = 0;
    this.#idle.clear();
  }

  #marketOf(trade: Trade, isNeeded: boolean): Market | undefined {
    if (trade.market !== undefined) {
      if (isNeeded) this.#idle.remove(trade.market);
    } else if (isNeeded && this.#hasRoom()) {
      trade.market = new Market(trade);
      this.#count++;
      this.#world.broker.otherBytes += MARKET_BYTES;
    }
    return trade.market;
  }

  #hasRoom(): boolean {
    if (this.#count < this.#marketsMax) return true;
    const longestIdle = this.#idle.first;
    if (longestIdle === undefined) return false;
    this.#close(longestIdle);
    this.#trades.markDue(longestIdle);
    return true;
  }

  #close(trade: Trade): void {
    if (trade.market !== undefined) this.#idle.remove(trade.market);
    trade.market = undefined;
    this.#count--;
    this.#world.broker.otherBytes -= MARKET_BYTES;
  }

  /** Sources that have jobs first; where there are none, those who may have some next. */
  #serve(trade: Trade, market: Market, want: Want): void {
    let missing = want.credits;
    let hasSource = false;
    const { sources, turn } = market;
    for (const isGranted of [true, false]) {
      for (let i = 0; i < sources.length && missing > 0; i++) {
        const at = (turn + i) % sources.length;
        const source = sources[at] as Source;
        if (source.jobs === 0 || !this.#canServe(source, want)) continue;
        if (isGranted !== isGrantee(want, source.node)) continue;
        if (!isGranted) market.turn = at + 1;
        this.#grant(trade, want, source.node);
        hasSource = true;
        missing -= source.jobs;
      }
    }
    if (!hasSource) this.#grantInAdvance(trade, market, want);
  }

  #grantInAdvance(trade: Trade, market: Market, want: Want): void {
    const recent = market.sources.filter((source) => this.#canServe(source, want));
    recent.sort((a, b) => b.hadAtMs - a.hadAtMs);
    for (const { node } of recent.slice(0, ADVANCE_GRANTS_MAX)) this.#grant(trade, want, node);
  }

  #canServe(source: Source, want: Want): boolean {
    const { node } = source;
    return node !== want.node && (node === OWN_INDEX || this.#world.nodes.isLinked(node));
  }

  #grant(trade: Trade, want: Want, node: number): void {
    if (node === OWN_INDEX) return;
    let grantee = want.grantees.find((other) => other.node === node);
    if (grantee === undefined) {
      grantee = { node, credits: 0 };
      want.grantees.push(grantee);
    }
    if (grantee.credits !== want.credits) this.#say(trade, grantee, want.node, want.credits);
  }

  #say(trade: Trade, grantee: Grantee, wanting: number, credits: number): void {
    grantee.credits = this.#mail.grant(grantee.node, trade, wanting, credits);
  }

  #forgetOldProducers(market: Market): void {
    const { sources } = market;
    const sinceMs = this.#world.host.nowMs - PRODUCER_MS;
    for (let at = sources.length - 1; at >= 0; at--) {
      const source = sources[at] as Source;
      if (source.jobs === 0 && source.hadAtMs <= sinceMs) sources.splice(at, 1);
    }
    while (sources.length > PRODUCERS_MAX) {
      const idle = sources.filter((source) => source.jobs === 0);
      if (idle.length === 0) return;
      const oldest = idle.reduce((a, b) => (b.hadAtMs < a.hadAtMs ? b : a));
      sources.splice(sources.indexOf(oldest), 1);
    }
  }
}

function sourceOf(market: Market, node: number): Source {
  let source = market.sources.find((other) => other.node === node);
  if (source === undefined) {
    source = { node, jobs: 0, hadAtMs: 0 };
    market.sources.push(source);
  }
  return source;
}

/** This node needs no grant: whoever wants jobs has told it so (supply.ts). */
function isGrantee(want: Want, node: number): boolean {
  if (node === OWN_INDEX) return true;
  return want.grantees.some((grantee) => grantee.node === node && grantee.credits !== UNKNOWN);
}

function doubtAll(want: Want): void {
  for (const grantee of want.grantees) grantee.credits = UNKNOWN;
}

function dropFrom(list: { readonly node: number }[], node: number): void {
  const at = list.findIndex((item) => item.node === node);
  if (at >= 0) list.splice(at, 1);
}
