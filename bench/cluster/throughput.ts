/**
 * What three copies cost: the same loads on three nodes and on a single one, which makes no copies.
 *
 * Jobs have as many copies as there are nodes unless the producer says otherwise, so both get the very
 * same requests. CPU time is that of all nodes together.
 */

import type { LoadResult } from "../../src/client/load/plan.ts";
import type { Contender, RunningServer } from "../compare/contender.ts";
import { fill } from "../load/fill.ts";
import { runLoad } from "../load/run.ts";
import { type Goal, type Settings, target, throughputFigures, type Workload } from "../suite.ts";

/**
 * So many rounds make the servers warm, each with a flush behind it: what runs in a flush for the first time has
 * the code of ADDJOB compiled again. Of 300,000 jobs each, three nodes spend 7 s of processor time on compiling
 * in the first round, as much in the second with its flush, 0.5 in the third, and next to nothing from then on.
 */
const WARM_UP_ROUNDS = 3;
const CYCLE_WARM_UP_SECONDS = 4;
const CPU_MAX_ADD = 3.5;
const CPU_MAX_CYCLE = 4;
const THROUGHPUT_MIN = 0.55;

/** ADDJOB with and without pipelining, and the whole life of a job. */
export function throughputWorkloads(
  settings: Settings,
  contenders: readonly Contender[],
): Workload[] {
  return [
    addWorkload(settings, contenders, 16, {
      key: "cpuMicros",
      is: "at most",
      limit: CPU_MAX_ADD,
      against: "ratio",
    }),
    addWorkload(settings, contenders, 1, {
      key: "perSecond",
      is: "at least",
      limit: THROUGHPUT_MIN,
      against: "ratio",
    }),
    cycleWorkload(settings, contenders),
  ];
}

function addWorkload(
  settings: Settings,
  contenders: readonly Contender[],
  pipeline: number,
  goal: Goal,
): Workload {
  const connections = 50;
  const share = pipeline === 1 ? 0.125 : 0.5;
  const add = (server: RunningServer): Promise<LoadResult> =>
    fill(server, settings, { connections, pipeline, jobs: settings.jobs * share });
  return {
    title: `ADDJOB REPLICATE 3, ${connections} connections, pipeline ${pipeline}; single node: REPLICATE 1`,
    contenders,
    goals: [goal],
    needsFreshServer: false,
    warmUp: async (server) => {
      for (let round = 0; round < WARM_UP_ROUNDS; round++) {
        await add(server);
        await server.flush();
      }
    },
    round: async (server) => throughputFigures(await add(server)),
  };
}

function cycleWorkload(settings: Settings, contenders: readonly Contender[]): Workload {
  const shape = { connections: 10, pipeline: 16, count: 10 };
  const run = (server: RunningServer, warmUpSeconds: number, seconds: number) =>
    runLoad(
      { kind: "cycle", ...target(server, settings), ...shape, warmUpSeconds, seconds },
      settings.processes,
    );
  return {
    title:
      "ADDJOB REPLICATE 3 + blocking GETJOB COUNT 10 + ACKJOB, pipeline 16; single node: REPLICATE 1",
    contenders,
    goals: [{ key: "cpuMicros", is: "at most", limit: CPU_MAX_CYCLE, against: "ratio" }],
    needsFreshServer: false,
    warmUp: (server) => run(server, 0, Math.min(CYCLE_WARM_UP_SECONDS, 2 * settings.seconds)),
    round: async (server) => throughputFigures(await run(server, 0.3, settings.seconds)),
  };
}
