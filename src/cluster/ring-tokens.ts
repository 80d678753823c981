/**
 * The tokens of single nodes: the 512 places where each of them stands on the ring.
 *
 * They follow from the node's id alone. Hashing them is most of the work of building a ring, so they
 * are kept: when one node joins fifty others, only its own are new.
 */
import type { RingHash } from "./ring-hash.ts";

/** So many that no node's share of the ring is further than 20 % from the mean, up to 50 nodes. */
export const TOKENS_PER_NODE = 512;
/** Most members a ring can have. */
export const RING_MEMBERS_MAX = 1024;
/** Nodes whose tokens are remembered, 4 KB each. */
export const TOKEN_CACHE_MAX = 2 * RING_MEMBERS_MAX;

/** The tokens of one node, unsorted, in two halves. */
export interface NodeTokens {
  readonly hi: Uint32Array;
  readonly lo: Uint32Array;
}

/** Computes tokens, and remembers those asked for last. Several nodes of a simulation share one. */
export class TokenCache {
  readonly #hash: RingHash;
  /** By node id, longest unused first. */
  readonly #tokens = new Map<string, NodeTokens>();

  constructor(hash: RingHash) {
    this.#hash = hash;
  }

  /** The tokens of the node with this id. */
  of(nodeId: string): NodeTokens {
    const tokens = this.#tokens.get(nodeId) ?? this.#compute(nodeId);
    this.#tokens.delete(nodeId);
    this.#tokens.set(nodeId, tokens);
    if (this.#tokens.size > TOKEN_CACHE_MAX) {
      const unused = this.#tokens.keys().next().value;
      if (unused !== undefined) this.#tokens.delete(unused);
    }
    return tokens;
  }

  #compute(nodeId: string): NodeTokens {
    const hi = new Uint32Array(TOKENS_PER_NODE);
    const lo = new Uint32Array(TOKENS_PER_NODE);
    for (let index = 0; index < TOKENS_PER_NODE; index++) {
      const token = this.#hash.ofToken(nodeId, index);
      hi[index] = token.hi;
      lo[index] = token.lo;
    }
    return { hi, lo };
  }
}
