/**
 * What a benchmark suite consists of: workloads, and the figures each of their rounds yields.
 *
 * A suite only measures; which servers, how many rounds and what is printed is decided outside.
 */

import type { LoadResult } from "../src/client/load/plan.ts";
import type { Contender, RunningServer } from "./compare/contender.ts";
import type { Build } from "./compare/ringq.ts";

/** How large and how long everything is. */
export interface Settings {
  readonly rounds: number;
  /** Length of loads that run for a time. */
  readonly seconds: number;
  /** Jobs per round of loads that run for a number of jobs; some take a share of it. */
  readonly jobs: number;
  /** Jobs resident while pauses are measured. */
  readonly resident: number;
  readonly bodyBytes: number;
  /** Jobs of the cluster that has nothing to do, in suite cluster. */
  readonly idle: number;
  /** Load processes at a time. */
  readonly processes: number;
  /** Add jobs with redis-benchmark instead of our own generator. */
  readonly usesRedisBenchmark: boolean;
}

/** The figures of one round by column key; NaN where there is none. */
export type Figures = Readonly<Record<string, number>>;

/** One column of the report. */
export interface Column {
  readonly key: string;
  readonly title: string;
  /** Digits after the decimal point. */
  readonly digits: number;
  /** Show how ringq relates to the other servers. */
  readonly isCompared?: boolean;
}

/** How the first server is compared with the second. */
export type Comparison = "ratio" | "difference";

/** What a figure should come to. It is printed beside what came of it; nothing depends on it. */
export interface Goal {
  /** Of a column. */
  readonly key: string;
  readonly is: "at most" | "at least";
  readonly limit: number;
  /** The limit is for what the first server does in relation to the second, or more than it; the first alone otherwise. */
  readonly against?: Comparison;
}

/** One thing to measure. */
export interface Workload {
  readonly title: string;
  /** Other columns than the suite's. */
  readonly columns?: readonly Column[];
  /** Other servers than those that all suites compare. */
  readonly contenders?: readonly Contender[];
  readonly goals?: readonly Goal[];
  /** Fewer rounds than the suite's. */
  readonly roundsMax?: number;
  /** A server started for every round instead of one that is flushed between rounds. */
  readonly needsFreshServer: boolean;
  /** Lets the server compile its code before the first round counts. */
  warmUp(server: RunningServer): Promise<unknown>;
  /** One round on an empty server. */
  round(server: RunningServer): Promise<Figures>;
}

/** Workloads that share a table. */
export interface Suite {
  readonly name: string;
  readonly summary: string;
  readonly columns: readonly Column[];
  /** Rounds are cut to this where more would only take longer. */
  readonly roundsMax: number;
  workloads(settings: Settings, ours: Build): Workload[];
}

/** The name of the queue that all loads use. */
export const QUEUE = "q";

/** The part of a load plan that follows from the server. */
export function target(server: RunningServer, settings: Settings) {
  return {
    dialect: server.dialect.name,
    port: server.port,
    serverPids: server.processes.map(({ pid }) => pid),
    queue: QUEUE,
    bodyBytes: settings.bodyBytes,
  } as const;
}

/** Columns of every load that is measured by throughput; see `throughputFigures`. */
export const throughputColumns: readonly Column[] = [
  { key: "perSecond", title: "jobs/s", digits: 0, isCompared: true },
  { key: "cpuMicros", title: "CPU us/job", digits: 3, isCompared: true },
  { key: "p50", title: "p50 us", digits: 0 },
  { key: "p99", title: "p99 us", digits: 0 },
  { key: "p999", title: "p99.9 us", digits: 0 },
  { key: "serverPercent", title: "server CPU%", digits: 0 },
  { key: "generatorPercent", title: "generator CPU%", digits: 0 },
  { key: "waitedPercent", title: "server without core %", digits: 1 },
];

/**
 * The result of a load as figures. A generator near 100 % means that the generator, not the server,
 * was the limit: then only CPU per job counts. A server that waited for its core shared it with
 * somebody else on the machine.
 */
export function throughputFigures(result: LoadResult): Figures {
  const { operations, seconds, latencies } = result;
  const percent = (micros: number) => micros / (seconds * 1e4);
  return {
    perSecond: operations / seconds,
    cpuMicros: result.serverCpuMicros / operations,
    p50: latencies.batch?.p50 ?? Number.NaN,
    p99: latencies.batch?.p99 ?? Number.NaN,
    p999: latencies.batch?.p999 ?? Number.NaN,
    serverPercent: percent(result.serverCpuMicros),
    generatorPercent: percent(result.generatorCpuMicros),
    waitedPercent: percent(result.serverWaitedMicros),
  };
}
