/**
 * The process that makes load: receives one plan from its parent, runs it, sends back the result.
 *
 * A process of its own, so that it can be pinned to a core, so that its CPU time is the generator's
 * and nothing else, and so that there can be several.
 */
import { cycle } from "../../src/client/load/cycle.ts";
import { drain } from "../../src/client/load/drain.ts";
import { fill } from "../../src/client/load/fill.ts";
import type { LoadPlan, LoadResult } from "../../src/client/load/plan.ts";
import { handover } from "./handover.ts";
import { paced } from "./paced.ts";
import { survival } from "./survival.ts";

/** What the worker answers. */
export type WorkerReply = { readonly result: LoadResult } | { readonly error: string };

function run(plan: LoadPlan): Promise<LoadResult> {
  switch (plan.kind) {
    case "fill":
      return fill(plan);
    case "cycle":
      return cycle(plan);
    case "drain":
      return drain(plan);
    case "paced":
      return paced(plan);
    case "handover":
      return handover(plan);
    case "survival":
      return survival(plan);
  }
}

process.once("message", async (plan: LoadPlan) => {
  let reply: WorkerReply;
  try {
    reply = { result: await run(plan) };
  } catch (error) {
    reply = { error: error instanceof Error ? error.message : String(error) };
  }
  process.send?.(reply, () => process.exit());
});
