/**
 * NACK: the worker could not do it, somebody else shall try.
 *
 * As ENQUEUE, but counted as a failure of the worker instead of an additional delivery.
 */
import { jobsCommand, onKnownJob } from "./jobs-command.ts";

export const nack = jobsCommand({
  name: "nack",
  flags: ["write", "denyoom", "fast"],
  summary: "Gives jobs back to their queues and counts a failed try.",
  reply: "How many jobs became queued.",
  isSettling: true,
  act: onKnownJob((jobs, job) => jobs.requeue(job, "nack")),
});
