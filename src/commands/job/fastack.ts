/**
 * FASTACK: acknowledges without waiting for anybody.
 *
 * Cheaper than ACKJOB in a cluster and weaker: a node that cannot be reached now may deliver the job
 * again. On a lone node the two do the same.
 */
import type { CommandSpec } from "../command.ts";
import { countJobs } from "../job-ids.ts";

export const fastack: CommandSpec = {
  name: "fastack",
  arity: -1,
  flags: ["write", "fast"],
  group: "job",
  summary: "Acknowledges jobs at best effort: faster in a cluster, may be delivered again.",
  since: "0.1.0",
  arguments: [{ name: "jobid", type: "string", isMultiple: true }],
  errors: ["BADID"],
  reply: "How many jobs were deleted here.",
  run: (server, session, request) =>
    countJobs(server, session, request, (job) => {
      server.broker.stats.jobsAcked++;
      server.broker.lifecycle.remove(job);
      return true;
    }),
};
