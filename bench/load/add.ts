/**
 * Suite "add": how fast jobs are taken in, without and with pipelining.
 *
 * Every round adds a fixed number of jobs to an empty queue, so that all servers hold as many jobs
 * at the same point of the round.
 */
import type { RunningServer } from "../compare/contender.ts";
import {
  type Settings,
  type Suite,
  throughputColumns,
  throughputFigures,
  type Workload,
} from "../suite.ts";
import { fill } from "./fill.ts";

/** Connections, requests per write, and which part of the jobs is enough for a second or more. */
const shapes = [
  { connections: 50, pipeline: 1, share: 0.25 },
  { connections: 50, pipeline: 16, share: 1 },
  { connections: 10, pipeline: 100, share: 1.5 },
];

/** Which part of the jobs makes a server warm: V8 compiles what is hot after many calls, not after time. */
const WARM_UP_SHARE = 0.5;

/** ADDJOB by so many connections, so many requests a write. `share`: part of the jobs of a round. */
export function addWorkload(
  settings: Settings,
  shape: { readonly connections: number; readonly pipeline: number; readonly share: number },
): Workload {
  const { connections, pipeline, share } = shape;
  const run = (server: RunningServer, part: number) =>
    fill(server, settings, { connections, pipeline, jobs: settings.jobs * part });
  return {
    title: `ADDJOB, ${connections} connections, pipeline ${pipeline}`,
    needsFreshServer: false,
    warmUp: (server) => run(server, Math.min(WARM_UP_SHARE, share)),
    round: async (server) => throughputFigures(await run(server, share)),
  };
}

/** ADDJOB beside LPUSH. */
export const add: Suite = {
  name: "add",
  summary: "ADDJOB (Redis: LPUSH)",
  columns: throughputColumns,
  roundsMax: Number.POSITIVE_INFINITY,
  workloads: (settings) => shapes.map((shape) => addWorkload(settings, shape)),
};
