/**
 * How long a node needs to have its jobs back from the log, and what a job takes on the disk.
 *
 * The log is that of a server that was killed. CPU time counts, from the start of the process until
 * the last job is there: a start has a core for itself, and whoever else is on it here does not count.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { cpuMicros } from "../../src/client/load/proc.ts";
import { type Contender, RunningServer } from "../compare/contender.ts";
import { figureOf, until } from "../compare/figures.ts";
import { type Build, startRingq } from "../compare/ringq.ts";
import { runLoad } from "../load/run.ts";
import { type Column, type Settings, target, type Workload } from "../suite.ts";

const SECONDS_MAX = 4;
const BYTES_MAX = 200;

const columns: readonly Column[] = [
  { key: "cpuSeconds", title: "start, s of a core", digits: 2 },
  { key: "microsPerJob", title: "us/job", digits: 2 },
  { key: "bytesPerJob", title: "bytes on disk/job", digits: 1 },
  { key: "jobs", title: "jobs loaded", digits: 0 },
];

/** Started with the log of a server that was killed when it had so many jobs. */
function killedAndStarted(settings: Settings, build: Build): Contender {
  return {
    name: "ringq",
    async start(label) {
      const first = await startRingq(build, `${label}-writing`, "server");
      const server = new RunningServer("disque", [first], () => first.kill());
      const load = { ...target(server, settings), connections: 4, pipeline: 100 };
      if (settings.jobs > 0) await runLoad({ kind: "fill", ...load, jobs: settings.jobs });
      await first.kill();
      const bytes = logBytes(first.folder);
      const again = await startRingq(build, label, "server", first.folder);
      return new Restarted(again, bytes);
    },
  };
}

/** A server that loads the log, or has loaded it. */
class Restarted extends RunningServer {
  /** Of the log, when it was started. */
  readonly logBytes: number;

  constructor(process: Awaited<ReturnType<typeof startRingq>>, bytes: number) {
    super("disque", [process], () => process.stop());
    this.logBytes = bytes;
  }
}

/** Bytes of all segments. */
function logBytes(folder: string): number {
  const path = join(folder, "log");
  const segments = readdirSync(path).filter((name) => name.endsWith(".rql"));
  return segments.reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

async function round(server: RunningServer) {
  if (!(server instanceof Restarted)) throw new Error("this workload needs a log to start with");
  await until("the log is loaded", async () => (await figureOf(server.port, "loading")) === 0);
  const cpuSeconds = cpuMicros(server.pid) / 1e6;
  const jobs = await figureOf(server.port, "registered_jobs");
  const microsPerJob = (cpuSeconds * 1e6) / jobs;
  return { cpuSeconds, microsPerJob, bytesPerJob: server.logBytes / jobs, jobs };
}

/** The start of a node with many jobs. */
export function replayWorkload(settings: Settings, ours: Build): Workload {
  const build = { ...ours, directives: "--appendonly yes --warm-up-ms 0" };
  return {
    title: `start with a log of ${settings.jobs} jobs of ${settings.bodyBytes} bytes`,
    columns,
    contenders: [killedAndStarted(settings, build)],
    goals: [
      { key: "cpuSeconds", is: "at most", limit: SECONDS_MAX },
      { key: "bytesPerJob", is: "at most", limit: BYTES_MAX },
      { key: "jobs", is: "at least", limit: settings.jobs },
    ],
    roundsMax: 3,
    needsFreshServer: true,
    warmUp: () => Promise.resolve(),
    round,
  };
}
