/**
 * FASTACK: acknowledges without waiting for anybody.
 *
 * Cheaper than ACKJOB in a cluster and weaker: all nodes that may have a copy are told, and none of
 * them answers, so that one that does not hear of it delivers the job again. On a lone node the two do
 * the same.
 */
import { jobsCommand } from "./jobs-command.ts";

export const fastack = jobsCommand({
  name: "fastack",
  flags: ["write", "fast"],
  summary: "Acknowledges jobs at best effort: faster in a cluster, may be delivered again.",
  reply: "How many jobs were deleted here.",
  isSettling: true,
  act: ({ cluster }, id) => cluster.jobs.fastAck(id),
});
