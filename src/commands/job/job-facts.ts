/**
 * What this node knows about a job, as values: for SHOW, JSCAN and whoever else describes jobs.
 *
 * Only this node: another holder of the job may see it in another state. The body is not among them.
 */
import type { Job } from "../../core/job.ts";
import type { ServerState } from "../server-state.ts";

/** Names of states as clients see them, by JobState. */
export const STATE_NAMES: readonly string[] = ["wait-repl", "active", "queued", "acked"];

/** The description of a job. Moments that do not exist are Infinity. */
export interface JobFacts {
  readonly queue: Buffer;
  readonly state: string;
  readonly replicate: number;
  /** Seconds left. */
  readonly ttlLeftSeconds: number;
  readonly createdMs: number;
  readonly createdCounter: number;
  readonly delaySeconds: number;
  readonly retrySeconds: number;
  readonly nacks: number;
  readonly additionalDeliveries: number;
  /** Ids of nodes that may have a copy, the keeper first. */
  readonly holderIds: readonly string[];
  readonly requeueWithinMs: number;
  readonly awakeWithinMs: number;
}

/** Describes a job that is known here. */
export function jobFacts(server: ServerState, job: Job): JobFacts {
  const { broker, cluster, host } = server;
  const { clock, jobs, lifecycle } = broker;
  const requeueWithinMs = clock.requeueWithinMs(job);
  const withinMs = Math.max(0, clock.awakeAtMs(job) - host.nowMs);
  return {
    queue: lifecycle.queueOf(job).name,
    state: STATE_NAMES[jobs.state(job)] as string,
    replicate: jobs.replicate(job),
    ttlLeftSeconds: Math.max(0, Math.ceil((jobs.expiresAtMs(job) - host.nowMs) / 1000)),
    createdMs: jobs.createdMs(job),
    createdCounter: jobs.createdCounter(job),
    delaySeconds: jobs.delaySeconds(job),
    retrySeconds: jobs.retrySeconds(job),
    nacks: jobs.nacks(job),
    additionalDeliveries: jobs.additionalDeliveries(job),
    holderIds: cluster.jobs.holderIds(job),
    requeueWithinMs,
    // Until the job expires, or its retry clock goes round, which for a held job it has.
    awakeWithinMs: Math.min(withinMs, requeueWithinMs),
  };
}
