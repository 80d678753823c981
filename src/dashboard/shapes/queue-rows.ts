/**
 * What of many queues is looked at, as the API wants to be asked for it, and what it answers as rows.
 *
 * The server orders, selects and cuts: of ten thousand queues a hundred come over the wire. No drawing here.
 */
import type { QueueShape } from "./api-shapes.ts";

/** Rows of a page: as many as are drawn again without being felt, and as the API gives at once. */
export const ROWS_PER_PAGE = 100;

/** A queue with how fast jobs came and went between two readings, null at first. */
export interface QueueRow extends QueueShape {
  readonly inRate: number | null;
  readonly outRate: number | null;
}

/** Columns by which rows can be ordered. */
export type QueueColumn =
  | "name"
  | "length"
  | "oldest"
  | "in"
  | "out"
  | "waiters"
  | "idle"
  | "pause";

/** What is looked for. */
export interface QueueFilter {
  readonly text: string;
  readonly only: "all" | "waiting" | "paused" | "starving";
}

/** Which column decides, and which way. */
export interface Order {
  readonly column: QueueColumn;
  readonly isDescending: boolean;
}

/** What is looked at. */
export interface QueueView {
  readonly filter: QueueFilter;
  readonly order: Order;
  /** From 0. */
  readonly page: number;
}

/** The address of a page of queues. */
export function queuesPath({ filter, order, page }: QueueView, scope: "node" | "cluster"): string {
  const query = new URLSearchParams({
    scope,
    order: order.column,
    direction: order.isDescending ? "descending" : "ascending",
    only: filter.only,
    cursor: String(page * ROWS_PER_PAGE),
    count: String(ROWS_PER_PAGE),
  });
  if (filter.text !== "") query.set("contains", filter.text);
  return `/api/queues?${query}`;
}

/** Rates are known to each node of itself only. */
export function isOrderOf(scope: "node" | "cluster", column: QueueColumn): boolean {
  return scope === "node" || (column !== "in" && column !== "out");
}

/** Adds rates where the server has none. `before`: by nameUrl, read `seconds` ago. */
export function withRates(
  queues: readonly QueueShape[],
  before: ReadonlyMap<string, QueueRow>,
  seconds: number,
): QueueRow[] {
  return queues.map((queue) => {
    const { inRate, outRate } = queue;
    if (inRate !== undefined && outRate !== undefined) return { ...queue, inRate, outRate };
    const old = before.get(queue.nameUrl);
    if (old === undefined || seconds <= 0 || queue.jobsIn < old.jobsIn) {
      return { ...queue, inRate: null, outRate: null };
    }
    const added = (queue.jobsIn - old.jobsIn) / seconds;
    const taken = Math.max(0, queue.jobsOut - old.jobsOut) / seconds;
    return { ...queue, inRate: added, outRate: taken };
  });
}

/** How many pages so many rows have; there is always one. */
export function pagesOf(rows: number): number {
  return Math.max(1, Math.ceil(rows / ROWS_PER_PAGE));
}

/**
 * How long to wait before a page of so many queues is read again, ms: the server has to look at all of them
 * for it. Ten pages with ten thousand queues must not be felt by the node's clients: suite http of the benchmarks.
 */
export function pauseAfter(queues: number, tookMs: number): number {
  return Math.min(60_000, Math.max(2000, queues / 2, tookMs * 20));
}
