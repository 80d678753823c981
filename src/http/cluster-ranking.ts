/**
 * Pages of the queues of all nodes in some order: those that cluster-queues.ts has read, the first rows of them.
 *
 * The readings are for everybody who looks at once, and so is each page. It is kept no longer than it
 * is made, because a reading is kept already.
 */
import type { NodeTotals } from "../cluster/totals.ts";
import type { QueueTotals } from "../cluster/totals-sum.ts";
import type { Host } from "../core/host.ts";
import type { ClusterQueues } from "./cluster-queues.ts";
import { KeptPages } from "./kept-pages.ts";
import {
  directionsOf,
  figuresTest,
  figuresValue,
  type PageWish,
  pageKey,
  rowsWanted,
} from "./queue-order.ts";
import type { Slices } from "./slices.ts";
import { TopRows } from "./top-rows.ts";

/** Different pages that are made at the same time; each may hold all rows. */
const PAGES_MAX = 16;
/** Joined queues that are looked at, or put in order, in one slice: half a millisecond. */
const ROWS_PER_SLICE = 1000;

/** What was found. */
export interface ClusterPage {
  readonly rows: readonly QueueTotals[];
  /** Queues that were meant, on this page or not. */
  readonly found: number;
  readonly queueCount: number;
  readonly jobCount: number;
  /** What became of asking each node. */
  readonly nodes: readonly NodeTotals[];
  /** There are more queues than were read. */
  readonly isPartial: boolean;
}

const lengthOf = figuresValue("length");

/** Pages over all nodes. */
export class ClusterRanking {
  readonly #queues: Pick<ClusterQueues, "take">;
  readonly #slices: Pick<Slices, "next">;
  readonly #pages: KeptPages<ClusterPage>;

  constructor(
    host: Pick<Host, "nowMs">,
    queues: Pick<ClusterQueues, "take">,
    slices: Pick<Slices, "next">,
  ) {
    this.#queues = queues;
    this.#slices = slices;
    this.#pages = new KeptPages(host, PAGES_MAX);
  }

  /** A page; throws an ApiError when too many different ones are wanted at once, and rejects as reading does. */
  take(wish: PageWish): Promise<ClusterPage> {
    return this.#pages.take(
      pageKey(wish),
      () => this.#make(wish),
      () => 0,
    );
  }

  async #make(wish: PageWish): Promise<ClusterPage> {
    const { queues, nodes, isPartial } = await this.#queues.take();
    const isMeant = figuresTest(wish);
    const decides = figuresValue(wish.order);
    const top = new TopRows<QueueTotals>(rowsWanted(wish, queues.length), directionsOf(wish));
    let found = 0;
    let jobCount = 0;
    for (const [i, row] of queues.entries()) {
      if (i % ROWS_PER_SLICE === ROWS_PER_SLICE - 1) await this.#slices.next();
      jobCount += lengthOf(row.figures);
      if (!isMeant(row.queue, row.figures)) continue;
      found++;
      top.offer(row, decides(row.figures), row.queue);
    }
    while (!top.merge(ROWS_PER_SLICE)) await this.#slices.next();
    const rows = top.rows.slice(wish.offset);
    return { rows, found, queueCount: queues.length, jobCount, nodes, isPartial };
  }
}
