/**
 * Steps of clients and of nodes, in any order: what a property draws, and how it is lived.
 *
 * What they find when they come, and what is wrong then, is not known here.
 */
import { fc } from "../../../support/fast-check.ts";
import { type ClientAct, type ClientStep, performClient } from "./client-step.ts";
import type { DisputedJob, NodeAct, Step } from "./disputed-job.ts";

const STEPS_MAX = 24;

/** One step, and whose it is. */
export type AnyStep =
  | { readonly by: "client"; readonly step: ClientStep }
  | { readonly by: "nodes"; readonly step: Step };

/** Lists of steps with these acts; clients and nodes have as many each. */
export function anySteps(
  clients: readonly ClientAct[],
  nodes: readonly NodeAct[],
  nodesMax: number,
): fc.Arbitrary<AnyStep[]> {
  const node = fc.nat(nodesMax - 1);
  const thenMs = fc.oneof(fc.nat(2), fc.nat(19), fc.nat(199), fc.nat(3000));
  const rest = { node, other: node, thenMs };
  const byClients = fc.record({ do: fc.constantFrom(...clients), ...rest });
  const byNodes = fc.record({ do: fc.constantFrom(...nodes), ...rest });
  const step = fc.oneof(
    byClients.map((step): AnyStep => ({ by: "client", step })),
    byNodes.map((step): AnyStep => ({ by: "nodes", step })),
  );
  return fc.array(step, { maxLength: STEPS_MAX, size: "max" });
}

/** All of them, one after the other. */
export function performAll(job: DisputedJob, steps: readonly AnyStep[]): void {
  for (const { by, step } of steps) {
    if (by === "client") performClient(job, step);
    else job.perform(step);
  }
}
