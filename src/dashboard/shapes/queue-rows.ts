/**
 * Many queues as rows: rates between two readings, filter, order, pages. No drawing here.
 *
 * Ten thousand rows are ordered in some milliseconds, so this is done anew whenever something changes.
 */
import type { QueueShape } from "./api-shapes.ts";

/** Rows of a page: as many as are drawn again without being felt. */
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

const VALUES: Readonly<Record<QueueColumn, (row: QueueRow) => number | string>> = {
  name: ({ name }) => name,
  length: ({ length }) => length,
  oldest: ({ oldestAgeSeconds }) => oldestAgeSeconds ?? -1,
  in: ({ inRate }) => inRate ?? -1,
  out: ({ outRate }) => outRate ?? -1,
  waiters: ({ blockedClients }) => blockedClients,
  idle: ({ idleSeconds }) => idleSeconds,
  pause: ({ pause }) => ["none", "in", "out", "all"].indexOf(pause),
};

/** Adds rates. `before`: by nameUrl, read `seconds` ago. */
export function withRates(
  queues: readonly QueueShape[],
  before: ReadonlyMap<string, QueueRow>,
  seconds: number,
): QueueRow[] {
  return queues.map((queue) => {
    const old = before.get(queue.nameUrl);
    if (old === undefined || seconds <= 0 || queue.jobsIn < old.jobsIn) {
      return { ...queue, inRate: null, outRate: null };
    }
    const inRate = (queue.jobsIn - old.jobsIn) / seconds;
    return { ...queue, inRate, outRate: Math.max(0, queue.jobsOut - old.jobsOut) / seconds };
  });
}

/** Those that fit, in order; equal ones by name. */
export function arranged(rows: readonly QueueRow[], filter: QueueFilter, order: Order): QueueRow[] {
  const value = VALUES[order.column];
  const sign = order.isDescending ? -1 : 1;
  const text = filter.text.toLowerCase();
  return rows
    .filter((row) => fits(row, text, filter.only))
    .sort((a, b) => sign * compared(value(a), value(b)) || compared(a.name, b.name));
}

function fits(row: QueueRow, text: string, only: QueueFilter["only"]): boolean {
  if (text !== "" && !row.name.toLowerCase().includes(text)) return false;
  if (only === "waiting") return row.length > 0;
  if (only === "paused") return row.pause !== "none";
  if (only === "starving") return row.length > 0 && row.blockedClients === 0;
  return true;
}

function compared(a: number | string, b: number | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The rows of one page; a page that is not there any more is the last one. */
export function pageOf<T>(
  rows: readonly T[],
  page: number,
): { readonly shown: readonly T[]; readonly page: number; readonly pages: number } {
  const pages = Math.max(1, Math.ceil(rows.length / ROWS_PER_PAGE));
  const at = Math.min(Math.max(page, 0), pages - 1);
  return { shown: rows.slice(at * ROWS_PER_PAGE, (at + 1) * ROWS_PER_PAGE), page: at, pages };
}

/**
 * How long to wait before all queues are read again, ms: thousands of them are read rarely. Ten pages with
 * ten thousand queues must not be felt by the node's clients: suite http of the benchmarks.
 */
export function pauseAfter(queues: number, tookMs: number): number {
  return Math.min(60_000, Math.max(2000, queues * 4, tookMs * 20));
}
