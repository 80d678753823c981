/**
 * FASTACK: acknowledges without waiting for anybody.
 *
 * Cheaper than ACKJOB in a cluster and weaker: a node that cannot be reached now may deliver the job
 * again. On a lone node the two do the same.
 */
import { jobsCommand } from "./jobs-command.ts";

export const fastack = jobsCommand({
  name: "fastack",
  flags: ["write", "fast"],
  summary: "Acknowledges jobs at best effort: faster in a cluster, may be delivered again.",
  reply: "How many jobs were deleted here.",
  act: ({ lifecycle }, job) => lifecycle.end(job, "acked"),
});
