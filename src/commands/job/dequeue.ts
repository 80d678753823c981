/**
 * DEQUEUE: takes jobs out of their queues without delivering them.
 *
 * They stay known and come back by themselves when their retry time is over; a job that may be
 * delivered only once comes back with ENQUEUE.
 */
import { JobState } from "../../core/job.ts";
import type { CommandSpec } from "../command.ts";
import { countJobs } from "../job-ids.ts";

export const dequeue: CommandSpec = {
  name: "dequeue",
  arity: -1,
  flags: ["write", "fast"],
  group: "job",
  summary: "Takes jobs out of their queues; they stay known.",
  since: "0.1.0",
  arguments: [{ name: "jobid", type: "string", isMultiple: true }],
  errors: ["BADID"],
  reply: "How many jobs were taken out of a queue.",
  run: (server, session, request) =>
    countJobs(server, session, request, (job) => {
      const { jobs, lifecycle } = server.broker;
      if (jobs.state(job) !== JobState.queued) return false;
      lifecycle.dequeue(job);
      return true;
    }),
};
