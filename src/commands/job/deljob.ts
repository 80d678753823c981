/**
 * DELJOB: forgets jobs on this node only.
 *
 * Other nodes keep their copies and may deliver them; consumers use ACKJOB or FASTACK. A job whose ADDJOB is
 * not answered yet has not been added: that is answered NOREPL, and its copies are taken back. One that is over is
 * not there to be deleted, whatever is remembered of it.
 */
import { jobsCommand, onKnownJob } from "./jobs-command.ts";

export const deljob = jobsCommand({
  name: "deljob",
  flags: ["write", "fast"],
  summary: "Deletes jobs from this node, without telling other nodes.",
  reply: "How many jobs were deleted here.",
  act: onKnownJob((jobs, job) => jobs.delete(job)),
});
