/**
 * What a node must remember even when it keeps no log: who it is, whom it knows, and what is
 * paused.
 *
 * These are the values of the nodes file. They are plain, so that the broker can hand them over and
 * take them back without knowing how they are written (nodes-file-format.ts) or where
 * (nodes-file.ts).
 */

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

/** Another member of the cluster and where it was last heard. */
export interface StoredMember {
  /** 40 hex digits. */
  readonly nodeId: string;
  /** A literal address, or "" when unknown. */
  readonly ip: string;
  readonly port: number;
  readonly busPort: number;
  readonly isLeaving: boolean;
}

/** The whole content of a nodes file. */
export interface NodesState {
  /** This node, 40 hex digits in lower case. */
  readonly nodeId: string;
  readonly isLeaving: boolean;
  readonly pauses: readonly StoredPause[];
  readonly members: readonly StoredMember[];
}

/** Content that cannot be used; the message says what is wrong with it, without the file's name. */
export class NodesFormatError extends Error {
  override readonly name = "NodesFormatError";
}
