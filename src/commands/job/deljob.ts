/**
 * DELJOB: forgets jobs on this node only.
 *
 * Other nodes keep their copies and may deliver them; consumers use ACKJOB or FASTACK.
 */
import { jobsCommand, onKnownJob } from "./jobs-command.ts";

export const deljob = jobsCommand({
  name: "deljob",
  flags: ["write", "fast"],
  summary: "Deletes jobs from this node, without telling other nodes.",
  reply: "How many jobs were deleted here.",
  act: onKnownJob((jobs, job) => jobs.delete(job)),
});
