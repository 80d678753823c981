/**
 * Runs a load from the outside: starts load processes, waits for what they measured, adds it up.
 *
 * This process does nothing meanwhile: both cores belong to the server and to the load.
 */
import { once } from "node:events";
import { join } from "node:path";
import type { Latency, LatencyName, LoadPlan, LoadResult } from "../../src/client/load/plan.ts";
import { spawn } from "../spawn.ts";
import type { WorkerReply } from "./worker.ts";

/** A load that takes longer waits for replies which will not come. */
const LOAD_MAX_MS = 300_000;

const workerPath = join(import.meta.dirname, "worker.js");

/** Runs a plan in `processes` load processes at the same time; each does its share of the jobs. */
export async function runLoad(plan: LoadPlan, processes = 1): Promise<LoadResult> {
  const share = plan.kind === "fill" ? { ...plan, jobs: Math.ceil(plan.jobs / processes) } : plan;
  return merged(await Promise.all(Array.from({ length: processes }, () => runWorker(share))));
}

async function runWorker(plan: LoadPlan): Promise<LoadResult> {
  const child = spawn("generator", process.execPath, [workerPath], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit").then(() => [{ error: "no result" }]);
  const limit = setTimeout(() => child.kill("SIGKILL"), LOAD_MAX_MS);
  child.send(plan);
  const [reply] = (await Promise.race([once(child, "message"), ended])) as [WorkerReply];
  clearTimeout(limit);
  if ("error" in reply) throw new Error(`${plan.kind} on ${plan.dialect}: ${reply.error}`);
  await ended;
  return reply.result;
}

/**
 * The sum of several processes' results. They ran at the same time against one server, so its CPU
 * time is the longest reading; percentiles can't be added, so the worst one counts.
 */
function merged(results: readonly LoadResult[]): LoadResult {
  const sum = (read: (result: LoadResult) => number) =>
    results.reduce((total, result) => total + read(result), 0);
  const worst = (read: (result: LoadResult) => number) => Math.max(...results.map(read));
  const [only] = results;
  if (only !== undefined && results.length === 1) return only;
  const latencies: Partial<Record<LatencyName, Latency>> = {};
  for (const name of Object.keys(results[0]?.latencies ?? {}) as LatencyName[]) {
    const worstOf = (key: keyof Latency) => worst((result) => result.latencies[name]?.[key] ?? 0);
    latencies[name] = {
      p50: worstOf("p50"),
      p99: worstOf("p99"),
      p999: worstOf("p999"),
      max: worstOf("max"),
    };
  }
  return {
    operations: sum((result) => result.operations),
    seconds: worst((result) => result.seconds),
    serverCpuMicros: worst((result) => result.serverCpuMicros),
    serverWaitedMicros: worst((result) => result.serverWaitedMicros),
    generatorCpuMicros: sum((result) => result.generatorCpuMicros),
    latencies,
  };
}
