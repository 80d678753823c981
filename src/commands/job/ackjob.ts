/**
 * ACKJOB: the work is done, the jobs can be forgotten.
 *
 * On a lone node a job is gone at once; in a cluster when all nodes that may have a copy know it. An id
 * that this node does not know is looked for on the others, but not counted.
 */
import { jobsCommand } from "./jobs-command.ts";

export const ackjob = jobsCommand({
  name: "ackjob",
  flags: ["write", "fast"],
  summary: "Acknowledges jobs: they are never delivered again.",
  reply: "How many of the jobs were known here and not acknowledged before.",
  isSettling: true,
  act: ({ cluster }, id) => cluster.jobs.ack(id),
});
