/**
 * How long a job is on its way from a producer at one node to a consumer that waits at another.
 *
 * Rare jobs show what a cluster does when nobody asks all the time; the first one of all finds nodes
 * that have not heard of the queue.
 */

import type { HandoverPlan } from "../../src/client/load/plan.ts";
import type { Contender, RunningServer } from "../compare/contender.ts";
import { runLoad } from "../load/run.ts";
import { type Column, type Figures, type Settings, target, type Workload } from "../suite.ts";

const RARE_MS = 3000;
const OFTEN_MS = 10;

const columns: readonly Column[] = [
  { key: "p50", title: "median ms", digits: 2 },
  { key: "p99", title: "p99 ms", digits: 2 },
  { key: "max", title: "worst ms", digits: 2 },
  { key: "first", title: "first job ms", digits: 2 },
];

/** One job every 3 s, and 100 jobs per second. */
export function latencyWorkloads(settings: Settings, contenders: readonly Contender[]): Workload[] {
  const isQuick = settings.seconds < 1;
  const common = { columns, contenders, roundsMax: 1, needsFreshServer: true } as const;
  const warmUp = () => Promise.resolve();
  return [
    {
      ...common,
      title: "ADDJOB at one node, blocked GETJOB at another, one job every 3 s",
      goals: [
        { key: "p50", is: "at most", limit: 2 },
        { key: "max", is: "at most", limit: 10 },
      ],
      warmUp,
      round: (server) => round(server, settings, { intervalMs: RARE_MS, jobs: isQuick ? 3 : 10 }),
    },
    {
      ...common,
      title: "ADDJOB at one node, blocked GETJOB at another, 100 jobs/s",
      goals: [
        { key: "p50", is: "at most", limit: 1 },
        { key: "p99", is: "at most", limit: 10 },
      ],
      warmUp,
      round: (server) =>
        round(server, settings, { intervalMs: OFTEN_MS, jobs: isQuick ? 100 : 1000 }),
    },
  ];
}

async function round(
  server: RunningServer,
  settings: Settings,
  pace: Pick<HandoverPlan, "intervalMs" | "jobs">,
): Promise<Figures> {
  const consumerPort = server.processes[1]?.port ?? server.port;
  const plan = { kind: "handover", ...target(server, settings), consumerPort, ...pace } as const;
  const { latencies } = await runLoad(plan);
  const ms = (micros: number | undefined) => (micros ?? Number.NaN) / 1000;
  const { handover, first } = latencies;
  return {
    p50: ms(handover?.p50),
    p99: ms(handover?.p99),
    max: ms(handover?.max),
    first: ms(first?.max),
  };
}
