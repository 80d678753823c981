/**
 * Suite "http": what it costs clients that somebody watches: Prometheus scrapes 10 000 queues every five
 * seconds, and ten people look at the list of all of them.
 *
 * What is given to throughput by HTTP is measured with the server on a core of its own. How long it keeps clients
 * waiting is not: there the threads that collect garbage beside the one that answers would push it off the core
 * for slices of the scheduler, which no server meets that has what it is given.
 */
import type { Latency } from "../../src/client/load/plan.ts";
import type { Build } from "../compare/ringq.ts";
import { runLoad } from "../load/run.ts";
import {
  type Column,
  type Figures,
  type Settings,
  type Suite,
  target,
  throughputColumns,
  throughputFigures,
  type Workload,
} from "../suite.ts";
import { asWatched, type WatchedServer, watchedAndNot } from "./watched.ts";

const QUEUES = 10_000;
const JOBS_PER_MS = 20;
/** Windows as long as the time between two scrapes: `seconds` is meant for loads without a rhythm. */
const LONGER = 5 / 3;
const THROUGHPUT_MIN = 0.97;
const CPU_MAX = 1.03;
/** Of the longest wait of a round: what it is longer with watchers. */
const STALL_COST_MAX_MICROS = 5000;

const pauseColumns: readonly Column[] = [
  { key: "pingP99", title: "PING p99 us", digits: 0, isCompared: true },
  { key: "pingP999", title: "PING p99.9 us", digits: 0 },
  { key: "pingMax", title: "PING max us", digits: 0 },
  { key: "handoverP99", title: "add->get p99 us", digits: 0 },
  { key: "handoverMax", title: "add->get max us", digits: 0 },
  { key: "cpuMicros", title: "CPU us/job", digits: 2, isCompared: true },
  { key: "waitedPercent", title: "server without core %", digits: 1 },
];

async function cycle(server: WatchedServer, settings: Settings, seconds: number): Promise<Figures> {
  await server.fillQueues(QUEUES);
  const shape = { connections: 10, pipeline: 16, count: 10, warmUpSeconds: 0.3 };
  const plan = { kind: "cycle", ...target(server, settings), ...shape, seconds } as const;
  return throughputFigures(await server.whileWatched(() => runLoad(plan)));
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
      title: `${QUEUES} queues, full cycle, watched or not`,
      contenders: watchedAndNot(ours, "server"),
      goals: [
        { key: "perSecond", is: "at least", limit: THROUGHPUT_MIN, against: "ratio" },
        { key: "cpuMicros", is: "at most", limit: CPU_MAX, against: "ratio" },
      ],
      needsFreshServer: false,
      warmUp: (server) => cycle(asWatched(server), settings, settings.seconds),
      round: (server) => cycle(asWatched(server), settings, seconds),
    },
    {
      title: `${QUEUES} queues, ${JOBS_PER_MS * 1000} jobs/s, watched or not`,
      columns: pauseColumns,
      contenders: watchedAndNot(ours, "node"),
      goals: [
        { key: "pingMax", is: "at most", limit: STALL_COST_MAX_MICROS, against: "difference" },
      ],
      roundsMax: 3,
      needsFreshServer: false,
      warmUp: (server) => cycle(asWatched(server), settings, settings.seconds),
      round: (server) => probe(asWatched(server), settings, seconds),
    },
  ];
}

/** What watching costs. */
export const http: Suite = {
  name: "http",
  summary: "a server that Prometheus and ten dashboards watch, and the same one alone",
  columns: throughputColumns,
  roundsMax: Number.POSITIVE_INFINITY,
  workloads,
};
