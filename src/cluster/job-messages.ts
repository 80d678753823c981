/**
 * What nodes say to each other about jobs: copies, keepers, acknowledgements, loans.
 *
 * Part of the one table of bus messages (messages.ts). What is said about many jobs in one turn is one
 * message, its jobs packed into bytes (jobs/packed-*.ts); an answer names the batch and only what is
 * not as expected, by position. Control messages arrive exactly once, whatever happens to links; bulk
 * messages are lost with a link, and whoever sends them says them again if it must. Packed bytes are only
 * valid while the message is received.
 */
import { type MessageIn, message } from "./wire/codec.ts";
import { bool, bytes, list, natural, nodeId, oneOf, optional, record, view } from "./wire/kinds.ts";

/** Packed jobs in one message; a larger body travels alone in its message. */
export const PACKED_BYTES_MAX = 600 * 1024 * 1024;
/** Packed ids and other small things in one message. */
export const LIST_BYTES_MAX = 4 * 1024 * 1024;
/** Items of a list in one message. */
export const ITEMS_MAX = 20_000;
/** Nodes that may have what others know nothing of; more are not remembered. */
export const STRANGERS_MAX = 1024;
/** Longest queue name. */
const NAME_BYTES_MAX = 64 * 1024 * 1024;

const jobs = view(PACKED_BYTES_MAX);
const ids = view(LIST_BYTES_MAX);
const refusals = list(
  record({
    position: natural,
    reason: oneOf("memory", "paused", "leaving", "acked", "strangers", "unread"),
  }),
  ITEMS_MAX,
);
const queue = bytes(NAME_BYTES_MAX);

/**
 * Why a node does not take a job, and which of a batch. "strangers": it was to be the keeper, and does
 * not know all who have copies. "unread": the batch is damaged from there on, and nothing behind was taken.
 */
export type Refusal = {
  position: number;
  reason: "memory" | "paused" | "leaving" | "acked" | "strangers" | "unread";
};

/** Messages about jobs. */
export const jobMessages = {
  /**
   * Copies for the receiver, which is in the list of each. Accepted: nobody may be told any more that these
   * jobs cannot be added. Answered by `stored`.
   */
  store: message(20, "bulk", { batch: natural, jobs, isAccepted: optional(bool) }),
  stored: message(21, "bulk", { batch: natural, refusals }),
  /** The keeper says who has copies now. */
  holders: message(22, "control", { lists: ids }),
  /** The sender is keeper from now on. */
  taken: message(23, "control", { lists: ids }),
  /** Jobs the sender had handed to clients before it learned that it is not their keeper. */
  leased: message(24, "control", { leases: ids }),
  /** The sender has no copy of these any more. */
  gone: message(25, "control", { ids }),
  /** The sender has nothing of what it had before; what was pushed to it and had come is answered before this. */
  flushed: message(26, "control", {}),
  /**
   * The receiver is to be keeper of these from now on. Answered by `kept`. The strangers may have any of them
   * without the sender's knowing, nor they of what it has (jobs/keepers/reunions.ts). Those at the positions in
   * `over` have come to their end since they were packed, or were called back, and are taken by nobody. On a copy of
   * the node that `unsure` names for a position nobody can count (jobs/copies/unconfirmed-copies.ts).
   */
  keep: message(27, "control", {
    batch: natural,
    jobs,
    strangers: optional(list(nodeId, STRANGERS_MAX)),
    over: optional(list(natural, ITEMS_MAX)),
    unsure: optional(list(record({ position: natural, nodeId }), ITEMS_MAX)),
  }),
  kept: message(28, "control", { batch: natural, refusals }),
  /**
   * Forget these. Over: the job was deleted everywhere, whoever has it in whatever role. Not over: a
   * copy too many, which concerns only who still takes the sender for its keeper: one that has become
   * keeper itself meanwhile must not throw the last copy away. Short: fewer are left than there should be, as the
   * sender knows of nobody who could take one; a leaving node that does keeps its own.
   * Answered by `dropped`, or by `held`.
   */
  drop: message(29, "control", { ids, isOver: bool, isShort: optional(bool) }),
  dropped: message(30, "control", { ids }),
  /**
   * The sender has copies of these, and takes another node for their keeper, or is that itself; or it leaves, and
   * knows of a node that could have its copy.
   */
  held: message(37, "control", { ids }),
  /** These are acknowledged. Answered by `acked`. */
  ack: message(31, "control", { batch: natural, acks: ids }),
  /** Exceptions only: the others were held here, with the same list. */
  acked: message(32, "control", { batch: natural, exceptions: ids }),
  /** Everybody knows that these are acknowledged: nothing need be remembered. */
  finish: message(33, "bulk", { ids }),
  /**
   * The receiver may have copies that the sender does not know of. Answered by `reported`, behind all that
   * the receiver has to say of them. If it was told all that the sender has, it has said by now what it knows of that.
   */
  report: message(34, "control", { isTold: optional(bool) }),
  reported: message(35, "control", {}),
  /** The sender tells the receiver all that it has, or goes on with that: it may not have reported yet. */
  telling: message(36, "control", {}),
  /** Jobs for clients that wait at the receiver. The number tells the sender's pushes to it apart (push-numbers.ts). */
  push: message(40, "control", { jobs, number: optional(natural) }),
  /** Lent jobs were handed to clients; the push of the receiver that was heard last before that was said. */
  handed: message(41, "control", { ids, lastHeard: optional(natural) }),
  /** Nobody is there any more for these; likewise. */
  returned: message(42, "control", { ids, lastHeard: optional(natural) }),
  /** So many jobs clients of the sender wait for; replaces what was said before. */
  want: message(43, "control", {
    queues: list(record({ queue, credits: natural }), ITEMS_MAX),
  }),
  /** So many jobs nobody waits for at the sender, roughly; replaces what was said before. */
  have: message(44, "control", {
    queues: list(record({ queue, jobs: natural }), ITEMS_MAX),
  }),
  /** That node wants so many jobs of the receiver; replaces what was said before. */
  grant: message(45, "control", {
    grants: list(record({ queue, nodeId, credits: natural }), ITEMS_MAX),
  }),
  /** What clients asked of jobs that the receiver keeps. */
  verbs: message(46, "control", {
    verb: oneOf("working", "nack", "enqueue", "dequeue"),
    ids,
  }),
  /** How often jobs were refused and delivered again. */
  counters: message(47, "bulk", { counts: ids }),
  /**
   * What the sender has lent is the receiver's no longer; it follows what was pushed. If the keeper, the sender or
   * by now another node, waits to hear what became of it, those that nobody was given are answered by `returned`.
   */
  recall: message(48, "control", { ids, isAwaited: bool }),
  /** What waited for the link that has just begun was said before this; lost with that link (late-pushes.ts). */
  resent: message(49, "bulk", {}),
} as const;

/** A message about jobs. */
export type JobMessage = MessageIn<typeof jobMessages>;

/** Messages of some types. */
export type MessageOf<Type extends JobMessage["type"]> = Extract<JobMessage, { type: Type }>;

/** What a client may ask about a job that another node keeps. */
export type Verb = MessageOf<"verbs">["verb"];
