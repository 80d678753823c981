/**
 * Lists of holders as they change, while copies are made and when others are heard of.
 *
 * The keeper is first, and a borrower last. Who comes last of the holders is the first to go when there are
 * copies too many (mender.ts).
 */
import { LOAN } from "../../../core/holder-sets.ts";
import { OWN_INDEX } from "../../nodes.ts";

/** A list with further nodes: the uncertain ones come after all others. */
export function inOrder(
  list: readonly number[],
  added: readonly number[],
  isUncertain: (node: number) => boolean = () => false,
): number[] {
  const holders = list.length === 0 ? [OWN_INDEX] : list.filter((node) => node < LOAN);
  return [
    ...holders.filter((node) => !isUncertain(node)),
    ...added,
    ...holders.filter(isUncertain),
    ...list.filter((node) => node >= LOAN),
  ];
}

/** A list without a node. */
export function without(list: readonly number[], node: number): number[] {
  return list.filter((other) => other !== node);
}
