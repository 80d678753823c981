/**
 * CLUSTER FORGET: one node is no member any more, as far as this node is concerned.
 *
 * It is told, so that it does not count on this node any longer, and for a minute nobody but an
 * operator can bring it back: the others still speak of it until they have forgotten it as well.
 */
import type { MembershipState } from "./state.ts";

/** What came of CLUSTER FORGET. */
export type ForgetOutcome = "forgotten" | "unknown" | "self";

/** Ends a membership, or an introduction that has not become one. */
export function forgetNode(state: MembershipState, id: string): ForgetOutcome {
  const { own, table, exclusions, introductions } = state;
  if (id === own.id) return "self";
  const member = table.get(id);
  if (member === undefined) return introductions.dropId(id) ? "forgotten" : "unknown";
  exclusions.forgot(id, member.link !== undefined);
  state.removeMember(member, { type: "forgotten" });
  return "forgotten";
}
