/**
 * Suite "http": what it costs clients that somebody watches: Prometheus scrapes 10 000 queues every five
 * seconds, and ten people look at the list of all of them.
 *
 * What is given to throughput by HTTP is measured with the server on a core of its own. How long it keeps clients
 * waiting is not: there the threads that collect garbage beside the one that answers would push it off the core
 * for slices of the scheduler, which no server meets that has what it is given.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Latency } from "../../src/client/load/plan.ts";
import type { Build } from "../compare/ringq.ts";
import { runLoad } from "../load/run.ts";
import {
  type Column,
  type Figures,
  type Settings,
  type Suite,
  target,
  type Workload,
} from "../suite.ts";
import { asWatched, type WatchedServer, watchable } from "./watched.ts";
import { secondsOf, watchedByWindows } from "./windows.ts";

const QUEUES = 10_000;
const JOBS_PER_MS = 20;
/** Pairs of windows in a round, and how long one is in terms of `seconds`: half the time between two scrapes. */
const PAIRS = 12;
const WINDOW_PART = 5 / 6;
/** The load runs for so long before it is measured, and afterwards. */
const MARGIN_SECONDS = 1;
/** Of the paced load: as long as the time between two scrapes, as `seconds` is meant for loads without a rhythm. */
const LONGER = 5 / 3;
const THROUGHPUT_MIN = 0.97;
const CPU_MAX = 1.03;
/** Of the longest wait of a round: what it is longer with watchers. */
const STALL_COST_MAX_MICROS = 5000;

const windowColumns: readonly Column[] = [
  { key: "watchedPerSecond", title: "commands/s watched", digits: 0 },
  { key: "alonePerSecond", title: "alone", digits: 0 },
  { key: "throughput", title: "watched / alone", digits: 3 },
  { key: "cpuMicros", title: "CPU us/command watched", digits: 3 },
  { key: "cpu", title: "watched / alone", digits: 3 },
];

const pauseColumns: readonly Column[] = [
  { key: "pingP99", title: "PING p99 us", digits: 0, isCompared: true },
  { key: "pingP999", title: "PING p99.9 us", digits: 0 },
  { key: "pingMax", title: "PING max us", digits: 0 },
  { key: "handoverP99", title: "add->get p99 us", digits: 0 },
  { key: "handoverMax", title: "add->get max us", digits: 0 },
  { key: "cpuMicros", title: "CPU us/job", digits: 2, isCompared: true },
  { key: "waitedPercent", title: "server without core %", digits: 1 },
];

const cycle = { kind: "cycle", connections: 10, pipeline: 16, count: 10 } as const;
const WARM_UP_SECONDS = 0.3;
/** In the warm-up. */
const HASTE = 10;

/** What watchers have the server run is compiled as well. */
async function warmUp(server: WatchedServer, settings: Settings): Promise<void> {
  await server.fillQueues(QUEUES);
  const seconds = 3 * settings.seconds;
  const plan = { ...cycle, ...target(server, settings), warmUpSeconds: WARM_UP_SECONDS, seconds };
  await server.withWatchers((watch) => {
    watch(true);
    return runLoad(plan);
  }, HASTE);
}

async function windows(server: WatchedServer, settings: Settings): Promise<Figures> {
  await server.fillQueues(QUEUES);
  const plan = { pairs: PAIRS, windowSeconds: settings.seconds * WINDOW_PART };
  const seconds = secondsOf(plan) + 2 * MARGIN_SECONDS;
  const load = { ...cycle, ...target(server, settings), warmUpSeconds: 0, seconds };
  const loading = runLoad(load);
  const measured = sleep(MARGIN_SECONDS * 1000).then(() => watchedByWindows(server, plan));
  const [figures] = await Promise.all([measured, loading]);
  return figures;
}

async function probe(server: WatchedServer, settings: Settings, seconds: number): Promise<Figures> {
  await server.fillQueues(QUEUES);
  const common = { ...target(server, settings), seconds, jobsPerMs: JOBS_PER_MS };
  const paced = await server.whileWatched(() => runLoad({ kind: "paced", ...common }));
  const none: Latency = { p50: Number.NaN, p99: Number.NaN, p999: Number.NaN, max: Number.NaN };
  const { ping = none, handover = none } = paced.latencies;
  return {
    pingP99: ping.p99,
    pingP999: ping.p999,
    pingMax: ping.max,
    handoverP99: handover.p99,
    handoverMax: handover.max,
    cpuMicros: paced.serverCpuMicros / paced.operations,
    waitedPercent: paced.serverWaitedMicros / (paced.seconds * 1e4),
  };
}

function workloads(settings: Settings, ours: Build): Workload[] {
  const seconds = settings.seconds * LONGER;
  return [
    {
      title: `${QUEUES} queues, full cycle, watched in every other window`,
      columns: windowColumns,
      contenders: watchable(ours, "server", ["ringq"]),
      goals: [
        { key: "throughput", is: "at least", limit: THROUGHPUT_MIN },
        { key: "cpu", is: "at most", limit: CPU_MAX },
      ],
      needsFreshServer: false,
      warmUp: (server) => warmUp(asWatched(server), settings),
      round: (server) => windows(asWatched(server), settings),
    },
    {
      title: `${QUEUES} queues, ${JOBS_PER_MS * 1000} jobs/s, watched or not`,
      columns: pauseColumns,
      contenders: watchable(ours, "node", ["watched", "alone"]),
      goals: [
        { key: "pingMax", is: "at most", limit: STALL_COST_MAX_MICROS, against: "difference" },
      ],
      roundsMax: 3,
      needsFreshServer: false,
      warmUp: (server) => warmUp(asWatched(server), settings),
      round: (server) => probe(asWatched(server), settings, seconds),
    },
  ];
}

/** What watching costs. */
export const http: Suite = {
  name: "http",
  summary: "a server that Prometheus and ten dashboards watch, and the same one alone",
  columns: windowColumns,
  roundsMax: Number.POSITIVE_INFINITY,
  workloads,
};
