/**
 * Pages of all queues of a node in some order.
 *
 * The order is found by a walk in slices, and the first rows of it are kept, so that a page costs what it
 * shows and not what there is. Whoever wants the same page while it is made, or within some seconds, gets the same one:
 * ten people who look at a node cost as much as one.
 */
import type { ServerState } from "../commands/server-state.ts";
import type { Queue } from "../core/queue.ts";
import { KeptPages } from "./kept-pages.ts";
import {
  directionsOf,
  type PageWish,
  pageKey,
  queueTest,
  queueValue,
  rowsWanted,
} from "./queue-order.ts";
import { QueueRates } from "./queue-rates.ts";
import { QUEUES_MAX, QUEUES_PER_SLICE, walkIsGoodForMs, walkQueues } from "./queue-walk.ts";
import type { Slices } from "./slices.ts";
import { TopRows } from "./top-rows.ts";

/** A page is good for so long at least. */
const FRESH_MS = 1000;
/** Pages that are made or kept at the same time. */
const PAGES_MAX = 64;
/** Rows merged in one slice: half a millisecond. */
const ROWS_PER_SLICE = 1000;

/** What was found. */
export interface QueuePage {
  readonly queues: readonly Queue[];
  /** Queues that were meant, on this page or not. */
  readonly found: number;
  /** There are more queues than were looked at. */
  readonly isPartial: boolean;
}

/** Pages of one node. */
export class QueueRanking {
  readonly rates = new QueueRates();
  readonly #server: ServerState;
  readonly #slices: Pick<Slices, "next">;
  readonly #pages: KeptPages<QueuePage>;

  constructor(server: ServerState, slices: Pick<Slices, "next">) {
    this.#server = server;
    this.#slices = slices;
    this.#pages = new KeptPages(server.host, PAGES_MAX);
  }

  /** A page; throws an ApiError when too many different ones are wanted at once. */
  take(wish: PageWish): Promise<QueuePage> {
    const { queues } = this.#server.broker;
    // What is made in one slice costs as little again, and is newer then.
    const freshMs = (): number =>
      queues.numberLimit <= QUEUES_PER_SLICE ? 0 : walkIsGoodForMs(queues.numberLimit, FRESH_MS);
    return this.#pages.take(pageKey(wish), () => this.#make(wish), freshMs);
  }

  async #make(wish: PageWish): Promise<QueuePage> {
    const { broker, host } = this.#server;
    const { numberLimit } = broker.queues;
    const top = new TopRows<Queue>(rowsWanted(wish, numberLimit), directionsOf(wish));
    const isMeant = queueTest(wish);
    const decides = queueValue(wish.order, this.#server, this.rates);
    const noting = this.rates.begin(host.nowMs, Math.min(numberLimit, QUEUES_MAX));
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
