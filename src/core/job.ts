/**
 * What a job is to the rest of the code: a handle, a state, some facts that are so or not.
 *
 * Where these are stored is the job table's business (job-table.ts), when they may change the
 * lifecycle's (lifecycle.ts).
 */

/** A handle into the table. */
export type Job = number;
/** No job. */
export const NO_JOB: Job = -1;

/** What a node knows about a job's whereabouts (reference commands, section 3.2). */
export const JobState = { replicating: 0, active: 1, queued: 2, acked: 3 } as const;
export type JobState = (typeof JobState)[keyof typeof JobState];

/** Facts that are either so or not. */
export const JobFlag = {
  /** Was borrowed, and is this node's own since none of its holders can be asked: they may know better. */
  isAdopted: 1 << 3,
  /** Handed to a client at least once. */
  delivered: 1 << 4,
  /** Was in its queue before, so that the next requeue counts as an additional delivery. */
  wasQueued: 1 << 5,
  /** Would be queued, were its queue not paused in input. */
  isHeld: 1 << 6,
  /** Delivered at most once and kept only to be recognised: may be evicted. */
  isEvictable: 1 << 7,
  /** Promised to a waiter that is answered at the end of this turn; not leased before that. */
  isClaimed: 1 << 8,
  /** Handed to a client more than once. */
  redelivered: 1 << 9,
  /** Held for a reason that is counted when the job enters its queue. */
  countsOnRelease: 1 << 10,
  /** Of a lent job, which is never held: its borrower has handed it out. Shares its place with the former. */
  isOut: 1 << 10,
  /** Another node is its keeper: it is never queued here. */
  isCopy: 1 << 11,
  /** Lent by its keeper for clients of this node, which is no holder. */
  isBorrowed: 1 << 12,
  /** Lent to another node, or on its way there; it comes back when its lease is over. */
  isLent: 1 << 13,
  /** Acknowledged here although this node never had it. */
  isDummy: 1 << 14,
  /** Came to this queue for clients who ask again and again: it stays for them for a while. */
  isLodger: 1 << 15,
  /**
   * Of a lent job, or a copy that was lent until another node became its keeper: due only then, whatever its
   * borrower says. It is in no queue, and this shares its place with the former.
   */
  isPostponed: 1 << 15,
} as const;

/** The flags that say what a record is among nodes; none: an own job. */
export const ROLE_FLAGS = JobFlag.isCopy | JobFlag.isBorrowed | JobFlag.isLent | JobFlag.isDummy;

/** Flags that say nothing to the next process: their change is no change of the job. */
export const FLEETING_FLAGS = JobFlag.isLodger | JobFlag.isPostponed;
