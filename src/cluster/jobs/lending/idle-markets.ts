/**
 * Markets that only remember who had jobs, longest idle first: those that may be forgotten for others.
 *
 * A linked list through the markets themselves: they come and go with every job of a quiet queue.
 */
import type { Market } from "./market.ts";
import type { Trade } from "./trade.ts";

/** The list. */
export class IdleMarkets {
  #first: Market | undefined;
  #last: Market | undefined;

  /** The trade whose market has been idle for longest. */
  get first(): Trade | undefined {
    return this.#first?.trade;
  }

  /** Nobody wants anything there, and nobody has anything. */
  add(market: Market): void {
    if (market.isIdle) return;
    market.isIdle = true;
    market.idlePrevious = this.#last;
    if (this.#last === undefined) this.#first = market;
    else this.#last.idleNext = market;
    this.#last = market;
  }

  /** It is used again, or closed. */
  remove(market: Market): void {
    if (!market.isIdle) return;
    if (market.idlePrevious === undefined) this.#first = market.idleNext;
    else market.idlePrevious.idleNext = market.idleNext;
    if (market.idleNext === undefined) this.#last = market.idlePrevious;
    else market.idleNext.idlePrevious = market.idlePrevious;
    market.idlePrevious = undefined;
    market.idleNext = undefined;
    market.isIdle = false;
  }

  clear(): void {
    this.#first = undefined;
    this.#last = undefined;
  }
}
