/**
 * DELJOB: forgets jobs on this node only.
 *
 * Other nodes keep their copies and may deliver them; consumers use ACKJOB or FASTACK.
 */
import { jobsCommand } from "./jobs-command.ts";

export const deljob = jobsCommand({
  name: "deljob",
  flags: ["write", "fast"],
  summary: "Deletes jobs from this node, without telling other nodes.",
  reply: "How many jobs were deleted here.",
  act: ({ lifecycle }, job) => lifecycle.end(job, "deleted"),
});
