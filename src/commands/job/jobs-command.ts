/**
 * Commands that do one thing to each of several jobs: ACKJOB, ENQUEUE and their like.
 *
 * All ids are checked before anything is done, and the answer is how many jobs it was done to. The
 * commands differ in what they do and in what they say about it, and state no more than that.
 */
import type { Jobs } from "../../cluster/jobs/jobs.ts";
import { type Job, NO_JOB } from "../../core/job.ts";
import type { CommandFlag, CommandSpec } from "../command.ts";
import { countIds } from "../job-ids.ts";
import type { ServerState } from "../server-state.ts";

/** How one of these commands differs from the others. */
export interface JobsCommandFacts {
  readonly name: string;
  readonly flags: readonly CommandFlag[];
  readonly summary: string;
  /** What is counted. */
  readonly reply: string;
  /** A worker says so of a job it has: it is done with it. */
  readonly isSettling?: boolean;
  /** Does it to the job with this id; false when there was nothing to do, as far as is known here. */
  readonly act: (server: ServerState, id: Int32Array) => boolean;
}

/** An `act` for jobs that are known here. */
export function onKnownJob(act: (jobs: Jobs, job: Job) => boolean): JobsCommandFacts["act"] {
  return ({ broker, cluster }, id) => {
    const job = broker.find(id);
    return job !== NO_JOB && act(cluster.jobs, job);
  };
}

/** The spec of such a command. */
export function jobsCommand({ act, isSettling = false, ...facts }: JobsCommandFacts): CommandSpec {
  return {
    ...facts,
    arity: -1,
    group: "job",
    since: "0.1.0",
    arguments: [{ name: "jobid", type: "job", isMultiple: true }],
    errors: facts.flags.includes("denyoom") ? ["BADID", "OOM"] : ["BADID"],
    run: (server, session, request) => {
      const count = countIds(session, request, (id) => act(server, id));
      if (isSettling) session.jobsSettled += count;
    },
  };
}
