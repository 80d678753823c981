/**
 * Hashes whose collisions nobody can choose.
 *
 * Clients choose queue names and can invent job ids. A hash that merely starts from a secret is not
 * enough: differences that cancel each other do so whatever it started from, and a client could aim
 * thousands of names at one bucket. Here secret words meet every part of the input, so that two
 * inputs collide by chance only. The hashes never leave the process.
 */
import { JOB_ID_WORDS } from "./job-id.ts";

const BYTES = 256;
const MIX = 0x85ebca6b;

/** Secret words for both hashes, spread from 32 unpredictable bits (splitmix32). */
export function hashKeys(secret: number): Int32Array {
  let state = secret | 0;
  return Int32Array.from({ length: BYTES }, () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  });
}

/**
 * 32 bits for an id: a sum of products of halves, each half moved by a secret one (the NH hash of
 * UMAC, Black et al. 1999): any two ids collide with a chance of at most 2^-16.
 */
export function hashId(keys: Int32Array, id: Int32Array): number {
  let hash = 0;
  for (let word = 0; word < JOB_ID_WORDS; word++) {
    const bits = id[word] as number;
    const key = keys[word] as number;
    hash = (hash + Math.imul((bits + key) & 0xffff, ((bits >>> 16) + (key >>> 16)) & 0xffff)) | 0;
  }
  return finish(hash);
}

/** 32 bits for a name: FNV-1a over secret words instead of the bytes themselves. */
export function hashName(keys: Int32Array, buffer: Buffer, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) {
    hash = Math.imul(hash ^ (keys[buffer[i] as number] as number), 0x01000193);
  }
  return finish(hash);
}

/** Spreads what is in the high bits over the low ones, which tables look at. */
function finish(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), MIX);
  return mixed ^ (mixed >>> 13);
}
