/**
 * The ring by its definition: who comes first clockwise from a key.
 *
 * Every node's next token is found on its own and the nodes are sorted by how far theirs is: slow,
 * short, and sharing nothing with the ring it is compared with but the hash.
 */
import { xxh64 } from "../../../support/xxh64.ts";

const TOKENS_PER_NODE = 512;
const RING = 1n << 64n;
const tokensByNode = new Map<string, BigUint64Array>();

/** Node ids in the order in which they come after the key of a job. */
export function walkOfJob(jobId: string, nodeIds: readonly string[]): string[] {
  return walk(hashOf(jobId), nodeIds);
}

/** Node ids in the order in which they come after the key of a queue. */
export function walkOfQueue(queue: string, nodeIds: readonly string[]): string[] {
  return walk(hashOf(`q\0${queue}`), nodeIds);
}

function walk(key: bigint, nodeIds: readonly string[]): string[] {
  const places = nodeIds.map((id) => ({ id, distance: distanceTo(id, key) }));
  places.sort((a, b) => (a.distance < b.distance ? -1 : 1));
  return places.map(({ id }) => id);
}

function distanceTo(nodeId: string, key: bigint): bigint {
  const tokens = tokensOf(nodeId);
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle] as bigint) < key) low = middle + 1;
    else high = middle;
  }
  const token = tokens[low === tokens.length ? 0 : low] as bigint;
  return (token - key + RING) % RING;
}

function hashOf(text: string): bigint {
  return xxh64(Buffer.from(text, "latin1"));
}

function tokensOf(nodeId: string): BigUint64Array {
  let tokens = tokensByNode.get(nodeId);
  if (tokens === undefined) {
    const hashes = Array.from({ length: TOKENS_PER_NODE }, (_, i) => hashOf(`${nodeId}:${i}`));
    tokens = BigUint64Array.from(hashes).sort();
    tokensByNode.set(nodeId, tokens);
  }
  return tokens;
}
