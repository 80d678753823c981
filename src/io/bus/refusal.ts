/**
 * Why two nodes do not become peers over a connection, as a byte on the wire and in words.
 *
 * Both sides can say it: the one that refuses sends the byte, and what both can see for themselves
 * (versions, ids, secrets) each finds out alone. The words are for the log and for operators.
 */

/** Reasons with their byte; a byte never changes its meaning. */
const refusalCodes = {
  version: 16,
  self: 17,
  "no-secret": 18,
  "wrong-secret": 19,
  protected: 20,
  "already-linked": 21,
  "wrong-id": 22,
  stopping: 23,
  outdated: 24,
} as const;

/** Why a node does not want a connection. */
export type Refusal = keyof typeof refusalCodes;

const refusalsByCode: ReadonlyMap<number, Refusal> = new Map(
  (Object.keys(refusalCodes) as Refusal[]).map((refusal) => [refusalCodes[refusal], refusal]),
);

/** What a reason is, said by the side that refuses. */
const words: Readonly<Record<Refusal, string>> = {
  version: "the two nodes have no version of the bus protocol in common",
  self: "this is the node itself",
  "no-secret": "one node has a cluster-secret and the other has none",
  "wrong-secret": "the cluster-secret is another one",
  protected:
    "without cluster-secret only nodes on the same machine are accepted (cluster-protected-mode)",
  "already-linked": "the two nodes have a connection already",
  "wrong-id": "another node than expected answers there",
  stopping: "the node is stopping",
  outdated:
    "a node of the same id has started later: is its data directory used twice, or an old copy?",
};

/** The byte that stands for a reason. */
export function codeOfRefusal(refusal: Refusal): number {
  return refusalCodes[refusal];
}

/** The reason a byte stands for; undefined for bytes that are none (or of a later version). */
export function refusalOfCode(code: number): Refusal | undefined {
  return refusalsByCode.get(code);
}

/** The reason in words. */
export function refusalText(refusal: Refusal): string {
  return words[refusal];
}
