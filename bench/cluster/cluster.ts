/**
 * Suite "cluster": what it costs that jobs are on several nodes, and what it is good for.
 *
 * Every row has goals of its own, printed beside what came of them. Everything is compared within one
 * run on one machine: copies with no copies, never with yesterday.
 */
import { type Suite, throughputColumns } from "../suite.ts";
import { latencyWorkloads } from "./latency.ts";
import { clusterOf } from "./nodes.ts";
import { relay } from "./relay.ts";
import { survivorWorkloads } from "./survivors.ts";
import { throughputWorkloads } from "./throughput.ts";
import { trafficWorkloads } from "./traffic.ts";

const NODES = 3;

/** Several ringq nodes on one machine. */
export const cluster: Suite = {
  name: "cluster",
  summary: "several ringq nodes, which share the cores with each other and with the load",
  columns: throughputColumns,
  roundsMax: Number.POSITIVE_INFINITY,
  workloads(settings, ours) {
    const three = clusterOf(NODES, "3 nodes", ours);
    const single = clusterOf(1, "1 node", ours);
    return [
      ...throughputWorkloads(settings, [three, single]),
      ...latencyWorkloads(settings, [three, relay]),
      ...survivorWorkloads(settings, ours),
      ...trafficWorkloads(settings, ours),
    ];
  },
};
