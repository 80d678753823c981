/**
 * Which queues concern other nodes, as far as their changes tell: those with jobs, or with clients who wait.
 *
 * Queues note their changes only while there are other nodes. What is done for a queue then is decided where
 * its trade is reviewed (lending.ts).
 */
import type { Queue } from "../../../core/queue.ts";
import type { JobsWorld } from "../jobs-world.ts";
import type { MarketHall } from "./market.ts";
import { noteQueuesInUse, sumOfPartners } from "./partners.ts";
import type { Trades } from "./trades.ts";

/** Marks the trades of changed queues. */
export class QueueNotices {
  readonly #world: JobsWorld;
  readonly #trades: Trades;
  readonly #market: MarketHall;
  /** Sums up who can be dealt with. */
  #partners = 0;

  constructor(world: JobsWorld, trades: Trades, market: MarketHall) {
    this.#world = world;
    this.#trades = trades;
    this.#market = market;
  }

  /** Others may have come or gone. */
  noticePartners(): void {
    const { nodes, broker } = this.#world;
    const partners = sumOfPartners(nodes);
    if (partners === this.#partners) return;
    this.#partners = partners;
    const hasOthers = nodes.others().next().done !== true;
    if (broker.queues.notesChanges !== hasOthers) this.#setNotesChanges(hasOthers);
    this.#trades.membersChanged();
  }

  /** Queues have other jobs, or others wait. Most have neither, and need no trade. */
  noticeChanges(): void {
    for (const queue of this.#world.broker.queues.takeChanges()) this.#noticeChange(queue);
  }

  #noticeChange(queue: Queue): void {
    if (this.#world.broker.queues.at(queue.number) !== queue) return;
    const isWanting = queue.waiterCount > 0 || queue.length > 0;
    const trade = isWanting ? this.#trades.of(queue) : this.#trades.at(queue);
    if (trade !== undefined) this.#trades.markDue(trade);
  }

  #setNotesChanges(notesChanges: boolean): void {
    const { queues } = this.#world.broker;
    queues.notesChanges = notesChanges;
    if (notesChanges) noteQueuesInUse(queues);
    else {
      this.#trades.clear();
      this.#market.clear();
    }
  }
}
