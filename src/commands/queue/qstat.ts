/**
 * QSTAT: what is known about one queue on this node, or on all.
 *
 * Ten pairs in the reference's order; clients read some by position, new ones are appended only.
 */
import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";
import { nodeOrCluster, writeClusterStat } from "./cluster-queue.ts";

const PAIRS = 10;

export const qstat: CommandSpec = {
  name: "qstat",
  arity: -2,
  flags: ["readonly", "fast"],
  group: "queue",
  summary: "Describes a queue as this node sees it, or all nodes with CLUSTER.",
  since: "0.1.0",
  arguments: [
    { name: "queue", type: "queue" },
    { name: "cluster", type: "token", token: "CLUSTER", isOptional: true },
  ],
  errors: [],
  reply: "Pairs of name and value; nothing for a queue that does not exist.",
  run: nodeOrCluster(describe, writeClusterStat),
};

function describe(server: ServerState, session: Session, request: Request): void {
  const queue = server.broker.queues.find(request.buffer, request.start(1), request.end(1));
  const { reply } = session;
  if (queue === undefined) {
    reply.nullArray();
    return;
  }
  const now = server.host.nowMs;
  const { lending } = server.cluster.jobs;
  reply.array(PAIRS * 2);
  reply.bulkText("name");
  reply.bulk(queue.name, 0, queue.name.length);
  reply.bulkText("len");
  reply.integer(queue.length);
  reply.bulkText("age");
  reply.integer(Math.floor((now - queue.createdAtMs) / 1000));
  reply.bulkText("idle");
  reply.integer(Math.floor((now - queue.usedAtMs) / 1000));
  reply.bulkText("blocked");
  reply.integer(queue.waiterCount);
  reply.bulkText("import-from");
  const sources = lending.importsFrom(queue);
  reply.array(sources.length);
  for (const id of sources) reply.bulkText(id);
  reply.bulkText("import-rate");
  reply.integer(lending.importRate(queue));
  reply.bulkText("jobs-in");
  reply.integer(queue.jobsIn);
  reply.bulkText("jobs-out");
  reply.integer(queue.jobsOut);
  reply.bulkText("pause");
  reply.bulkText(queue.pauseState);
}
