/**
 * Adds jobs with the generator that was asked for: our own, or Redis' as a second opinion.
 *
 * Which one it is makes a difference where generator and servers share cores: each takes another part of them.
 */
import type { LoadResult } from "../../src/client/load/plan.ts";
import type { RunningServer } from "../compare/contender.ts";
import { type Settings, target } from "../suite.ts";
import { fillWithRedisBenchmark } from "./redis-benchmark.ts";
import { runLoad } from "./run.ts";

/** How jobs are added. */
export interface FillShape {
  readonly connections: number;
  /** Requests per write. */
  readonly pipeline: number;
  /** At least so many: writes are full. */
  readonly jobs: number;
}

/** Adds the jobs to the server. */
export function fill(
  server: RunningServer,
  settings: Settings,
  { connections, pipeline, jobs }: FillShape,
): Promise<LoadResult> {
  const shape = { connections, pipeline, jobs: Math.ceil(jobs / pipeline) * pipeline };
  const plan = { kind: "fill", ...target(server, settings), ...shape } as const;
  return settings.usesRedisBenchmark
    ? fillWithRedisBenchmark(plan)
    : runLoad(plan, settings.processes);
}
