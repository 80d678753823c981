/**
 * The members that the nodes file remembers, at the start.
 *
 * They count as members and as alive from the first moment, because nothing is known against them, and
 * are looked for at once. Whoever was failed for most nodes stays so until it answers.
 */
import type { Member } from "./member.ts";
import type { MembershipSnapshot } from "./snapshot.ts";
import type { MembershipState } from "./state.ts";

/** Makes members of them; `seek` dials one and starts its clock. */
export function restoreMembers(
  state: MembershipState,
  saved: MembershipSnapshot,
  seek: (member: Member) => void,
): void {
  for (const { record, isFailed } of saved.members) {
    const member = state.addMember(record);
    if (member === undefined) return;
    member.isFailed = isFailed;
    // Known from before: counts until it has been silent for the node timeout, as in the reference.
    member.hasAnswered = true;
    seek(member);
  }
}
