/**
 * What all trades know of one node, when it is gone or started again, or something that was said may be lost.
 *
 * That costs as much as there are trades, and happens as often as links break for good.
 */
import type { Demand } from "./demand.ts";
import type { MarketHall } from "./market.ts";
import type { Supply } from "./supply.ts";
import type { Trades } from "./trades.ts";

/** Forgets and doubts. */
export class PartnerTrades {
  readonly #trades: Trades;
  readonly #demand: Demand;
  readonly #supply: Supply;
  readonly #market: MarketHall;

  constructor(trades: Trades, demand: Demand, supply: Supply, market: MarketHall) {
    this.#trades = trades;
    this.#demand = demand;
    this.#supply = supply;
    this.#market = market;
  }

  /** The node remembers nothing of what it was told, or is gone; what it said is void. */
  forget(node: number): void {
    for (const trade of this.#trades.values()) {
      this.#demand.forget(trade, node);
      this.#supply.forget(trade, node);
      this.#market.forget(trade, node);
      this.#trades.markDue(trade);
    }
  }

  /** Nobody knows what of that which was said to the node has arrived there. */
  doubt(node: number): void {
    for (const trade of this.#trades.values()) {
      this.#demand.doubt(trade, node);
      this.#supply.doubt(trade, node);
      this.#market.doubt(trade, node);
      this.#trades.markDue(trade);
    }
  }

  /** The node has sent jobs that nobody here got, and takes what is wanted here for less than it is. */
  doubtWants(node: number): void {
    for (const trade of this.#trades.values()) {
      this.#demand.doubt(trade, node);
      this.#trades.markDue(trade);
    }
  }

  /** What the node said may be lost. It says again what it wants and has, but not that this is nothing any more. */
  forgetWishes(node: number): void {
    for (const trade of this.#trades.values()) this.#market.forget(trade, node);
  }
}
