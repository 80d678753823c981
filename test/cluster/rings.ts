/**
 * What tests of the ring share: the real hash, random members and ids, and rings as the definition
 * says, slowly, with BigInt and nothing clever.
 */
import xxhash from "xxhash-wasm";
import type { RingMember } from "../../src/cluster/ring.ts";
import { RingHash, type Xxh64 } from "../../src/cluster/ring-hash.ts";
import { TOKENS_PER_NODE, TokenCache } from "../../src/cluster/ring-tokens.ts";
import { JOB_ID_WORDS } from "../../src/core/job-id.ts";
import type { Xorshift } from "../../src/util/xorshift.ts";

const { h64Raw } = await xxhash();

/** XXH64 with seed 0. */
export const xxh64: Xxh64 = (bytes) => h64Raw(bytes);
/** The hash that nodes use. */
export const realHash = new RingHash(xxh64);
/** The tokens that nodes have. */
export const realTokens = new TokenCache(realHash);

/** A node id. */
export function randomNodeId(random: Xorshift): string {
  let id = "";
  for (let word = 0; word < 5; word++) id += random.word().toString(16).padStart(8, "0");
  return id;
}

/** Members with indexes 0 to count - 1. */
export function randomMembers(random: Xorshift, count: number): RingMember[] {
  return Array.from({ length: count }, (_, node) => ({ node, id: randomNodeId(random) }));
}

/** The six words of a job id. */
export function randomJobId(random: Xorshift): Int32Array {
  return Int32Array.from({ length: JOB_ID_WORDS }, () => random.word() | 0);
}

/** All tokens, sorted by value and then by node id. */
export function modelRing(
  members: readonly RingMember[],
  hash: Xxh64 = xxh64,
): { token: bigint; member: RingMember }[] {
  const tokens = members.flatMap((member) =>
    Array.from({ length: TOKENS_PER_NODE }, (_, index) => ({
      token: hash(Buffer.from(`${member.id}:${index}`)),
      member,
    })),
  );
  return tokens.sort((a, b) => {
    if (a.token !== b.token) return a.token < b.token ? -1 : 1;
    return a.member.id < b.member.id ? -1 : 1;
  });
}

/** Node indexes in the order of the first tokens that are not below the key, wrapping. */
export function modelWalk(ring: ReturnType<typeof modelRing>, key: bigint): number[] {
  const after = ring.filter(({ token }) => token >= key);
  const before = ring.filter(({ token }) => token < key);
  return [...new Set([...after, ...before].map(({ member }) => member.node))];
}
