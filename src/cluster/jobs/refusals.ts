/**
 * Which jobs of a batch a node has not taken, and why: said by exceptions, read by position.
 *
 * A batch that cannot be read is refused from there on: who has asked waits for no answer that never comes,
 * and what stood before was taken.
 */
import type { Refusal } from "../job-messages.ts";

type Reason = Refusal["reason"];

const NO_REASONS: readonly (Reason | undefined)[] = [];

/** The reasons at their positions in a batch of so many; undefined: taken. */
export function reasonsByPosition(
  count: number,
  refusals: readonly Refusal[],
): readonly (Reason | undefined)[] {
  if (refusals.length === 0) return NO_REASONS;
  const reasons = new Array<Reason | undefined>(count).fill(undefined);
  for (const { position, reason } of refusals) {
    if (reason === "unread") reasons.fill(reason, Math.min(position, count));
    else if (position < count) reasons[position] = reason;
  }
  return reasons;
}
