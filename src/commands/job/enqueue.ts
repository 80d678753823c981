/**
 * ENQUEUE: puts jobs into their queues now, whatever their clocks say.
 *
 * A pending delay is cut short. A job that was delivered and may be delivered only once stays where
 * it is.
 */
import { jobsCommand, onKnownJob } from "./jobs-command.ts";

export const enqueue = jobsCommand({
  name: "enqueue",
  flags: ["write", "denyoom", "fast"],
  summary: "Queues active jobs at once: delayed, delivered or dequeued ones.",
  reply: "How many jobs became queued.",
  act: onKnownJob((jobs, job) => jobs.requeue(job, "client")),
});
