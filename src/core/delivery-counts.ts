/**
 * What is counted when a job is queued, handed out, taken back, or gone.
 *
 * Two counters travel with a job and tell a consumer what happened before: nacks, and additional
 * deliveries, which count every other time the job went back after it had been queued once
 * (reference 4.2 without its slips, F10). The totals of the node are kept along with them.
 */
import type { Host } from "./host.ts";
import { type Job, JobFlag, JobState } from "./job.ts";
import type { JobTable } from "./job-table.ts";
import type { Queue } from "./queue.ts";
import type { BrokerStats } from "./stats.ts";

/** Why a job is put into its queue; decides what is counted. */
export type QueueingCause = "first" | "lease over" | "nack" | "client" | "unwritten";

/** What ended the life of a job: ACKJOB or FASTACK, DELJOB, its TTL, or a lack of memory. */
export type Ending = "acked" | "deleted" | "expired" | "evicted";

/** Of these only `delivered`: a client has it, and its due time is the end of its lease. */
const LEASE_FLAGS =
  JobFlag.delivered | JobFlag.isHeld | JobFlag.isClaimed | JobFlag.isCopy | JobFlag.isLent;

/** Keeps the counters of jobs, queues and the node. */
export class DeliveryCounts {
  readonly #host: Host;
  readonly #jobs: JobTable;
  readonly #stats: BrokerStats;

  constructor(host: Host, jobs: JobTable, stats: BrokerStats) {
    this.#host = host;
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
    } else {
      const dueWallMs = this.#jobs.createdMs(job) + this.#jobs.delaySeconds(job) * 1000;
      this.#stats.firstDeliveryMs.record(this.#host.wallMs - dueWallMs);
    }
    this.#jobs.setFlag(job, JobFlag.delivered, true);
  }

  /**
   * A client has acknowledged the job. How long that took follows from the end of its lease, so one that
   * is queued again meanwhile, or has no lease, is not measured.
   */
  acknowledged(job: Job): void {
    this.#stats.jobsAcked++;
    const retrySeconds = this.#jobs.retrySeconds(job);
    if (retrySeconds === 0 || this.#jobs.state(job) !== JobState.active) return;
    if (this.#jobs.flags(job, LEASE_FLAGS) !== JobFlag.delivered) return;
    const leasedAtMs = this.#jobs.dueAtMs(job) - retrySeconds * 1000;
    this.#stats.acknowledgementMs.record(this.#host.nowMs - leasedAtMs);
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
  ended(job: Job, ending: Ending): void {
    if (ending === "acked") this.acknowledged(job);
    else if (ending === "deleted") this.#stats.jobsDeleted++;
    else if (ending === "expired") this.#stats.jobsExpired++;
    else this.#stats.jobsEvicted++;
  }
}
