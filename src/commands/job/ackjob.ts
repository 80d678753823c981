/**
 * ACKJOB: the work is done, the jobs can be forgotten.
 *
 * On a lone node the job is gone at once. Ids this node does not know are ignored: they were
 * acknowledged before, expired, or never existed.
 */
import type { CommandSpec } from "../command.ts";
import { countJobs } from "../job-ids.ts";

export const ackjob: CommandSpec = {
  name: "ackjob",
  arity: -1,
  flags: ["write", "fast"],
  group: "job",
  summary: "Acknowledges jobs: they are never delivered again.",
  since: "0.1.0",
  arguments: [{ name: "jobid", type: "string", isMultiple: true }],
  errors: ["BADID"],
  reply: "How many of the jobs were known and not acknowledged before.",
  run: (server, session, request) =>
    countJobs(server, session, request, (job) => {
      server.broker.stats.jobsAcked++;
      server.broker.lifecycle.remove(job);
      return true;
    }),
};
