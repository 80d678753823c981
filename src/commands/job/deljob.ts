/**
 * DELJOB: forgets jobs on this node only.
 *
 * Other nodes keep their copies and may deliver them; consumers use ACKJOB or FASTACK.
 */
import type { CommandSpec } from "../command.ts";
import { countJobs } from "../job-ids.ts";

export const deljob: CommandSpec = {
  name: "deljob",
  arity: -1,
  flags: ["write", "fast"],
  group: "job",
  summary: "Deletes jobs from this node, without telling other nodes.",
  since: "0.1.0",
  arguments: [{ name: "jobid", type: "string", isMultiple: true }],
  errors: ["BADID"],
  reply: "How many jobs were deleted here.",
  run: (server, session, request) =>
    countJobs(server, session, request, (job) => {
      server.broker.stats.jobsDeleted++;
      server.broker.lifecycle.remove(job);
      return true;
    }),
};
