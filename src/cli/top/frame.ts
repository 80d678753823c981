/**
 * What `ringq top` shows: totals, nodes, and as many queues as there is room for.
 *
 * Text only; when and where it is written is decided in top.ts.
 */
import { countText, durationText, rateText, sizeText } from "../figures.ts";
import { shownName } from "../queue-figures.ts";
import { type Cell, cutTo, type TableColumn, tableLines } from "../table.ts";
import { columns, paint } from "../terminal.ts";
import type { Look, NodeLook } from "./observation.ts";
import type { AgedRow } from "./oldest.ts";
import { infoRate, type QueueRow } from "./queue-rows.ts";

/** What queues can be sorted by. */
export const SORT_KEYS = ["depth", "in", "out", "waiters", "name"] as const;
/** One of them. */
export type SortKey = (typeof SORT_KEYS)[number];

const NAME_WIDTH_MIN = 12;

const right = (title: string): TableColumn => ({ title, align: "right" });
const nodeColumns: readonly TableColumn[] = [
  { title: "NODE", align: "left" },
  { title: "STATE", align: "left" },
  ...["QUEUED", "ACTIVE", "ADDED/s", "GIVEN/s", "ACKED/s", "WAITERS", "MEMORY"].map(right),
];
const queueColumns: readonly TableColumn[] = [
  { title: "QUEUE", align: "left", widthMin: NAME_WIDTH_MIN },
  ...["DEPTH", "OLDEST", "IN/s", "OUT/s", "WAITERS", "IN FLIGHT"].map(right),
  { title: "PAUSED", align: "left" },
];

/** Rows in the wanted order; equal ones by name. */
export function sorted(rows: readonly QueueRow[], key: SortKey): QueueRow[] {
  const size = (row: QueueRow): number => {
    if (key === "in") return row.inRate || 0;
    if (key === "out") return row.outRate || 0;
    if (key === "waiters") return row.waiters;
    return key === "depth" ? row.length : 0;
  };
  return [...rows].sort((a, b) => size(b) - size(a) || (a.name < b.name ? -1 : 1));
}

/** One line about all nodes together. */
export function summaryLine(look: Look, key: SortKey): string {
  const { length } = look.nodes;
  const silent = look.nodes.filter(({ info }) => info === undefined).length;
  const queues = new Set(look.nodes.flatMap((node) => node.queues.map(({ name }) => name))).size;
  const parts = [
    `${countText(queues)} queues`,
    `${length} ${length === 1 ? "node" : "nodes"}`,
    ...(silent > 0 ? [paint("red", `${silent} silent`)] : []),
    ...(look.nodes.some(({ isCut }) => isCut) ? [paint("yellow", "not all queues are shown")] : []),
    `by ${key}`,
  ];
  return parts.join(", ");
}

/** The table of nodes, with the sum when there are several, and why nodes are silent. */
export function nodeLines(now: Look, before: Look | undefined): string[] {
  const rows = now.nodes.map((look) => nodeCells(look, now, before));
  if (now.nodes.length > 1) rows.push(sumCells(now, before));
  const silent = now.nodes.filter(({ info }) => info === undefined);
  const reasons = silent.map(({ address, problem }) =>
    paint("red", cutTo(`${address} is silent: ${problem}`, columns())),
  );
  return [...tableLines(nodeColumns, rows), ...reasons];
}

/** The table of queues. */
export function queueLines(rows: readonly AgedRow[], isByNode: boolean): string[] {
  const place: TableColumn = isByNode ? { title: "NODE", align: "left" } : right("NODES");
  return tableLines(
    [...queueColumns, place],
    rows.map((row) => [
      shownName(row.name),
      countText(row.length),
      durationText(row.oldestMs),
      rateText(row.inRate),
      rateText(row.outRate),
      countText(row.waiters),
      countText(row.inFlight),
      row.pause === "none" ? "" : { text: row.pause, style: "yellow" },
      row.where,
    ]),
  );
}

const GAUGES = ["jobs_queued", "jobs_active", "blocked_clients", "used_memory"] as const;
const RATES = ["total_jobs_added", "total_jobs_delivered", "total_jobs_acknowledged"] as const;

function nodeCells(look: NodeLook, now: Look, before: Look | undefined): Cell[] {
  const { info, address } = look;
  if (info === undefined) return [address, { text: "silent", style: "red" }];
  const gauges = GAUGES.map((name) => info.number(name));
  const rates = RATES.map((name) => infoRate(now, before, look, name));
  return cellsOf(address, stateCell(look), gauges, rates);
}

function sumCells(now: Look, before: Look | undefined): Cell[] {
  const present = now.nodes.filter(({ info }) => info !== undefined);
  const sum = (read: (look: NodeLook) => number): number =>
    present.reduce((total, look) => total + read(look), 0);
  const gauges = GAUGES.map((name) => sum(({ info }) => info?.number(name) ?? 0));
  const rates = RATES.map((name) => sum((look) => infoRate(now, before, look, name)));
  return cellsOf("all", "", gauges, rates);
}

function cellsOf(
  name: string,
  state: Cell,
  [queued = 0, active = 0, blocked = 0, memory = 0]: readonly number[],
  rates: readonly number[],
): Cell[] {
  return [
    name,
    state,
    countText(queued),
    countText(active),
    ...rates.map(rateText),
    countText(blocked),
    sizeText(memory),
  ];
}

function stateCell({ node }: NodeLook): Cell {
  if (node.flags.includes("leaving")) return { text: "leaving", style: "yellow" };
  if (node.flags.some((flag) => flag.startsWith("fail"))) return { text: "failing", style: "red" };
  return "ok";
}
