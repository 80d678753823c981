/**
 * QLEN: how many jobs of a queue wait on this node, or on all.
 *
 * Jobs that are delayed, delivered or held back by a pause do not count: they cannot be taken.
 */
import type { CommandSpec } from "../command.ts";
import { nodeOrCluster, writeClusterLength } from "./cluster-queue.ts";

export const qlen: CommandSpec = {
  name: "qlen",
  arity: -2,
  flags: ["readonly", "fast"],
  group: "queue",
  summary: "Counts the jobs that are queued on this node, or on all with CLUSTER.",
  since: "0.1.0",
  arguments: [
    { name: "queue", type: "queue" },
    { name: "cluster", type: "token", token: "CLUSTER", isOptional: true },
  ],
  errors: [],
  reply:
    "The number of queued jobs; 0 for a queue that does not exist. CLUSTER: the sum, and for each " +
    "node whether it answered.",
  run: nodeOrCluster((server, session, request) => {
    const queue = server.broker.queues.find(request.buffer, request.start(1), request.end(1));
    session.reply.integer(queue?.length ?? 0);
  }, writeClusterLength),
};
