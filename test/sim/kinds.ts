/**
 * The kinds of lives that `npm run sim` can live: of one node, without and with a log, and of a cluster.
 *
 * All are lived by a seed, count what has happened, and can be made smaller by switching off what is
 * not needed for a failure; the command line (main.ts) knows no more of them than that.
 */

import { describeConfig as describeCluster, withoutFeatures } from "./cluster/config.ts";
import { CLUSTER_STEPS_DEFAULT, liveCluster, SWITCHES } from "./cluster/life.ts";
import { Violation as ClusterViolation } from "./cluster/oracle/checker.ts";
import { describeConfig, HABITS, type SimConfig } from "./config.ts";
import { live, STEPS_DEFAULT } from "./life.ts";
import {
  ALL_LOG_HABITS,
  describeLogConfig,
  LOG_STEPS_DEFAULT,
  liveWithLog,
} from "./log/log-life.ts";

/** How a life of either kind went. */
export interface KindReport {
  readonly failure: Error | undefined;
  readonly turns: number;
  readonly simulatedMs: number;
  readonly marks: ReadonlyMap<string, number>;
  /** One line that names everything about the configuration. */
  readonly configuration: string;
  /** What is to be read when it has failed. */
  readonly lines: readonly string[];
}

/** One kind of lives. */
export interface Kind {
  readonly name: string;
  /** How the command line asks for it. */
  readonly flag: string;
  readonly stepsDefault: number;
  /** What can be switched off. */
  readonly switches: readonly string[];
  live(seed: number, steps: number, omitted: ReadonlySet<string>): KindReport | Promise<KindReport>;
  /** Once more, with everything written down that helps to understand the failure. */
  retell(
    seed: number,
    steps: number,
    omitted: ReadonlySet<string>,
  ): KindReport | Promise<KindReport>;
}

/** Lives of one node. */
export const oneNode: Kind = {
  name: "one node",
  flag: "",
  stepsDefault: STEPS_DEFAULT,
  switches: HABITS,
  live(seed, steps, omitted) {
    const change = (config: SimConfig): SimConfig => {
      const habits = new Set([...config.habits].filter((habit) => !omitted.has(habit)));
      const maxMemoryBytes = habits.has("little memory") ? config.maxMemoryBytes : 0;
      return { ...config, habits, maxMemoryBytes };
    };
    const report = live(seed, { steps, change });
    return { ...report, configuration: describeConfig(report.config), lines: report.lastLines };
  },
  retell(seed, steps, omitted) {
    return this.live(seed, steps, omitted);
  },
};

function liveInCluster(
  seed: number,
  steps: number,
  omitted: ReadonlySet<string>,
  followed?: string,
): KindReport {
  const report = liveCluster(seed, {
    steps,
    followed,
    change: (config) => withoutFeatures(config, omitted),
  });
  const lines = report.timeline.length > 0 ? report.timeline : report.news;
  return { ...report, configuration: describeCluster(report.config), lines };
}

/** Lives of one node with a log on a simulated disk. */
export const nodeWithLog: Kind = {
  name: "one node with a log",
  flag: " --log",
  stepsDefault: LOG_STEPS_DEFAULT,
  switches: ALL_LOG_HABITS,
  async live(seed, steps, omitted) {
    const report = await liveWithLog(seed, {
      steps,
      change: (config) => ({
        ...config,
        habits: new Set([...config.habits].filter((habit) => !omitted.has(habit))),
        logHabits: new Set([...config.logHabits].filter((habit) => !omitted.has(habit))),
      }),
    });
    return { ...report, configuration: describeLogConfig(report.config), lines: report.lastLines };
  },
  retell(seed, steps, omitted) {
    return this.live(seed, steps, omitted);
  },
};

/** Lives of clusters. */
export const cluster = {
  name: "clusters",
  flag: " --cluster",
  stepsDefault: CLUSTER_STEPS_DEFAULT,
  switches: SWITCHES,
  live: (seed: number, steps: number, omitted: ReadonlySet<string>) =>
    liveInCluster(seed, steps, omitted),
  retell(seed: number, steps: number, omitted: ReadonlySet<string>) {
    const first = liveInCluster(seed, steps, omitted);
    const { failure } = first;
    if (!(failure instanceof ClusterViolation) || failure.jobId === undefined) return first;
    return liveInCluster(seed, steps, omitted, failure.jobId);
  },
} satisfies Kind;
