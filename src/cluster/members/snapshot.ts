/**
 * What of membership must survive a restart, as plain values.
 *
 * Saved before anything is sent that depends on it: the incarnation must never be used twice. Members
 * that are only being introduced are not in it; whom this node has forgotten is, as somebody who may have its jobs.
 */
import type { MemberRecord } from "../messages.ts";
import type { Member } from "./member.ts";
import type { OwnNode } from "./own-node.ts";

/** A member as it is remembered. */
export interface StoredPeer {
  /** `host` is "" when its address is not known. */
  readonly record: MemberRecord;
  readonly isFailed: boolean;
}

/** This node and whom it knows. */
export interface MembershipSnapshot {
  readonly nodeId: string;
  /** The one in use; the next start uses a higher one. */
  readonly incarnation: number;
  /** The incarnation in which began what the node has in memory. */
  readonly memoryIncarnation: number;
  readonly isLeaving: boolean;
  /** Members have not been told all that this node has, since its log has lost its end (keepers/reunions.ts). */
  readonly isUntold?: boolean;
  /** Nodes, members or not, that are to be told what this one has when they are met (keepers/reunions.ts). */
  readonly untoldIds?: readonly string[];
  readonly members: readonly StoredPeer[];
}

/** The values to save. */
export function snapshotOf(own: OwnNode, members: Iterable<Member>): MembershipSnapshot {
  const { id, incarnation, memoryIncarnation, isLeaving } = own;
  const stored = Array.from(members, ({ record, isFailed }) => ({ record, isFailed }));
  return { nodeId: id, incarnation, memoryIncarnation, isLeaving, members: stored };
}
