/**
 * The command line of `npm run bench`.
 *
 * Everything has a default that gives a full, comparable run; `--quick` replaces the sizes by ones
 * that only show that everything works.
 */
import yargs from "yargs";
import { isInstalled } from "./spawn.ts";
import type { Settings } from "./suite.ts";

/** What to run and against whom. */
export interface Options {
  readonly suites: readonly string[];
  /** Part of a workload's title; only those that have it are run. */
  readonly workload: string;
  readonly settings: Settings;
  readonly hasOurs: boolean;
  readonly hasRedis: boolean;
  /** The main.js of another built checkout to alternate with. */
  readonly base: string | undefined;
  /** A file to append the run to, with every round. */
  readonly json: string | undefined;
  /** A folder for CPU profiles of our server. */
  readonly profile: string | undefined;
}

/** Small enough to try everything within half a minute. */
const quick = { rounds: 1, seconds: 0.5, jobs: 20_000, resident: 50_000, idle: 10_000 };

const full = { rounds: 5, seconds: 3, jobs: 1_000_000, resident: 5_000_000, idle: 1_000_000 };

/** All options as yargs wants them. */
function known(suiteNames: readonly string[]) {
  return {
    suite: { type: "string", array: true, choices: suiteNames, describe: "Only these suites" },
    workload: {
      type: "string",
      default: "",
      describe: "Only workloads of these suites with this text in their titles",
    },
    rounds: { type: "number", describe: `Rounds per server (${full.rounds})` },
    seconds: { type: "number", describe: `Length of a timed load (${full.seconds})` },
    jobs: { type: "number", describe: `Jobs per round (${full.jobs})` },
    resident: { type: "number", describe: `Jobs held by suite pause (${full.resident})` },
    idle: {
      type: "number",
      describe: `Jobs of the idle cluster in suite cluster (${full.idle})`,
    },
    body: { type: "number", default: 100, describe: "Bytes per body" },
    processes: { type: "number", default: 1, describe: "Load processes at a time" },
    generator: {
      choices: ["own", "redis-benchmark"],
      default: "own",
      describe: "What adds jobs in suites add and cluster",
    },
    server: { type: "string", describe: "main.js of another built checkout to compare with" },
    ours: { choices: ["on", "off"], default: "on", describe: "Measure ringq" },
    redis: {
      choices: ["on", "off"],
      default: "on",
      describe: "Measure redis-server where it is installed",
    },
    quick: { type: "boolean", default: false, describe: "One small round, to try everything" },
    json: { type: "string", describe: "Append the run with every round to this file" },
    profile: { type: "string", describe: "Write CPU profiles of ringq here, print their tops" },
  } as const;
}

/** Reads the command line; ends the process after --help or a mistake. */
export function parseOptions(args: readonly string[], suiteNames: readonly string[]): Options {
  const parsed = yargs([...args])
    .scriptName("npm run bench --")
    .usage(
      "$0 [options]\n\nMeasures ringq beside redis-server, alternating, medians of all rounds.",
    )
    .options(known(suiteNames))
    .strict()
    .recommendCommands()
    .parseSync();

  const sizes = parsed.quick ? quick : full;
  return {
    suites: parsed.suite ?? suiteNames,
    workload: parsed.workload,
    settings: {
      rounds: parsed.rounds ?? sizes.rounds,
      seconds: parsed.seconds ?? sizes.seconds,
      jobs: parsed.jobs ?? sizes.jobs,
      resident: parsed.resident ?? sizes.resident,
      idle: parsed.idle ?? sizes.idle,
      bodyBytes: parsed.body,
      processes: parsed.processes,
      usesRedisBenchmark: parsed.generator === "redis-benchmark",
    },
    hasOurs: parsed.ours === "on",
    hasRedis: parsed.redis === "on" && isInstalled("redis-server"),
    base: parsed.server,
    json: parsed.json,
    profile: parsed.profile,
  };
}
