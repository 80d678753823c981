/**
 * What is printed: a table for people and one line of JSON for comparing runs.
 *
 * Medians, and ratios as the median of the rounds' ratios: neighbouring measurements share the noise
 * of the machine, so their ratio is steadier than the ratio of two medians.
 */
import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";
import type { Rounds } from "./rounds.ts";
import type { Column, Comparison, Figures, Goal, Settings, Suite } from "./suite.ts";

/** All rounds of one workload. */
export interface WorkloadResult {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly goals: readonly Goal[];
  readonly rounds: Rounds;
}

/** All workloads of one suite. */
export interface SuiteResult {
  readonly suite: Suite;
  readonly workloads: readonly WorkloadResult[];
}

/** The middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (
    ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
  );
}

function medians(columns: readonly Column[], rounds: readonly Figures[]): Record<string, number> {
  const entries = columns.map(({ key }) => [
    key,
    median(rounds.map((each) => each[key] ?? Number.NaN)),
  ]);
  return Object.fromEntries(entries) as Record<string, number>;
}

/** The median of what the rounds' figures of a column are to each other. */
function compared(
  [ours, theirs]: readonly [readonly Figures[], readonly Figures[]],
  key: string,
  against: Comparison,
): number {
  const pairs = ours.map((each, round) => [each[key], theirs[round]?.[key]] as const);
  return median(
    pairs.map(([our = Number.NaN, their = Number.NaN]) =>
      against === "ratio" ? our / their : our - their,
    ),
  );
}

function formatted(value: number, digits: number): string {
  if (Number.isNaN(value)) return "-";
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** The lines of one workload: each server, then the first server's ratios to the others. */
function workloadRows(columns: readonly Column[], rounds: Rounds): string[][] {
  const [first, ...others] = rounds.entries();
  if (!first) return [];
  const rows: string[][] = [];
  for (const [name, figures] of rounds) {
    const middle = medians(columns, figures);
    rows.push([
      name,
      ...columns.map(({ key, digits }) => formatted(middle[key] ?? Number.NaN, digits)),
    ]);
  }
  for (const [name, figures] of others) {
    const ratios = columns.map(({ key, isCompared }) =>
      isCompared ? `x ${formatted(compared([first[1], figures], key, "ratio"), 2)}` : "",
    );
    rows.push([`${first[0]} / ${name}`, ...ratios]);
  }
  return rows;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
}

/** What came of a goal. */
interface Outcome {
  readonly value: number;
  readonly isReached: boolean;
}

/** The figure a goal is about: of the first server, or of the first compared with the second. */
function outcomeOf({ key, is, limit, against }: Goal, rounds: Rounds): Outcome {
  const [first = [], second = []] = rounds.values();
  const value =
    against === undefined
      ? median(first.map((each) => each[key] ?? Number.NaN))
      : compared([first, second], key, against);
  return { value, isReached: is === "at most" ? value <= limit : value >= limit };
}

function goalLine(goal: Goal, { columns, rounds }: WorkloadResult): string {
  const { value, isReached } = outcomeOf(goal, rounds);
  const column = columns.find(({ key }) => key === goal.key);
  const [first, second] = rounds.keys();
  const operator = goal.against === "ratio" ? "/" : "-";
  const pair = goal.against === undefined ? "" : `, ${first} ${operator} ${second}`;
  const sign = goal.against === "ratio" ? "x " : "";
  const shown = (figure: number) => `${sign}${formatted(figure, 2)}`;
  return (
    `goal: ${column?.title ?? goal.key}${pair} ${goal.is} ${shown(goal.limit)}: ` +
    `${shown(value)}, ${isReached ? "reached" : "MISSED"}`
  );
}

/** The table of one workload with its goals, as text. */
export function workloadTable(result: WorkloadResult): string {
  const header = ["", ...result.columns.map(({ title }) => title)];
  const lines = aligned([header, ...workloadRows(result.columns, result.rounds)]);
  const goals = result.goals.map((goal) => goalLine(goal, result));
  return [result.title, ...[...lines, ...goals].map((line) => `  ${line}`)].join("\n");
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain") ? "+changes" : ""}`;
  } catch {
    return "unknown";
  }
}

/** Everything about a run as one plain object; with every round when `withRounds`. */
export function runRecord(
  settings: Settings,
  results: readonly SuiteResult[],
  withRounds: boolean,
): object {
  const suites = results.map(({ suite, workloads }) => ({
    name: suite.name,
    workloads: workloads.map(({ title, columns, goals, rounds }) => ({
      title,
      goals: goals.map((goal) => ({ ...goal, ...outcomeOf(goal, rounds) })),
      servers: Object.fromEntries(
        [...rounds].map(([name, figures]) => [
          name,
          withRounds
            ? { median: medians(columns, figures), rounds: figures }
            : medians(columns, figures),
        ]),
      ),
    })),
  }));
  const [processor] = cpus();
  return {
    date: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    machine: {
      processor: processor?.model ?? "unknown",
      cores: cpus().length,
      memoryBytes: totalmem(),
      kernel: release(),
    },
    settings,
    suites,
  };
}

/** One line of JSON; figures with three decimals are precise enough. */
export function jsonLine(record: object): string {
  return JSON.stringify(record, (_key, value: unknown) =>
    typeof value === "number" ? Math.round(value * 1000) / 1000 : value,
  );
}
