/**
 * The real hash of the ring for tests, loaded once.
 *
 * Clusters take it as a function, because loading it takes a promise and the cluster knows none.
 */
import xxhash from "xxhash-wasm";

const { h64Raw } = await xxhash();

/** XXH64 with seed 0. */
export const xxh64 = (bytes: Uint8Array): bigint => h64Raw(bytes);
