/**
 * Redis' own load generator, as a second opinion.
 *
 * It sends one fixed command, so it can add jobs but not take and acknowledge them. It closes its
 * loop as load/fill.ts does: a batch on every connection, and the next one when all is answered.
 * Although written in C it is not the default: it parses every reply and touches every connection
 * separately, and without pipelining it needs its core entirely for 98 000 requests per second where
 * load/fill.ts makes 148 000 against the same server.
 */

import { dialects } from "../../src/client/load/dialect.ts";
import type { FillPlan, Latency, LoadResult } from "../../src/client/load/plan.ts";
import {
  cpuMicros,
  reapedChildrenCpuMicros,
  sumOf,
  waitedForCoreMicros,
} from "../../src/client/load/proc.ts";
import { outputOf, spawn } from "../spawn.ts";

/** Adds the plan's jobs with redis-benchmark; throws when its output can't be understood. */
export async function fillWithRedisBenchmark(plan: FillPlan): Promise<LoadResult> {
  const add = dialects[plan.dialect].addCommand(plan.queue, "x".repeat(plan.bodyBytes));
  const settings = `-p ${plan.port} -c ${plan.connections} -P ${plan.pipeline} -n ${plan.jobs}`;
  const serverCpuBefore = sumOf(plan.serverPids, cpuMicros);
  const waitedBefore = sumOf(plan.serverPids, waitedForCoreMicros);
  const ownCpuBefore = reapedChildrenCpuMicros();
  const child = spawn("generator", "redis-benchmark", [...settings.split(" "), ...add], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = await outputOf(child, "redis-benchmark");
  const { operationsPerSecond, latency } = parseReport(output);
  return {
    operations: plan.jobs,
    seconds: plan.jobs / operationsPerSecond,
    serverCpuMicros: sumOf(plan.serverPids, cpuMicros) - serverCpuBefore,
    serverWaitedMicros: sumOf(plan.serverPids, waitedForCoreMicros) - waitedBefore,
    generatorCpuMicros: reapedChildrenCpuMicros() - ownCpuBefore,
    latencies: { batch: latency },
  };
}

/** The figures in redis-benchmark's text. Latencies become microseconds. */
export function parseReport(text: string): { operationsPerSecond: number; latency: Latency } {
  const error = /Error from server: .*/.exec(text);
  if (error) throw new Error(error[0]);
  const throughput = /throughput summary: ([\d.]+) requests per second/.exec(text)?.[1];
  if (throughput === undefined)
    throw new Error(`not a redis-benchmark report: ${text.slice(-300)}`);

  const steps = [...text.matchAll(/^([\d.]+)% <= ([\d.]+) milliseconds \(cumulative/gm)];
  // Two tables follow each other: by percentile, which ends at 100 %, then by latency.
  const atLeast = (percent: number) => {
    const step = steps.find(([, reached]) => Number(reached) >= percent);
    return Number(step?.[2] ?? Number.NaN) * 1000;
  };
  return {
    operationsPerSecond: Number(throughput),
    latency: { p50: atLeast(50), p99: atLeast(99), p999: atLeast(99.9), max: atLeast(100) },
  };
}
