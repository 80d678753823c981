/**
 * One place in the line of replies that are due (pending-replies.ts).
 *
 * Whoever knows the reply at some time holds the place as an `AddReceiver` or a `DeferredReply`, and
 * knows no more of it than that. Places are used again, so nobody may keep one that was settled or
 * cancelled.
 */
import type { AddFailure, AddReceiver } from "../cluster/jobs/copies/add-receiver.ts";
import type { ReplyWriter } from "../protocol/reply-writer.ts";

/** The job of a reply enters no queue at once, or there is none. */
export const NO_QUEUE = -1;

/** What is known of a reply: nothing yet, an id, an error, all its bytes, or who will write it. */
export type Outcome = "open" | "id" | "error" | "bytes" | "written by";

/** Writes a reply that was deferred. */
export type ReplyWriting = (reply: ReplyWriter) => void;

/** A reply that will be known later. */
export interface DeferredReply {
  /** It is known: `write` is called when all replies before it are written. At most once. */
  settle(write: ReplyWriting): void;
}

/** The line as its places see it. */
export interface Line {
  settleWithId(place: Place, id: Int32Array): void;
  settleWithError(place: Place, why: AddFailure): void;
  settleWith(place: Place, write: ReplyWriting): void;
}

/** One place in the line. */
export class Place implements AddReceiver, DeferredReply {
  replication = -1;
  /** Where it is in the ring. */
  index: number;
  outcome: Outcome = "open";
  /** The client does not want to see this reply (CLIENT REPLY). */
  isMuted = false;
  /** Number of the queue its job will enter at once, or NO_QUEUE. */
  queueNumber = NO_QUEUE;
  error = "";
  bytes = 0;
  /** Of a reply that was deferred: what to do when nobody wants it any more. */
  cancel: (() => void) | undefined = undefined;
  write: ReplyWriting | undefined = undefined;
  readonly #line: Line;

  constructor(line: Line, index: number) {
    this.#line = line;
    this.index = index;
  }

  replicated(id: Int32Array): void {
    this.#line.settleWithId(this, id);
  }

  failed(why: AddFailure): void {
    this.#line.settleWithError(this, why);
  }

  settle(write: ReplyWriting): void {
    this.#line.settleWith(this, write);
  }
}
