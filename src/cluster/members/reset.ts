/**
 * CLUSTER RESET: this node knows nobody any more, and all others are told.
 *
 * A soft one keeps the id and needs care: the others must not take what the node says later for the one
 * they knew, nor call it back. A hard one makes it somebody else.
 */
import type { Greeter } from "./greeter.ts";
import type { MembershipState } from "./state.ts";

/** Forgets all members; `newId` for a hard reset. */
export function resetMembership(
  state: MembershipState,
  greeter: Greeter,
  newId: string | undefined,
): void {
  const { own, table, exclusions, introductions, listener, seeds } = state;
  const { incarnation } = own;
  own.incarnation++;
  own.memoryIncarnation = own.incarnation;
  introductions.dropAll();
  greeter.hangUpStrangers();
  for (const member of [...table.values()]) {
    const isTold = member.link !== undefined;
    state.removeMember(member, { type: "departed", incarnation });
    // Under a new id nobody can call the old one.
    if (newId === undefined) exclusions.leftBehind(member.id, incarnation, isTold);
  }
  if (newId !== undefined) own.id = newId;
  listener.membersChanged();
  listener.snapshotChanged();
  seeds.wake();
}
