/**
 * DEQUEUE: takes jobs out of their queues without delivering them.
 *
 * They stay known and come back by themselves when their retry time is over; a job that may be
 * delivered only once comes back with ENQUEUE.
 */
import { jobsCommand, onKnownJob } from "./jobs-command.ts";

export const dequeue = jobsCommand({
  name: "dequeue",
  flags: ["write", "fast"],
  summary: "Takes jobs out of their queues; they stay known.",
  reply: "How many jobs were taken out of a queue.",
  act: onKnownJob((jobs, job) => jobs.dequeue(job)),
});
