/**
 * ENQUEUE: puts jobs into their queues now, whatever their clocks say.
 *
 * A pending delay is cut short. A job that was delivered and may be delivered only once stays where
 * it is.
 */
import { JobFlag } from "../../core/job.ts";
import type { CommandSpec } from "../command.ts";
import { countJobs } from "../job-ids.ts";

export const enqueue: CommandSpec = {
  name: "enqueue",
  arity: -1,
  flags: ["write", "denyoom", "fast"],
  group: "job",
  summary: "Queues active jobs at once: delayed, delivered or dequeued ones.",
  since: "0.1.0",
  arguments: [{ name: "jobid", type: "string", isMultiple: true }],
  errors: ["BADID", "OOM"],
  reply: "How many jobs became queued.",
  run: (server, session, request) =>
    countJobs(server, session, request, (job) => {
      const { jobs, lifecycle } = server.broker;
      // On its way from the queue to a client that waits: it counts as queued until the turn ends.
      if (jobs.hasFlag(job, JobFlag.isClaimed) || !lifecycle.mayEnqueue(job)) return false;
      lifecycle.enqueue(job, "client");
      return true;
    }),
};
