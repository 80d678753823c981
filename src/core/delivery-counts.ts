/**
 * What is counted when a job is queued, handed out, taken back, or gone.
 *
 * Two counters travel with a job and tell a consumer what happened before: nacks, and additional
 * deliveries, which count every other time the job went back after it had been queued once
 * (reference 4.2 without its slips, F10). The totals of the node are kept along with them.
 */
import { type Job, JobFlag } from "./job.ts";
import type { JobTable } from "./job-table.ts";
import type { Queue } from "./queue.ts";
import type { BrokerStats } from "./stats.ts";

/** Why a job is put into its queue; decides what is counted. */
export type QueueingCause = "first" | "lease over" | "nack" | "client" | "unwritten";

/** What ended the life of a job: ACKJOB or FASTACK, DELJOB, its TTL, or a lack of memory. */
export type Ending = "acked" | "deleted" | "expired" | "evicted";

/** Keeps the counters of jobs, queues and the node. */
export class DeliveryCounts {
  readonly #jobs: JobTable;
  readonly #stats: BrokerStats;

  constructor(jobs: JobTable, stats: BrokerStats) {
    this.#jobs = jobs;
    this.#stats = stats;
  }

  /** The job goes (back) to its queue. */
  queued(job: Job, cause: QueueingCause): void {
    if (cause === "unwritten") return;
    if (cause === "nack") {
      this.#jobs.addNack(job);
      this.#stats.jobsNacked++;
    } else if (this.#jobs.hasFlag(job, JobFlag.wasQueued)) {
      this.#jobs.addDelivery(job);
    }
    if (cause === "lease over") this.#stats.jobsRequeued++;
    this.#jobs.setFlag(job, JobFlag.wasQueued, true);
  }

  /** The job goes to a client. */
  handedOut(job: Job, queue: Queue): void {
    queue.jobsOut++;
    this.#stats.jobsDelivered++;
    if (this.#jobs.hasFlag(job, JobFlag.delivered)) {
      this.#jobs.setFlag(job, JobFlag.redelivered, true);
      this.#stats.jobsRedelivered++;
    }
    this.#jobs.setFlag(job, JobFlag.delivered, true);
  }

  /** The last hand-out did not happen: everything is as before it. */
  takenBack(job: Job, queue: Queue): void {
    // The queue may have been evicted and made anew since the hand-out.
    if (queue.jobsOut > 0) queue.jobsOut--;
    this.#stats.jobsDelivered--;
    if (this.#jobs.hasFlag(job, JobFlag.redelivered)) this.#stats.jobsRedelivered--;
    else this.#jobs.setFlag(job, JobFlag.delivered, false);
  }

  /** The job is gone. */
  ended(ending: Ending): void {
    if (ending === "acked") this.#stats.jobsAcked++;
    else if (ending === "deleted") this.#stats.jobsDeleted++;
    else if (ending === "expired") this.#stats.jobsExpired++;
    else this.#stats.jobsEvicted++;
  }
}
