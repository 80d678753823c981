/**
 * What a node has of a job, in words.
 *
 * Tests compare these words, so that a failure reads like a story.
 */
import type { Broker } from "../../../../src/core/broker.ts";
import { type Job, NO_JOB } from "../../../../src/core/job.ts";

/** "own queued", "copy", "borrowed active", "tombstone", "dummy", or "". */
export function describeRole({ roles, jobs }: Broker, job: Job): string {
  if (job === NO_JOB) return "";
  if (roles.isAcked(job)) return roles.isDummy(job) ? "dummy" : "tombstone";
  if (roles.isCopy(job)) return "copy";
  const state = ["replicating", "active", "queued"][jobs.state(job)];
  if (roles.isLent(job)) return "own lent";
  return `${roles.isBorrowed(job) ? "borrowed" : "own"} ${state}`;
}
