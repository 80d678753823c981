/**
 * ACKJOB: the work is done, the jobs can be forgotten.
 *
 * On a lone node the job is gone at once. Ids this node does not know are ignored: they were
 * acknowledged before, expired, or never existed.
 */
import { jobsCommand } from "./jobs-command.ts";

export const ackjob = jobsCommand({
  name: "ackjob",
  flags: ["write", "fast"],
  summary: "Acknowledges jobs: they are never delivered again.",
  reply: "How many of the jobs were known and not acknowledged before.",
  act: ({ lifecycle }, job) => lifecycle.end(job, "acked"),
});
