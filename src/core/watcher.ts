/**
 * What the broker tells about jobs that concern other nodes too.
 *
 * The broker knows no other node. Whoever looks after copies and loans is told of the few changes that
 * it cannot see from its own calls; a lone node has nobody to tell.
 */
import type { Job } from "./job.ts";

/** Who is told; from inside the move, so it only takes notes. */
export interface BrokerWatcher {
  /** A job that waited for its copies is about to be forgotten or acknowledged. */
  replicationEnded(job: Job): void;
  /** A job that has copies elsewhere went back to its queue: its counters have changed. */
  requeued(job: Job): void;
  /** A borrowed job was handed to a client. */
  handedOut(job: Job): void;
  /**
   * A borrowed job is queued again because its client did not get it; it may be promised to another one. Or it
   * is a copy by now, and its keeper believes that a client of this node has it.
   */
  takenBack(job: Job): void;
  /**
   * A lent job shall not be handed out by its borrower, which may have it, or get it yet. It is not lent any more,
   * or waits for the borrower's answer (`Roles.isPostponed`).
   */
  loanRecalled(job: Job, borrower: number): void;
  /** A job that others may have, too, has expired, and is about to be forgotten. */
  expired(job: Job): void;
  /** A borrowed job was put into its queue here; it may be promised to somebody already. */
  borrowedQueued(job: Job): void;
}

/** Nobody is there to be told. */
export const NOBODY: BrokerWatcher = {
  replicationEnded: () => {},
  requeued: () => {},
  handedOut: () => {},
  takenBack: () => {},
  loanRecalled: () => {},
  expired: () => {},
  borrowedQueued: () => {},
};
