/**
 * The consistent-hash ring: who is near a key, for one set of members.
 *
 *   0 ... b . a . . c . b . . a . . c . a . ... 2^64      each letter: one of a node's 512 tokens
 *               ^ key: walk c, b, a
 *
 * Every node computes the same ring from the same set of ids, so a job's copies and a queue's owners
 * are found without asking anybody. When a node comes or goes, only keys next to its own tokens
 * change their nodes. A ring never changes and knows nothing of who is alive; whoever walks it skips
 * the dead, so that failures move no keys.
 *
 * Tokens lie sorted in columns. Because hashes are spread evenly, the first bits of a token tell
 * almost exactly where it belongs: an index over these bits serves both for sorting and for finding.
 */
import { assert } from "../util/assert.ts";
import type { Hash64 } from "./ring-hash.ts";
import {
  type NodeTokens,
  RING_MEMBERS_MAX,
  TOKENS_PER_NODE,
  type TokenCache,
} from "./ring-tokens.ts";

/** No node, where a node's index is expected. */
export const NO_NODE = -1;

/** A member as the ring needs it. */
export interface RingMember {
  /** Index by which this process knows the node, 0 to 65535; never seen by other nodes. */
  readonly node: number;
  /** The 40 lower-case hex digits that are the same everywhere. */
  readonly id: string;
}

const TWO_32 = 2 ** 32;
const TWO_64 = 2 ** 64;

/** An immutable ring. Members stand in *slots*, 0 to count - 1, in the order of their ids. */
export class Ring {
  /** Index of the node in each slot. */
  readonly nodes: Int32Array;
  /** Slot of the member that owns each token, clockwise. */
  readonly owners: Uint16Array;
  readonly #hi: Uint32Array;
  readonly #lo: Uint32Array;
  /** Position of the first token whose leading bits are at least the index. */
  readonly #starts: Uint32Array;
  /** How far a high half is shifted to leave the leading bits. */
  readonly #shift: number;

  /** Members in any order, ids distinct, at most RING_MEMBERS_MAX. */
  constructor(members: readonly RingMember[], tokens: TokenCache) {
    assert(members.length <= RING_MEMBERS_MAX, "the ring has room for its members");
    const sorted = members.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const count = sorted.length * TOKENS_PER_NODE;
    this.nodes = Int32Array.from(sorted, (member) => member.node);
    this.owners = new Uint16Array(count);
    this.#hi = new Uint32Array(count);
    this.#lo = new Uint32Array(count);
    this.#shift = Math.clz32(Math.max(count, 2) - 1);
    this.#starts = new Uint32Array(2 ** (32 - this.#shift));
    this.#distribute(sorted.map((member) => tokens.of(member.id)));
    this.#sortNeighbours();
  }

  /** Number of members. */
  get count(): number {
    return this.nodes.length;
  }

  /** Position of the first token at or after a key, clockwise; 0 on an empty ring. */
  positionOf(key: Hash64): number {
    let position = this.#starts[key.hi >>> this.#shift] as number;
    while (position < this.owners.length && this.#isBefore(position, key.hi, key.lo)) position++;
    return position === this.owners.length ? 0 : position;
  }

  /** What fraction of all keys each node comes first for, by node index; together they are 1. */
  shares(): Map<number, number> {
    const shares = new Map<number, number>();
    const last = this.owners.length - 1;
    for (let position = 0; position <= last; position++) {
      const before = position === 0 ? last : position - 1;
      const hi = (this.#hi[position] as number) - (this.#hi[before] as number);
      const lo = (this.#lo[position] as number) - (this.#lo[before] as number);
      const arc = (hi * TWO_32 + lo) / TWO_64 + (position === 0 ? 1 : 0);
      const node = this.nodes[this.owners[position] as number] as number;
      shares.set(node, (shares.get(node) ?? 0) + arc);
    }
    return shares;
  }

  /**
   * Counting sort by the leading bits. Backwards, so that equal tokens stay in the order of slots,
   * and what counted the ends of the ranges is left at their starts.
   */
  #distribute(tokensBySlot: readonly NodeTokens[]): void {
    const starts = this.#starts;
    const shift = this.#shift;
    for (const { hi } of tokensBySlot) {
      for (let index = 0; index < TOKENS_PER_NODE; index++) {
        (starts[(hi[index] as number) >>> shift] as number)++;
      }
    }
    let end = 0;
    for (let index = 0; index < starts.length; index++) {
      end += starts[index] as number;
      starts[index] = end;
    }
    for (let slot = tokensBySlot.length - 1; slot >= 0; slot--) {
      const { hi, lo } = tokensBySlot[slot] as NodeTokens;
      for (let index = TOKENS_PER_NODE - 1; index >= 0; index--) {
        const tokenHi = hi[index] as number;
        const position = --(starts[tokenHi >>> shift] as number);
        this.#hi[position] = tokenHi;
        this.#lo[position] = lo[index] as number;
        this.owners[position] = slot;
      }
    }
  }

  /** Insertion sort: after the counting hardly any token is more than a step from its place. */
  #sortNeighbours(): void {
    const his = this.#hi;
    const los = this.#lo;
    const owners = this.owners;
    for (let from = 1; from < owners.length; from++) {
      const hi = his[from] as number;
      const lo = los[from] as number;
      if (this.#isBefore(from - 1, hi, lo)) continue;
      const owner = owners[from] as number;
      let to = from;
      while (to > 0 && this.#isAfter(to - 1, hi, lo)) {
        his[to] = his[to - 1] as number;
        los[to] = los[to - 1] as number;
        owners[to] = owners[to - 1] as number;
        to--;
      }
      his[to] = hi;
      los[to] = lo;
      owners[to] = owner;
    }
  }

  #isBefore(position: number, hi: number, lo: number): boolean {
    const tokenHi = this.#hi[position] as number;
    return tokenHi < hi || (tokenHi === hi && (this.#lo[position] as number) < lo);
  }

  #isAfter(position: number, hi: number, lo: number): boolean {
    const tokenHi = this.#hi[position] as number;
    return tokenHi > hi || (tokenHi === hi && (this.#lo[position] as number) > lo);
  }
}
