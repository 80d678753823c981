/**
 * What has happened on this node since it started, in plain numbers.
 *
 * The hot path adds to fields and nothing else; INFO and metrics read them. These are totals of
 * their own and never sums over queues: a queue that goes away must not make a total fall.
 */
import { JobState } from "./job.ts";

/** Totals since start, and how many jobs are in which state now. */
export class BrokerStats {
  jobsAdded = 0;
  /** Hand-outs to clients, first and later ones. */
  jobsDelivered = 0;
  /** Hand-outs of jobs that had been handed out before. */
  jobsRedelivered = 0;
  /** Removed by ACKJOB or FASTACK. */
  jobsAcked = 0;
  jobsNacked = 0;
  /** Times a job went back to its queue because its lease ran out. */
  jobsRequeued = 0;
  jobsExpired = 0;
  /** Removed by DELJOB. */
  jobsDeleted = 0;
  jobsEvicted = 0;
  /** Hand-outs taken back because the reply could not be written. */
  jobsReturned = 0;
  queuesEvicted = 0;
  /** Jobs held back by a pause in input now; their state is active. */
  jobsHeld = 0;
  /** Jobs per state; index by JobState. */
  readonly jobsByState = new Int32Array(Object.keys(JobState).length);

  /** One more job is in this state. */
  entered(state: JobState): void {
    this.jobsByState[state] = (this.jobsByState[state] as number) + 1;
  }

  /** One job less is in this state. */
  left(state: JobState): void {
    this.jobsByState[state] = (this.jobsByState[state] as number) - 1;
  }
}
