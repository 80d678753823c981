/**
 * Hints inside a job's id that help a node without a copy to guess who has one.
 *
 *   word 4: .......................... ff   word 5: ffffffffff rrrrrr tttttttttttttttt
 *
 * f: the low 12 bits of the fingerprint of the member set its holders were chosen from (views.ts);
 * r: its replication factor, 63 for more; t: the TTL field. Ids are made by clients too: a hint may
 * be wrong, and then it costs a few questions and nothing else.
 */

/** Bits of a fingerprint that fit into an id. */
export const VIEW_HINT_BITS = 12;

/** What is assumed at least: an id from elsewhere may say less than is true. */
const LOOKUP_COPIES_MIN = 3;
/** How many copies are looked for at most before all members are asked. */
export const LOOKUP_COPIES_MAX = 8;

/** The replication factor an id tells, 0 to 63. */
export function copiesHint(id: Int32Array): number {
  return ((id[5] as number) >>> 16) & 0x3f;
}

/** How many copies to look for, given what the id tells. */
export function lookupCopies(id: Int32Array): number {
  return Math.min(Math.max(copiesHint(id), LOOKUP_COPIES_MIN), LOOKUP_COPIES_MAX);
}

/** The low 12 bits of a fingerprint that an id tells. */
export function viewHint(id: Int32Array): number {
  return (((id[4] as number) & 0x3) << 10) | ((id[5] as number) >>> 22);
}
