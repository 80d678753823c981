/**
 * Adding jobs with three copies while nodes stand still: how many get them within 100 ms?
 *
 * A node that is stopped counts as alive for another 15 s, and is among the targets of most jobs.
 */
import type { RunningServer } from "../compare/contender.ts";
import type { Build } from "../compare/ringq.ts";
import { runLoad } from "../load/run.ts";
import {
  type Column,
  type Figures,
  type Goal,
  type Settings,
  target,
  type Workload,
} from "../suite.ts";
import { clusterOf } from "./nodes.ts";

const NODES = 5;
const TIMEOUT_MS = 100;
const FIRST_MIN = 80;
const LATER_MIN = 99;

const columns: readonly Column[] = [
  { key: "first", title: "% in the first second", digits: 1 },
  { key: "later", title: "% afterwards", digits: 1 },
  { key: "asked", title: "jobs", digits: 0 },
];

/** Two of five nodes, and one of five. */
export function survivorWorkloads(settings: Settings, ours: Build): Workload[] {
  const later: Goal = { key: "later", is: "at least", limit: LATER_MIN };
  const first: Goal = { key: "first", is: "at least", limit: FIRST_MIN };
  return [workload(settings, ours, 2, [first, later]), workload(settings, ours, 1, [later])];
}

function workload(
  settings: Settings,
  ours: Build,
  frozen: number,
  goals: readonly Goal[],
): Workload {
  return {
    title:
      `5 nodes, ${frozen} of them stopped (SIGSTOP): ADDJOB REPLICATE 3 with a timeout of ` +
      `${TIMEOUT_MS} ms at the others, jobs that succeed`,
    columns,
    contenders: [clusterOf(NODES, "5 nodes", ours)],
    goals,
    roundsMax: 3,
    needsFreshServer: true,
    warmUp: () => Promise.resolve(),
    round: (server) => round(server, settings, frozen),
  };
}

async function round(server: RunningServer, settings: Settings, frozen: number): Promise<Figures> {
  const others = server.processes.slice(0, NODES - frozen);
  const { survival } = await runLoad({
    kind: "survival",
    ...target(server, settings),
    ports: others.map(({ port }) => port),
    frozenPids: server.processes.slice(NODES - frozen).map(({ pid }) => pid),
    replicate: 3,
    timeoutMs: TIMEOUT_MS,
    warmUpSeconds: 1,
    firstSeconds: 1,
    seconds: settings.seconds,
  });
  if (survival === undefined) throw new Error("the load has not counted");
  const { asked, promised } = survival;
  return {
    first: (100 * promised[0]) / asked[0],
    later: (100 * promised[1]) / asked[1],
    asked: asked[0] + asked[1],
  };
}
