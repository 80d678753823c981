/**
 * ADDJOB on a node of the fabric: what a test asks for, and what became of it.
 *
 * The receiver of the machine writes down how it ended; nobody is a client here.
 */
import type { AddReceiver } from "../../../../src/cluster/jobs/copies/add-receiver.ts";
import type { Jobs } from "../../../../src/cluster/jobs/jobs.ts";
import type { Job } from "../../../../src/core/job.ts";
import type { Queue } from "../../../../src/core/queue.ts";

/** What a test asks of a new job; times in seconds. */
export interface Asked {
  readonly queue?: string;
  readonly body?: string;
  readonly replicate?: number;
  readonly delay?: number;
  readonly retry?: number;
  readonly ttl?: number;
  readonly isAsync?: boolean;
  readonly timeoutMs?: number;
}

/** What became of an ADDJOB: "waiting" until it is answered. */
export interface Added {
  id: string;
  /** The handle on the node where it was added. */
  job: Job;
  outcome: "waiting" | "added" | "timeout" | "gone" | "leaving";
  readonly receiver: AddReceiver;
}

/** Adds a job; the caller fills in the id, and the outcome if it is known already. */
export function addJob(jobs: Jobs, queue: Queue, asked: Asked, nowMs: number): Added {
  const added: Added = {
    id: "",
    job: -1,
    outcome: "waiting",
    receiver: {
      replication: -1,
      replicated: () => {
        added.outcome = "added";
      },
      failed: (why) => {
        added.outcome = why;
      },
    },
  };
  const body = Buffer.from(asked.body ?? "body", "latin1");
  const times = {
    replicate: asked.replicate ?? 1,
    delaySeconds: asked.delay ?? 0,
    retrySeconds: asked.retry ?? 30,
    ttlSeconds: asked.ttl ?? 3600,
  };
  const wait = {
    isAsync: asked.isAsync ?? false,
    deadlineMs: asked.timeoutMs ? nowMs + asked.timeoutMs : Number.POSITIVE_INFINITY,
    receiver: asked.isAsync ? undefined : added.receiver,
  };
  added.job = jobs.addJob(queue, body, 0, body.length, times, wait);
  return added;
}
