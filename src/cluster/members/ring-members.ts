/**
 * Who is on the ring: all members that are not leaving and whose address is known, dead ones included.
 *
 * Failures move no keys, so being alive does not matter here; what the ring is made of in the end is
 * decided by views.ts.
 */
import { OWN_INDEX } from "../nodes.ts";
import type { RingMember } from "../ring.ts";
import type { Membership } from "./membership.ts";

/** The members of the ring as they are now, this node first. */
export function ringMembersOf(membership: Membership): RingMember[] {
  const members: RingMember[] = [];
  if (!membership.isLeaving) members.push({ node: OWN_INDEX, id: membership.nodeId });
  for (const { index, id, isOnRing } of membership.members()) {
    if (isOnRing) members.push({ node: index, id });
  }
  return members;
}
