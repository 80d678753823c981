/**
 * WORKING: the worker is still busy, the job shall not be given to anybody else yet.
 *
 * Refused when half of the job's life is over, so that a worker that only claims to be busy cannot
 * keep a job to itself until it expires.
 */
import { JobState, NO_JOB } from "../../core/job.ts";
import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";
import { areJobIds, jobAt } from "../job-ids.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";

export const working: CommandSpec = {
  name: "working",
  arity: 2,
  flags: ["write", "fast"],
  group: "job",
  summary: "Postpones the next delivery of a job to RETRY seconds from now.",
  since: "0.1.0",
  arguments: [{ name: "jobid", type: "job" }],
  errors: ["BADID", "NOJOB", "TOOLATE", "ACKED"],
  reply: "Seconds until the job is delivered again unless acknowledged.",
  run: postpone,
};

function postpone(server: ServerState, session: Session, request: Request): void {
  if (!areJobIds(session, request, 1)) return;
  const { clock, jobs } = server.broker;
  const job = jobAt(server, request, 1);
  if (job === NO_JOB) {
    session.reply.error(errors.noJob);
    return;
  }
  if (jobs.state(job) === JobState.acked) {
    session.reply.error(errors.acked);
    return;
  }
  if (clock.isPastHalfLife(job)) {
    session.reply.error(errors.tooLate);
    return;
  }
  // A job that may be delivered once has no next delivery to postpone; an undelivered one would be
  // lost outside its queue (F3 of the reference's defects).
  const retrySeconds = jobs.retrySeconds(job);
  if (retrySeconds > 0) server.cluster.jobs.postpone(job);
  session.reply.integer(retrySeconds);
}
