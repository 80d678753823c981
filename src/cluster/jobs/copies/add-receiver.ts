/**
 * Who waits for the copies of a new job, as the machine that makes them sees it.
 *
 * A client's ADDJOB here, anything else that adds jobs elsewhere; the machine does not know what it is.
 */

/** Why there are no copies: too late, the job is gone, or this node leaves. */
export type AddFailure = "timeout" | "gone" | "leaving";

/** Exactly one of the two is called, once, and never from inside `addJob`. */
export interface AddReceiver {
  /** The job has its copies; the id is only valid during the call. */
  replicated(id: Int32Array): void;
  /** It has not, and nobody will ever be given it. */
  failed(why: AddFailure): void;
  /** Set by the machine to name the replication while it lasts, -1 otherwise. */
  replication: number;
}

/** How an ADDJOB waits. */
export interface AddWait {
  /** Answered before there are copies. */
  readonly isAsync: boolean;
  /** Monotonic ms; Infinity: waits for ever. */
  readonly deadlineMs: number;
  /** Undefined when nobody waits. */
  readonly receiver: AddReceiver | undefined;
}
