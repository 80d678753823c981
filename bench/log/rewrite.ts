/**
 * How long a server keeps its clients waiting while it rewrites the log of many jobs.
 *
 * The log is rewritten again and again as long as the probes run; the same without a rewrite tells what the
 * load and the machine do by themselves. The server is not pinned to a core: what it does beside its one
 * thread (syncs, deleted files, collected garbage) would push that thread aside by the scheduler's slices.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "../../src/client/load/dialect.ts";
import type { Latency } from "../../src/client/load/plan.ts";
import type { RunningServer } from "../compare/contender.ts";
import { type Build, ringq } from "../compare/ringq.ts";
import { runLoad } from "../load/run.ts";
import { type Column, type Settings, target, type Workload } from "../suite.ts";

/** 21,000 operations a second: each job is added, taken and acknowledged. */
const JOBS_PER_MS = 7;
const STALL_MAX_MICROS = 10_000;
/** What a server answers that rewrites its log still. */
const UNDER_WAY = /already in progress/;
const ASK_AGAIN_MS = 10;

const columns: readonly Column[] = [
  { key: "passes", title: "passes", digits: 0 },
  { key: "pingP99", title: "PING p99 us", digits: 0 },
  { key: "pingMax", title: "PING max us", digits: 0 },
  { key: "handoverP99", title: "add->get p99 us", digits: 0 },
  { key: "handoverMax", title: "add->get max us", digits: 0 },
  { key: "cpuMicros", title: "CPU us/job", digits: 2 },
  { key: "waitedPercent", title: "server without core %", digits: 1 },
];

/** Begins a pass whenever there is none, until it is over; how many it were. */
async function rewriteUntil(server: RunningServer, isOver: () => boolean): Promise<number> {
  let passes = 0;
  while (!isOver()) {
    try {
      await server.ask(request("BGREWRITEAOF"));
      passes++;
    } catch (error) {
      if (!UNDER_WAY.test(String(error))) throw error;
    }
    await sleep(ASK_AGAIN_MS);
  }
  return passes;
}

async function round(server: RunningServer, settings: Settings, isRewriting: boolean) {
  const common = target(server, settings);
  const cycle = { connections: 10, pipeline: 16, count: 10, warmUpSeconds: 0.3, seconds: 1 };
  // Code that is compiled while it is measured would look like a stall: that of a pass as well.
  let isWarm = false;
  const passing = rewriteUntil(server, () => isWarm);
  await runLoad({ kind: "cycle", ...common, ...cycle });
  isWarm = true;
  await passing;
  await server.flush();
  await runLoad({
    kind: "fill",
    ...common,
    connections: 4,
    pipeline: 500,
    jobs: settings.jobs,
  });
  let isOver = !isRewriting;
  const rewriting = rewriteUntil(server, () => isOver);
  const { seconds } = settings;
  const paced = await runLoad({ kind: "paced", ...common, seconds, jobsPerMs: JOBS_PER_MS });
  isOver = true;
  const none: Latency = { p50: Number.NaN, p99: Number.NaN, p999: Number.NaN, max: Number.NaN };
  const { ping = none, handover = none } = paced.latencies;
  return {
    passes: await rewriting,
    pingP99: ping.p99,
    pingMax: ping.max,
    handoverP99: handover.p99,
    handoverMax: handover.max,
    cpuMicros: paced.serverCpuMicros / paced.operations,
    waitedPercent: paced.serverWaitedMicros / (paced.seconds * 1e4),
  };
}

function stallWorkload(settings: Settings, ours: Build, isRewriting: boolean): Workload {
  const what = isRewriting ? "rewritten all the time" : "not rewritten";
  return {
    title: `log of ${settings.jobs} jobs ${what}, ${JOBS_PER_MS * 1000} jobs/s`,
    columns,
    contenders: [ringq("ringq", { ...ours, directives: "--appendonly yes" }, "node")],
    goals: isRewriting
      ? [
          { key: "pingMax", is: "at most", limit: STALL_MAX_MICROS },
          { key: "handoverMax", is: "at most", limit: STALL_MAX_MICROS },
        ]
      : [],
    roundsMax: 3,
    needsFreshServer: true,
    warmUp: () => Promise.resolve(),
    round: (server) => round(server, settings, isRewriting),
  };
}

/** Stalls without and with a rewrite. */
export function rewriteWorkloads(settings: Settings, ours: Build): Workload[] {
  return [stallWorkload(settings, ours, false), stallWorkload(settings, ours, true)];
}
