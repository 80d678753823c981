/**
 * Suite "log": what it costs to keep jobs on disk, and how fast they are back.
 *
 * Logs lie where temporary files do (TMPDIR): with `always` the figures are those of the disk there,
 * and of nothing if that is memory. Each goal stands beside what it is measured against in the same run.
 */
import { redis } from "../compare/redis.ts";
import { type Build, ringq } from "../compare/ringq.ts";
import { addWorkload } from "../load/add.ts";
import { isInstalled } from "../spawn.ts";
import { type Settings, type Suite, throughputColumns, type Workload } from "../suite.ts";
import { replayWorkload } from "./replay.ts";
import { rewriteWorkloads } from "./rewrite.ts";

/** Part of the speed without a log that is left with one. */
const EVERYSEC_MIN = 0.7;
const ALWAYS_MIN = 1;

/** A server of this build with other settings. */
function logging(name: string, ours: Build, directives: string) {
  return ringq(name, { ...ours, directives });
}

/** Whether a pass falls into a round would be chance; what passes cost has workloads of its own. */
const WITHOUT_PASSES = "--auto-aof-rewrite-percentage 0";

function everysecWorkload(settings: Settings, ours: Build): Workload {
  const shape = { connections: 50, pipeline: 16, share: 0.5 };
  return {
    ...addWorkload(settings, shape),
    title: "ADDJOB, 50 connections, pipeline 16, appendfsync everysec; no log",
    contenders: [
      logging("everysec", ours, `--appendonly yes --appendfsync everysec ${WITHOUT_PASSES}`),
      logging("no log", ours, "--appendonly no"),
    ],
    goals: [{ key: "perSecond", is: "at least", limit: EVERYSEC_MIN, against: "ratio" }],
  };
}

function alwaysWorkload(settings: Settings, ours: Build): Workload {
  const shape = { connections: 50, pipeline: 1, share: 0.05 };
  const others = isInstalled("redis-server")
    ? [redis(`--appendonly yes --appendfsync always ${WITHOUT_PASSES}`)]
    : [];
  return {
    ...addWorkload(settings, shape),
    title: "ADDJOB, 50 connections, no pipeline, appendfsync always (Redis: LPUSH, the same)",
    contenders: [
      logging("always", ours, `--appendonly yes --appendfsync always ${WITHOUT_PASSES}`),
      ...others,
    ],
    goals:
      others.length === 0
        ? []
        : [{ key: "perSecond", is: "at least", limit: ALWAYS_MIN, against: "ratio" }],
  };
}

/** Speed with a log, loading, and stalls while it is rewritten. */
export const log: Suite = {
  name: "log",
  summary: "jobs on disk",
  columns: throughputColumns,
  roundsMax: Number.POSITIVE_INFINITY,
  workloads: (settings, ours) => [
    everysecWorkload(settings, ours),
    alwaysWorkload(settings, ours),
    replayWorkload(settings, ours),
    ...rewriteWorkloads(settings, ours),
  ],
};
