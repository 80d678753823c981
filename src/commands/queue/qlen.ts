/**
 * QLEN: how many jobs of a queue wait on this node.
 *
 * Jobs that are delayed, delivered or held back by a pause do not count: they cannot be taken.
 */
import type { CommandSpec } from "../command.ts";

export const qlen: CommandSpec = {
  name: "qlen",
  arity: 2,
  flags: ["readonly", "fast"],
  group: "queue",
  summary: "Counts the jobs that are queued on this node.",
  since: "0.1.0",
  arguments: [{ name: "queue", type: "string" }],
  errors: [],
  reply: "The number of queued jobs; 0 for a queue that does not exist.",
  run: (server, session, request) => {
    const queue = server.broker.queues.find(request.buffer, request.start(1), request.end(1));
    session.reply.integer(queue?.length ?? 0);
  },
};
