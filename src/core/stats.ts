/**
 * What has happened on this node since it started, in plain numbers.
 *
 * The hot path adds to fields and nothing else; INFO and metrics read them. These are totals of
 * their own and never sums over queues: a queue that goes away must not make a total fall.
 */
import { LogHistogram } from "../util/log-histogram.ts";
import { JobFlag, JobState } from "./job.ts";

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
  /** Records that are somebody else's or nobody's any more (roles.ts), now. */
  copies = 0;
  borrowedJobs = 0;
  lentJobs = 0;
  dummies = 0;
  /** Ms by the wall clock from ADDJOB, or the end of its delay, to a job's first hand-out here. */
  readonly firstDeliveryMs = new LogHistogram();
  /** Ms from a hand-out, or the last WORKING, to ACKJOB here; of jobs with a RETRY. */
  readonly acknowledgementMs = new LogHistogram();
  /** Jobs per state; index by JobState. */
  readonly jobsByState = new Int32Array(Object.keys(JobState).length);

  /** So many more records have these roles, given as flags. */
  countRoles(flags: number, change: 1 | -1): void {
    if ((flags & JobFlag.isCopy) !== 0) this.copies += change;
    if ((flags & JobFlag.isBorrowed) !== 0) this.borrowedJobs += change;
    if ((flags & JobFlag.isLent) !== 0) this.lentJobs += change;
    if ((flags & JobFlag.isDummy) !== 0) this.dummies += change;
  }

  /** All jobs are gone at once. */
  allGone(): void {
    this.jobsByState.fill(0);
    this.jobsHeld = 0;
    this.copies = 0;
    this.borrowedJobs = 0;
    this.lentJobs = 0;
    this.dummies = 0;
  }

  /** One more job is in this state. */
  entered(state: JobState): void {
    this.jobsByState[state] = (this.jobsByState[state] as number) + 1;
  }

  /** One job less is in this state. */
  left(state: JobState): void {
    this.jobsByState[state] = (this.jobsByState[state] as number) - 1;
  }
}
