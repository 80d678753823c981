/**
 * SHOW: everything this node knows about a job.
 *
 * Only this node: another holder of the job may see it in another state.
 */
import { NO_JOB } from "../../core/job.ts";
import type { CommandSpec } from "../command.ts";
import { areJobIds, jobAt } from "../job-ids.ts";
import { writeDescriptions } from "./show-reply.ts";

export const show: CommandSpec = {
  name: "show",
  arity: 2,
  flags: ["readonly", "fast"],
  group: "job",
  summary: "Describes a job.",
  since: "0.1.0",
  arguments: [{ name: "jobid", type: "job" }],
  errors: ["BADID"],
  reply: "Pairs of name and value; nothing for a job this node does not know.",
  run: (server, session, request) => {
    if (!areJobIds(session, request, 1)) return;
    const job = jobAt(server, request, 1);
    if (job === NO_JOB) session.reply.nullBulk();
    else writeDescriptions(server, session, [job]);
  },
};
