/**
 * LATENCY GRAPH: the samples of one event drawn in text, one column a sample.
 *
 *     command - high 500 ms, low 101 ms (all time high 500 ms)
 *     --------------------------------------------------------------------------------
 *        #_
 *       _||
 *      _|||
 *     _||||
 *
 *     11186
 *     542ss
 *     sss
 *
 * The lowest sample stands on the floor and the highest touches the ceiling, four rows above. Each
 * row has three heights (`_`, `o`, `#`), below them the column is filled. Under a column, read
 * downwards, stands how long ago it was. More than 80 samples continue in a second drawing below.
 */
import type { LatencySample } from "./latency-monitor.ts";

const COLUMNS = 80;
const ROWS = 4;

/** The top of a column within its row: low, middle, high. */
const TOPS = ["_", "o", "#"] as const;
const FILL = "|";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** One sample made ready to draw. */
interface Column {
  /** From 0 (the floor) to ROWS * 3 - 1. */
  readonly step: number;
  readonly label: string;
}

/** What is drawn. */
export interface LatencyGraph {
  readonly event: string;
  /** Oldest first, at least one. */
  readonly samples: readonly LatencySample[];
  /** The worst ever, which may have left the samples. */
  readonly maxMs: number;
  readonly nowUnixSeconds: number;
}

/** The whole text, lines ended by LF. */
export function latencyGraph(graph: LatencyGraph): string {
  const values = graph.samples.map((sample) => sample.latencyMs);
  const high = Math.max(...values);
  const low = Math.min(...values);
  const title =
    `${graph.event} - high ${high} ms, low ${low} ms ` + `(all time high ${graph.maxMs} ms)`;
  const columns = graph.samples.map((sample) => ({
    step: stepOf(sample.latencyMs, low, high),
    label: agoLabel(graph.nowUnixSeconds - sample.unixSeconds),
  }));
  const drawings: string[] = [];
  for (let first = 0; first < columns.length; first += COLUMNS) {
    drawings.push(draw(columns.slice(first, first + COLUMNS)));
  }
  return `${title}\n${"-".repeat(COLUMNS)}\n${drawings.join("\n")}`;
}

/** The height of one value: its place between low and high, in thirds of a row. */
function stepOf(value: number, low: number, high: number): number {
  const steps = ROWS * TOPS.length;
  const range = Math.max(high - low, 1);
  return Math.min(Math.floor(((value - low) * steps) / range), steps - 1);
}

/** At most 80 columns: four rows, an empty one, and as many rows as the longest label needs. */
function draw(columns: readonly Column[]): string {
  const rows: string[] = [];
  for (let row = ROWS - 1; row >= 0; row--) {
    rows.push(columns.map((column) => cell(column.step, row)).join(""));
  }
  rows.push(" ".repeat(columns.length));
  const labelRows = Math.max(...columns.map((column) => column.label.length));
  for (let row = 0; row < labelRows; row++) {
    rows.push(columns.map((column) => column.label[row] ?? " ").join(""));
  }
  return `${rows.join("\n")}\n`;
}

/** What a column of this height shows in `row`, 0 being the lowest. */
function cell(step: number, row: number): string {
  const topRow = Math.floor(step / TOPS.length);
  if (row < topRow) return FILL;
  return row === topRow ? (TOPS[step % TOPS.length] ?? FILL) : " ";
}

/** `15s`, `3m`, `2h` or `1d`; the future (a clock set back) counts as now. */
function agoLabel(elapsedSeconds: number): string {
  const seconds = Math.max(elapsedSeconds, 0);
  if (seconds < MINUTE) return `${seconds}s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)}h`;
  return `${Math.floor(seconds / DAY)}d`;
}
