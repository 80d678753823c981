/**
 * What a node must remember even when it keeps no log: who it is, whom it knows, and what is
 * paused.
 *
 * These are the values of the nodes file. They are plain, so that the broker can hand them over and
 * take them back without knowing how they are written (nodes-file-format.ts) or where
 * (nodes-file.ts).
 */
import type { MembershipSnapshot } from "../cluster/members/snapshot.ts";

/** Directions in which a queue is stopped. */
export type StoredPauseState = "none" | "in" | "out" | "all";

/**
 * A pause that was announced to the whole cluster; the higher counter wins, then the higher node
 * id.
 */
export interface StoredBroadcast {
  readonly counter: number;
  /** The node that announced it, 40 hex digits. */
  readonly nodeId: string;
  readonly state: StoredPauseState;
}

/**
 * One queue's pause. `state` is what holds on this node. `broadcast` is the newest announcement
 * seen, which a later local PAUSE may differ from; it is kept, even as "none", to know which
 * announcements are old.
 */
export interface StoredPause {
  /** The queue's name, up to 64 KB of any bytes. */
  readonly queue: Buffer;
  readonly state: StoredPauseState;
  readonly broadcast?: StoredBroadcast;
}

/** The whole content of a nodes file: this node, whom it knows, and what is paused. */
export interface NodesState extends MembershipSnapshot {
  /** Ids that this node had before CLUSTER RESET HARD: its log may still be one of theirs. */
  readonly formerIds: readonly string[];
  readonly pauses: readonly StoredPause[];
}

/** Content that cannot be used; the message says what is wrong with it, without the file's name. */
export class NodesFormatError extends Error {
  override readonly name = "NodesFormatError";
}
