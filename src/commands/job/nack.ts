/**
 * NACK: the worker could not do it, somebody else shall try.
 *
 * As ENQUEUE, but counted as a failure of the worker instead of an additional delivery.
 */
import { JobFlag } from "../../core/job.ts";
import type { CommandSpec } from "../command.ts";
import { countJobs } from "../job-ids.ts";

export const nack: CommandSpec = {
  name: "nack",
  arity: -1,
  flags: ["write", "denyoom", "fast"],
  group: "job",
  summary: "Gives jobs back to their queues and counts a failed try.",
  since: "0.1.0",
  arguments: [{ name: "jobid", type: "string", isMultiple: true }],
  errors: ["BADID", "OOM"],
  reply: "How many jobs became queued.",
  run: (server, session, request) =>
    countJobs(server, session, request, (job) => {
      const { jobs, lifecycle } = server.broker;
      // On its way from the queue to a client that waits: it counts as queued until the turn ends.
      if (jobs.hasFlag(job, JobFlag.isClaimed) || !lifecycle.mayEnqueue(job)) return false;
      lifecycle.enqueue(job, "nack");
      return true;
    }),
};
