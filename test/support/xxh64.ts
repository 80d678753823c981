/**
 * The real hash of the ring for tests, loaded once, and the tokens that all nodes of a test share.
 *
 * Clusters take it as a function, because loading it takes a promise and the cluster knows none.
 */
import xxhash from "xxhash-wasm";
import { RingHash } from "../../src/cluster/ring-hash.ts";
import { TokenCache } from "../../src/cluster/ring-tokens.ts";

const { h64Raw } = await xxhash();

/** XXH64 with seed 0. */
export const xxh64 = (bytes: Uint8Array): bigint => h64Raw(bytes);

/** Every process of every life builds rings of the same few nodes: hashing would be a tenth of a simulation. */
export const sharedTokens: TokenCache = new TokenCache(new RingHash(xxh64));
