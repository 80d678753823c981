/**
 * `ringq queues`: which queues of the cluster are biggest, which have the oldest jobs, which are stuck.
 *
 * Two looks, a moment apart: a queue is stuck when it has jobs that are not young, and between the looks
 * none was given out; or when it is paused. What a person should do about it depends on the reason, so that
 * is said.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../client/cluster.ts";
import type { ConnectionArguments } from "./connection-options.ts";
import { countText, durationText, rateText } from "./figures.ts";
import { numberOption } from "./number-option.ts";
import { shownName } from "./queue-figures.ts";
import { subcommand } from "./subcommand.ts";
import { type Cell, type TableColumn, tableLines } from "./table.ts";
import { complain, paint, printLine } from "./terminal.ts";
import { lookAt, openForLooks } from "./top/observation.ts";
import { type AgedRow, withOldest } from "./top/oldest.ts";
import { queueRows } from "./top/queue-rows.ts";

/** Between the two looks. */
const LOOK_MS = 1000;
/** Queues whose oldest job is asked for, the longest ones. */
const AGED_MAX = 1000;

interface QueuesArguments extends ConnectionArguments {
  readonly limit: number;
  readonly age: number;
  readonly json?: boolean | undefined;
}

/** A row with the reason why nothing moves; "" while it does. */
interface JudgedRow extends AgedRow {
  readonly reason: string;
}

/** The subcommand. */
export const queues = subcommand<QueuesArguments>({
  command: "queues",
  describe: "Which queues are biggest, have the oldest jobs, or are stuck",
  builder: (parser) =>
    parser.options({
      limit: numberOption("--limit", {
        describe: "Queues in each table",
        alias: "n",
        default: 10,
        min: 1,
        max: 1_000_000,
        isWhole: true,
      }),
      age: numberOption("--age", {
        describe: "Seconds from which on a job that nobody takes means that its queue is stuck",
        default: 60,
        min: 0,
        max: Number.MAX_SAFE_INTEGER,
        isWhole: false,
      }),
      json: { type: "boolean", describe: "One line of JSON for each queue, all of them" },
    }) as never,
  run: async (target, { limit, age, json }) => {
    const cluster = await openForLooks(target);
    try {
      const rows = await judgedRows(cluster, age * 1000);
      if (json === true) for (const row of rows) printLine(jsonLine(row));
      else printTables(rows, limit);
    } finally {
      cluster.close();
    }
    return 0;
  },
});

async function judgedRows(cluster: Cluster, ageMs: number): Promise<JudgedRow[]> {
  const before = await lookAt(cluster);
  await sleep(LOOK_MS);
  const now = await lookAt(cluster);
  for (const { address, problem } of now.nodes) {
    if (problem !== "") complain(`${address} is left out: ${problem}`);
  }
  const rows = queueRows(now, before, false).sort((a, b) => b.length - a.length);
  const aged = await withOldest(rows.slice(0, AGED_MAX), now);
  const rest = rows.slice(AGED_MAX).map((row) => ({ ...row, oldestMs: Number.NaN }));
  return [...aged, ...rest].map((row) => ({ ...row, reason: reasonOf(row, ageMs) }));
}

function reasonOf(row: AgedRow, ageMs: number): string {
  if (row.pause !== "none") return `paused (${row.pause})`;
  const isMoving = row.outRate > 0;
  if (row.length === 0 || isMoving || !(row.oldestMs >= ageMs)) return "";
  if (row.waiters > 0) return `${countText(row.waiters)} wait and get nothing`;
  return "nobody takes jobs";
}

const columns: readonly TableColumn[] = [
  { title: "QUEUE", align: "left", widthMin: 12 },
  { title: "DEPTH", align: "right" },
  { title: "OLDEST", align: "right" },
  { title: "IN/s", align: "right" },
  { title: "OUT/s", align: "right" },
  { title: "WAITERS", align: "right" },
  { title: "", align: "left" },
];

function printTables(rows: readonly JudgedRow[], limit: number): void {
  const filled = rows.filter(({ length }) => length > 0);
  const aged = filled.filter(({ oldestMs }) => Number.isFinite(oldestMs));
  const oldest = [...aged].sort((a, b) => b.oldestMs - a.oldestMs);
  const stuck = rows.filter(({ reason }) => reason !== "");
  printTable("Biggest", filled, limit);
  printTable("Oldest", oldest, limit);
  printTable("Stuck", stuck, limit);
}

function printTable(title: string, rows: readonly JudgedRow[], limit: number): void {
  printLine(paint("bold", title));
  if (rows.length === 0) printLine("none");
  else for (const line of tableLines(columns, rows.slice(0, limit).map(cellsOf))) printLine(line);
  if (rows.length > limit) printLine(`... ${countText(rows.length - limit)} more`);
  printLine();
}

function cellsOf(row: JudgedRow): Cell[] {
  return [
    shownName(row.name),
    countText(row.length),
    durationText(row.oldestMs),
    rateText(row.inRate),
    rateText(row.outRate),
    countText(row.waiters),
    { text: row.reason, style: "yellow" },
  ];
}

function jsonLine(row: JudgedRow): string {
  const { length, waiters, inRate, outRate, pause, oldestMs, reason } = row;
  const known = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return JSON.stringify({
    queue: Buffer.from(row.name, "latin1").toString("utf8"),
    depth: length,
    oldestMs: known(oldestMs),
    inPerSecond: known(inRate),
    outPerSecond: known(outRate),
    waiters,
    pause,
    nodes: row.places.map(({ look }) => look.address),
    stuck: reason === "" ? null : reason,
  });
}
