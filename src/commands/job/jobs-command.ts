/**
 * Commands that do one thing to each of several jobs: ACKJOB, ENQUEUE and their like.
 *
 * All ids are checked before anything is done, and the answer is how many jobs it was done to. The
 * commands differ in what they do and in what they say about it, and state no more than that.
 */
import type { Broker } from "../../core/broker.ts";
import type { Job } from "../../core/job.ts";
import type { CommandFlag, CommandSpec } from "../command.ts";
import { countJobs } from "../job-ids.ts";

/** How one of these commands differs from the others. */
export interface JobsCommandFacts {
  readonly name: string;
  readonly flags: readonly CommandFlag[];
  readonly summary: string;
  /** What is counted. */
  readonly reply: string;
  /** Does it to a job that is known here; false when there was nothing to do. */
  readonly act: (broker: Broker, job: Job) => boolean;
}

/** The spec of such a command. */
export function jobsCommand({ act, ...facts }: JobsCommandFacts): CommandSpec {
  return {
    ...facts,
    arity: -1,
    group: "job",
    since: "0.1.0",
    arguments: [{ name: "jobid", type: "string", isMultiple: true }],
    errors: facts.flags.includes("denyoom") ? ["BADID", "OOM"] : ["BADID"],
    run: (server, session, request) =>
      countJobs(server, session, request, (job) => act(server.broker, job)),
  };
}
