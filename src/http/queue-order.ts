/**
 * In which order queues are listed, and which of them: one table of orders, one of selections.
 *
 * Values are those that nodes tell each other (totals-figures.ts), so queues of this node and queues over
 * all nodes are ordered alike. Rates are known of this node's queues only.
 */
import { isUtf8 } from "node:buffer";
import { PAUSE_WORDS, queueFigures } from "../cluster/totals-figures.ts";
import type { ServerState } from "../commands/server-state.ts";
import type { Queue } from "../core/queue.ts";
import type { QueueRates } from "./queue-rates.ts";
import type { Directions } from "./top-rows.ts";

/** Names of orders. */
export const QUEUE_ORDERS = [
  "length",
  "name",
  "oldest",
  "in",
  "out",
  "waiters",
  "idle",
  "pause",
] as const;

/** What decides. */
export type QueueOrder = (typeof QUEUE_ORDERS)[number];

/** Which queues are meant. */
export const QUEUE_SELECTIONS = ["all", "waiting", "starving", "paused"] as const;

/** waiting: with jobs; starving: with jobs and nobody who waits for them. */
export type QueueSelection = (typeof QUEUE_SELECTIONS)[number];

/** What is looked for. */
export interface QueueWish {
  readonly order: QueueOrder;
  readonly isDescending: boolean;
  readonly only: QueueSelection;
  /** A part of the name. */
  readonly contains: Buffer | undefined;
}

/** A part of the order. */
export interface PageWish extends QueueWish {
  /** Rows before it. */
  readonly offset: number;
  readonly count: number;
}

/** Two wishes with the same key have the same page. */
export function pageKey({ order, isDescending, only, contains, offset, count }: PageWish): string {
  const name = contains?.toString("latin1");
  return JSON.stringify([order, isDescending, only, name, offset, count]);
}

/** So many of the first rows must be put in order for a page: none for one behind all of them. */
export function rowsWanted({ offset, count }: PageWish, rowsMax: number): number {
  return offset < rowsMax ? offset + count : 0;
}

/** The figure that decides, by its name; null: the rate of that direction. */
const FIGURE_OF: Readonly<Record<Exclude<QueueOrder, "name">, string | null>> = {
  length: "len",
  oldest: "oldest",
  in: null,
  out: null,
  waiters: "blocked",
  idle: "idle",
  pause: "pause",
};

function placeOf(name: string): number {
  return queueFigures.findIndex((figure) => figure.name === name);
}

const LENGTH = placeOf("len");
const BLOCKED = placeOf("blocked");
const PAUSE = placeOf("pause");
const OPEN = PAUSE_WORDS.indexOf("none");

/** Whether an order is one over all nodes. */
export function isClusterOrder(order: QueueOrder): boolean {
  return order === "name" || FIGURE_OF[order] !== null;
}

/** Which way values go; equal ones by name, upwards. */
export function directionsOf({ order, isDescending }: QueueWish): Directions {
  const direction = isDescending ? -1 : 1;
  return { value: direction, name: order === "name" ? direction : 1 };
}

/**
 * Reads what decides about a queue of this node, during a walk that begins now. Ages are those at its beginning, or queues
 * visited later would be older for it. Rates are counted up to the visit, as counters are.
 */
export function queueValue(
  order: QueueOrder,
  { broker, host }: ServerState,
  rates: QueueRates,
): (queue: Queue) => number {
  if (order === "name") return () => 0;
  if (order === "in" || order === "out") {
    return (queue) => rates.of(queue, host.nowMs)[order] ?? -1;
  }
  const figure = queueFigures[placeOf(FIGURE_OF[order] ?? "")];
  const { nowMs, wallMs } = host;
  return (queue) => figure?.read(queue, broker, nowMs, wallMs) ?? 0;
}

/** The same of figures that were told. */
export function figuresValue(order: QueueOrder): (figures: readonly number[]) => number {
  const at = order === "name" ? -1 : placeOf(FIGURE_OF[order] ?? "");
  return (figures) => figures[at] ?? 0;
}

/** Whether a queue of this node is meant. */
export function queueTest({ only, contains }: QueueWish): (queue: Queue) => boolean {
  const hasName = nameTest(contains);
  return (queue) => {
    if (only === "waiting" && queue.length === 0) return false;
    if (only === "starving" && (queue.length === 0 || queue.waiterCount > 0)) return false;
    if (only === "paused" && !queue.isPaused) return false;
    return hasName(queue.name);
  };
}

/** The same of figures that were told. */
export function figuresTest({
  only,
  contains,
}: QueueWish): (name: Buffer, figures: readonly number[]) => boolean {
  const hasName = nameTest(contains);
  return (name, figures) => {
    const length = figures[LENGTH] ?? 0;
    if (only === "waiting" && length === 0) return false;
    if (only === "starving" && (length === 0 || (figures[BLOCKED] ?? 0) > 0)) return false;
    if (only === "paused" && (figures[PAUSE] ?? OPEN) === OPEN) return false;
    return hasName(name);
  };
}

/** Text is found whatever its case; bytes that are no text as they are. */
export function nameTest(part: Buffer | undefined): (name: Buffer) => boolean {
  if (part === undefined || part.length === 0) return () => true;
  if (!isUtf8(part)) return (name) => name.includes(part);
  const text = part.toString("utf8").toLowerCase();
  return (name) => name.toString("utf8").toLowerCase().includes(text);
}
