/**
 * Suite "cycle": jobs added, taken by waiting consumers and acknowledged, all at the same time.
 *
 * This is what a queue is for; the suite "add" alone flatters a server that only appends.
 */
import type { RunningServer } from "../compare/contender.ts";
import {
  type Settings,
  type Suite,
  target,
  throughputColumns,
  throughputFigures,
  type Workload,
} from "../suite.ts";
import { runLoad } from "./run.ts";

/** Connections of each kind, requests in flight on each, jobs per GETJOB. */
const shapes = [
  { connections: 25, pipeline: 1, count: 1 },
  { connections: 10, pipeline: 16, count: 10 },
  { connections: 5, pipeline: 100, count: 100 },
];

function cycleWorkload(settings: Settings, shape: (typeof shapes)[number]): Workload {
  const { connections, pipeline, count } = shape;
  const run = (server: RunningServer, warmUpSeconds: number, seconds: number) =>
    runLoad(
      { kind: "cycle", ...target(server, settings), ...shape, warmUpSeconds, seconds },
      settings.processes,
    );
  return {
    title: `${connections} producers, ${connections} consumers, pipeline ${pipeline}, COUNT ${count}`,
    needsFreshServer: false,
    warmUp: (server) => run(server, 0, settings.seconds / 3),
    round: async (server) => throughputFigures(await run(server, 0.3, settings.seconds)),
  };
}

/** ADDJOB, blocking GETJOB, ACKJOB beside LPUSH, BLMPOP. */
export const fullCycle: Suite = {
  name: "cycle",
  summary: "ADDJOB + blocking GETJOB + ACKJOB (Redis: LPUSH + BLMPOP, which acknowledges nothing)",
  columns: throughputColumns,
  roundsMax: Number.POSITIVE_INFINITY,
  workloads: (settings) => shapes.map((shape) => cycleWorkload(settings, shape)),
};
