/**
 * All that is known about one job from outside: its producer's view, its deliveries, its copies.
 *
 * Written by the ledger from what clients and tables show, read by the checkers. Times are true time.
 */
import type { SimProcess } from "./process.ts";

/** What stands in one process' table about one job. */
export type CopyRole = "own" | "replicating" | "copy" | "borrowed" | "tombstone" | "dummy";

/** A record of a job in one process' table, as last seen. */
export interface Copy {
  readonly process: SimProcess;
  /** Since when the process has had a record of the job. */
  readonly sinceMs: number;
  role: CopyRole;
  /** When it was last another one. */
  changedAtMs: number;
  /** In its queue, or promised to somebody this turn. */
  isDeliverable: boolean;
  /** Held back by a pause in input. */
  isHeld: boolean;
  /** Out with a client, as far as this process knows. */
  isLeased: boolean;
  isLent: boolean;
  /** The id of the node to which it is lent. */
  borrower: string | undefined;
  /** When that was last another one, or nobody. */
  lentAtMs: number;
  /** Lent, and a client there has it, as the borrower has said. */
  isOut: boolean;
  epoch: number;
  /** On this process' monotonic clock. */
  dueAtMs: number;
  /** Number of the set of holders in this process. */
  set: number;
  /** The indexes in it. */
  list: readonly number[];
  /** Node ids of the holders, borrowers not among them. */
  holders: readonly string[];
  /** The census that saw it last. */
  census: number;
}

/** A delivery to a client. */
export interface DeliveryNote {
  readonly atMs: number;
  readonly process: SimProcess;
  readonly client: string;
  /** The reply never left, so it did not happen. */
  isReturned: boolean;
}

/** One job. */
export interface Story {
  readonly id: string;
  readonly queue: string;
  readonly body: string;
  readonly origin: SimProcess;
  readonly replicate: number;
  readonly delayMs: number;
  readonly retryMs: number;
  readonly isAsync: boolean;
  readonly addedAtMs: number;
  readonly expiresAtMs: number;
  /** The order of creation among all. */
  readonly order: number;
  /** Nodes other than the origin when it was added, as the origin knew them. */
  readonly ringIds: readonly string[];
  /** When its origin had enough copies; undefined: not yet, or never. */
  replicatedAtMs: number | undefined;
  /** When its ADDJOB failed. */
  failedAtMs: number | undefined;
  /** When its producer has read the id, or the error. */
  toldAtMs: number | undefined;
  readonly deliveries: DeliveryNote[];
  /** When somebody first said that it is done with: ACKJOB or FASTACK, known there or not. */
  ackedAtMs: number | undefined;
  /** When that was last said. */
  lastAckAtMs: number;
  /** Processes on which that was said. */
  readonly ackedBy: Set<SimProcess>;
  /** It is collected: an ACKJOB, or a FASTACK of a job not known there while some node was away. */
  hasSureAck: boolean;
  /** DELJOB, or a flush, somewhere: copies may be missing. */
  isMeddledWith: boolean;
  /** Records by process. */
  readonly copies: Map<SimProcess, Copy>;
  /** Processes that have ever had a copy. */
  readonly everHeld: Set<SimProcess>;
  /** Holders that lost their memory since there were last enough copies. */
  losses: number;
  /** When there were enough again, and how many had been lost until then. */
  repaired: { readonly atMs: number; readonly losses: number } | undefined;
  /** So many copies have been lost that the job may be. */
  isLossExcused: boolean;
  /** Whoever knew that it is done with has lost his memory before the holders heard of it. */
  isAckExcused: boolean;
  /** Acknowledged, and since then without any record of it anywhere. */
  deadSinceMs: number | undefined;
  /** The process that made it has lost its memory. */
  isOriginLost: boolean;
  /** A log without its end had it: it may have been delivered, and its list may be an old one. */
  isTorn: boolean;
  /** DEQUEUE took it out of its queue. */
  isDequeued: boolean;
  /** Requests that change when it may be delivered again: NACK, ENQUEUE, DEQUEUE, WORKING. */
  lastVerbAtMs: number;
  /**
   * NACK or ENQUEUE at a node that only passes it on, when nobody had it or nobody may by the time it arrives: it
   * may end the lease of who gets it then.
   */
  strayWishAtMs: number;
  /** NACK or ENQUEUE at a node that only passes it on, while somebody had the job. */
  passedWishAtMs: number;
  /** Not delivered before that, if nothing is wrong. */
  notBeforeMs: number;
  /** The WORKING that has set it since the last delivery, and what it was for whoever has not heard of that. */
  worked: { readonly atMs: number; readonly notBeforeMs: number } | undefined;
}

/** Whether a record is one of a job that can still be delivered from it. */
export function isLiveRole(role: CopyRole | undefined): boolean {
  return role !== undefined && role !== "tombstone" && role !== "dummy";
}

/** Whether it counts as one of the copies that REPLICATE asks for. */
export function isHoldingRole(role: CopyRole): boolean {
  return role === "own" || role === "copy" || role === "replicating";
}

/** The copies that count. */
export function holdersOf(story: Story): Copy[] {
  return [...story.copies.values()].filter(({ role }) => isHoldingRole(role));
}

/** The same without the one that a job delivered at most once leaves behind when it moves. */
export function settledHoldersOf(story: Story): Copy[] {
  return holdersOf(story).filter(({ isLent }) => story.retryMs > 0 || !isLent);
}

/** The same without those that are sent to another node for good: one that has arrived there is not one more. */
export function stayingHoldersOf(story: Story): Copy[] {
  return holdersOf(story).filter(
    ({ isLent, dueAtMs }) => !isLent || dueAtMs !== Number.POSITIVE_INFINITY,
  );
}

/** There may be enough copies again. */
export function noteRepair(story: Story, nowMs: number): void {
  if (story.losses === 0 || stayingHoldersOf(story).length < story.replicate) return;
  story.repaired = { atMs: nowMs, losses: story.losses };
  story.losses = 0;
}

/**
 * A copy is dropped that came within that time. Its keeper had said so before it had to know of the loss, and nothing
 * was repaired by what came to go.
 */
export function undoRepair(story: Story, nowMs: number, withinMs: number): void {
  const { repaired } = story;
  if (repaired === undefined || nowMs - repaired.atMs > withinMs) return;
  if (stayingHoldersOf(story).length >= story.replicate) return;
  story.losses += repaired.losses;
  story.repaired = undefined;
}

/** Whether a copy exists that can still be delivered. */
export function hasLiveCopy(story: Story): boolean {
  for (const { role } of story.copies.values()) if (isLiveRole(role)) return true;
  return false;
}

/** One line about a record. */
export function describeCopy(copy: Copy, ids: (id: string) => string): string {
  const facts = [
    copy.role,
    copy.isDeliverable ? "queued" : "",
    copy.isHeld ? "held" : "",
    copy.isLeased ? `leased until ${Math.round(copy.dueAtMs)}` : "",
    copy.isLent ? "lent" : "",
    `epoch ${copy.epoch}`,
    `[${copy.holders.map(ids).join(" ")}]`,
  ];
  return facts.filter((fact) => fact !== "").join(" ");
}
