/**
 * XXH64 for simulated nodes, remembering the hashes of ring tokens.
 *
 * Every simulated process builds rings of its own, always of the same few node ids: without a memory
 * shared by all lives that would be most of what a simulation does. It is the real hash.
 */
import xxhash from "xxhash-wasm";

const { h64Raw } = await xxhash();
const NODE_ID_DIGITS = 40;
const COLON = 0x3a;
const tokens = new Map<string, bigint>();

/** XXH64 with seed 0. */
export function xxh64(bytes: Uint8Array): bigint {
  if (bytes.length <= NODE_ID_DIGITS || bytes[NODE_ID_DIGITS] !== COLON) return h64Raw(bytes);
  const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  let hash = tokens.get(key);
  if (hash === undefined) {
    hash = h64Raw(bytes);
    tokens.set(key, hash);
  }
  return hash;
}

/** XXH64 of a text of one byte a character. */
export function hashOf(text: string): bigint {
  return h64Raw(Buffer.from(text, "latin1"));
}
