/**
 * Pages of all queues of a node in some order.
 *
 * The order is found by a walk in slices, and the first rows of it are kept, so that a page costs what it
 * shows and not what there is. Whoever wants the same page while it is made, or within a second, gets the same one:
 * ten people who look at a node cost as much as one.
 */
import type { ServerState } from "../commands/server-state.ts";
import type { Queue } from "../core/queue.ts";
import { ApiError } from "./api-error.ts";
import { directionsOf, type QueueWish, queueTest, queueValue } from "./queue-order.ts";
import { QueueRates } from "./queue-rates.ts";
import { QUEUES_MAX, QUEUES_PER_SLICE, walkQueues } from "./queue-walk.ts";
import type { Slices } from "./slices.ts";
import { TopRows } from "./top-rows.ts";

/** A page is good for so long. */
const FRESH_MS = 1000;
/** Pages that are made or kept at the same time. */
const PAGES_MAX = 64;
/** Rows merged in one slice: half a millisecond. */
const ROWS_PER_SLICE = 1000;

/** A part of the order. */
export interface PageWish extends QueueWish {
  /** Rows before it. */
  readonly offset: number;
  readonly count: number;
}

/** What was found. */
export interface QueuePage {
  readonly queues: readonly Queue[];
  /** Queues that were meant, on this page or not. */
  readonly found: number;
  /** There are more queues than were looked at. */
  readonly isPartial: boolean;
}

interface KeptPage {
  readonly page: Promise<QueuePage>;
  freshUntilMs: number;
}

/** Pages of one node. */
export class QueueRanking {
  readonly rates = new QueueRates();
  readonly #server: ServerState;
  readonly #slices: Slices;
  readonly #kept = new Map<string, KeptPage>();

  constructor(server: ServerState, slices: Slices) {
    this.#server = server;
    this.#slices = slices;
  }

  /** A page; throws an ApiError when too many different ones are wanted. */
  take(wish: PageWish): Promise<QueuePage> {
    const { nowMs } = this.#server.host;
    for (const [key, { freshUntilMs }] of this.#kept) {
      if (freshUntilMs <= nowMs) this.#kept.delete(key);
    }
    const { order, isDescending, only, contains, offset, count } = wish;
    const name = contains?.toString("latin1");
    const key = JSON.stringify([order, isDescending, only, name, offset, count]);
    const known = this.#kept.get(key);
    if (known !== undefined) return known.page;
    if (this.#kept.size >= PAGES_MAX) {
      throw new ApiError(503, "BUSY", "Too many lists of queues are being made, try again.");
    }
    const page = this.#make(wish).finally(() => {
      // What is made in one slice costs as little again, and is newer then.
      const isCheap = this.#server.broker.queues.numberLimit <= QUEUES_PER_SLICE;
      kept.freshUntilMs = isCheap ? 0 : this.#server.host.nowMs + FRESH_MS;
    });
    const kept: KeptPage = { page, freshUntilMs: Number.POSITIVE_INFINITY };
    this.#kept.set(key, kept);
    return page;
  }

  async #make(wish: PageWish): Promise<QueuePage> {
    const { broker, host } = this.#server;
    const end = wish.offset + wish.count;
    const top = new TopRows<Queue>(end, directionsOf(wish));
    const isMeant = queueTest(wish);
    const decides = queueValue(wish.order, this.#server, this.rates);
    const noting = this.rates.begin(host.nowMs, Math.min(broker.queues.numberLimit, QUEUES_MAX));
    let found = 0;
    const isWhole = await walkQueues(this.#server, this.#slices, (queue) => {
      noting?.take(queue, host.nowMs);
      if (!isMeant(queue)) return;
      found++;
      top.offer(queue, decides(queue), queue.name);
    });
    noting?.end();
    while (!top.merge(ROWS_PER_SLICE)) await this.#slices.next();
    return { queues: top.rows.slice(wish.offset), found, isPartial: !isWhole };
  }
}
