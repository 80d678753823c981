/**
 * What the rest of the node learns from membership.
 *
 * Called in the turn in which it happens, from inside the call that caused it; a listener takes note
 * and must not call membership back before that call returns.
 */
import type { PeerAddress } from "./links.ts";
import type { Member } from "./member.ts";

/** Everything is told once. */
export interface MembershipListener {
  /** Who is on the ring, in which zone, or where: the ring is to be built again. */
  membersChanged(): void;
  /** The snapshot is another one and is to be saved before anything is sent. */
  snapshotChanged(): void;
  /** Messages can be sent to it: it has greeted. After `memberRestarted`, if that is so. */
  memberConnected(member: Member): void;
  memberDisconnected(member: Member): void;
  /** It has started again, as it says itself or others tell; `hasMemory`: with all that it held. */
  memberRestarted(member: Member, hasMemory: boolean): void;
  /**
   * It is linked again, and is another process than the one before, with which everything is lost that
   * was on its way to it and from it. Before `memberConnected`; nothing if it has just lost its memory.
   */
  memberReturned(member: Member): void;
  /** `fail?`: silent for the node timeout. */
  memberSuspected(member: Member): void;
  /** `fail`: most members hear nothing of it. */
  memberFailed(member: Member): void;
  /** It is heard again and neither suspected nor failed any more. */
  memberBack(member: Member): void;
  /** Some answers later: duties that others took over may go back to it. */
  memberSteady(member: Member): void;
  /** A node was not linked with because its wall clock is that far ahead (negative: behind), ms. */
  clockRefused(nodeId: string, skewMs: number): void;
  /** A seed has not become a member at so many attempts in a row that somebody should look at it. */
  seedUnanswered(address: PeerAddress, reason: string): void;
  /** It is no member any more: forgotten, reset, or replaced. Its index must not be used from now on. */
  memberRemoved(member: Member): void;
}
