/**
 * Suite "pause": how long the server keeps a client waiting while it holds millions of jobs.
 *
 * Garbage collection, a table that grows, a scan over everything: each shows as one late probe. The
 * same probes on an empty server tell what the machine itself is good for.
 */

import type { Latency } from "../../src/client/load/plan.ts";
import type { RunningServer } from "../compare/contender.ts";
import { type Column, type Settings, type Suite, target, type Workload } from "../suite.ts";
import { runLoad } from "./run.ts";

/** Beside the probes: 20 000 jobs per second come and go. */
const JOBS_PER_MS = 20;

const WARM_UP_SECONDS = 1;

const columns: readonly Column[] = [
  { key: "pingP50", title: "PING p50 us", digits: 0 },
  { key: "pingP99", title: "p99", digits: 0 },
  { key: "pingMax", title: "max", digits: 0, isCompared: true },
  { key: "handoverP50", title: "add->get p50 us", digits: 0 },
  { key: "handoverP99", title: "p99", digits: 0 },
  { key: "handoverMax", title: "max", digits: 0, isCompared: true },
  { key: "cpuMicros", title: "CPU us/job", digits: 2 },
  { key: "waitedPercent", title: "server without core %", digits: 1 },
  { key: "cycles", title: "full cycle jobs/s", digits: 0, isCompared: true },
];

async function round(server: RunningServer, settings: Settings, resident: number) {
  const common = target(server, settings);
  const cycleFor = (cycleSeconds: number) =>
    ({
      kind: "cycle",
      ...common,
      connections: 10,
      pipeline: 16,
      count: 10,
      warmUpSeconds: 0.3,
      seconds: cycleSeconds,
    }) as const;
  // Code that is compiled while it is measured would look like a pause.
  await runLoad(cycleFor(WARM_UP_SECONDS));
  await server.flush();
  if (resident > 0) {
    await runLoad({ kind: "fill", ...common, connections: 4, pipeline: 500, jobs: resident });
  }
  const { seconds } = settings;
  const paced = await runLoad({ kind: "paced", ...common, seconds, jobsPerMs: JOBS_PER_MS });
  const none: Latency = { p50: Number.NaN, p99: Number.NaN, p999: Number.NaN, max: Number.NaN };
  const { ping = none, handover = none } = paced.latencies;
  const cycle = await runLoad(cycleFor(seconds / 2));
  return {
    pingP50: ping.p50,
    pingP99: ping.p99,
    pingMax: ping.max,
    handoverP50: handover.p50,
    handoverP99: handover.p99,
    handoverMax: handover.max,
    waitedPercent: paced.serverWaitedMicros / (paced.seconds * 1e4),
    cpuMicros: paced.serverCpuMicros / paced.operations,
    cycles: cycle.operations / cycle.seconds,
  };
}

function pauseWorkload(settings: Settings, resident: number): Workload {
  return {
    title: `${resident} resident jobs, ${JOBS_PER_MS * 1000} jobs/s`,
    needsFreshServer: true,
    warmUp: () => Promise.resolve(),
    round: (server) => round(server, settings, resident),
  };
}

/** Latency on a fixed schedule, empty and full. */
export const pause: Suite = {
  name: "pause",
  summary: "probes every millisecond beside a moderate load, timed from when they were due",
  columns,
  roundsMax: 3,
  workloads: (settings) => [pauseWorkload(settings, 0), pauseWorkload(settings, settings.resident)],
};
