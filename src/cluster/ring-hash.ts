/**
 * Hashes of everything that has a place on the ring: tokens, jobs, queues, and members for the
 * fingerprint of their set.
 *
 * All nodes must compute the same values, so what is hashed is written down here and nowhere else.
 * XXH64 itself comes in as a function: the library that has it loads asynchronously and hands out
 * BigInts, which are split into two 32-bit halves at once. Not a secret hash: ids and queue names
 * that clients invent can be aimed at a node, which costs that node no more than any busy queue.
 */
import { JOB_ID_CHARS, writeJobId } from "../core/job-id.ts";

/** XXH64 with seed 0 of some bytes, as an unsigned 64-bit BigInt. */
export type Xxh64 = (bytes: Uint8Array) => bigint;

/** An unsigned 64-bit number in two halves, each 0 to 2^32 - 1. */
export interface Hash64 {
  readonly hi: number;
  readonly lo: number;
}

/** Room for a member or a queue of usual length; longer names make it grow. */
const SCRATCH_BYTES = 256;
const COLON = 0x3a;
const MEMBER_LETTER = 0x6d; // m
const QUEUE_LETTER = 0x71; // q

/**
 * Computes keys. The key of a job or queue is one object that the next such key overwrites: there is
 * one for every job, and it is used up at once.
 */
export class RingHash {
  readonly #xxh64: Xxh64;
  readonly #walkKey = { hi: 0, lo: 0 };
  readonly #halves = new DataView(new ArrayBuffer(8));
  readonly #jobText = Buffer.alloc(JOB_ID_CHARS);
  #scratch = Buffer.alloc(SCRATCH_BYTES);

  constructor(xxh64: Xxh64) {
    this.#xxh64 = xxh64;
  }

  /** Where a job stands: the hash of the 40 characters of the id in these six words. */
  ofJob(id: Int32Array): Hash64 {
    writeJobId(id, 0, this.#jobText, 0);
    return this.#split(this.#xxh64(this.#jobText), this.#walkKey);
  }

  /** Where a queue stands: the hash of "q", a NUL byte and its name. */
  ofQueue(name: Uint8Array): Hash64 {
    return this.#split(this.#hashLettered(QUEUE_LETTER, name), this.#walkKey);
  }

  /** A member's part of the fingerprint: the hash of "m", a NUL byte and the node id. */
  ofMember(nodeId: string): Hash64 {
    const hash = this.#hashLettered(MEMBER_LETTER, Buffer.from(nodeId, "latin1"));
    return this.#split(hash, { hi: 0, lo: 0 });
  }

  /** Token number `index` of a node: the hash of its id, a colon and the number in decimal. */
  ofToken(nodeId: string, index: number): Hash64 {
    const scratch = this.#roomFor(nodeId.length + 12);
    let length = scratch.write(nodeId, 0, "latin1");
    scratch[length++] = COLON;
    length += scratch.write(String(index), length, "latin1");
    return this.#split(this.#xxh64(scratch.subarray(0, length)), { hi: 0, lo: 0 });
  }

  #hashLettered(letter: number, bytes: Uint8Array): bigint {
    const length = bytes.length + 2;
    const scratch = this.#roomFor(length);
    scratch[0] = letter;
    scratch[1] = 0;
    scratch.set(bytes, 2);
    return this.#xxh64(scratch.subarray(0, length));
  }

  #roomFor(bytes: number): Buffer {
    if (this.#scratch.length < bytes) this.#scratch = Buffer.alloc(bytes * 2);
    return this.#scratch;
  }

  #split(hash: bigint, key: { hi: number; lo: number }): Hash64 {
    this.#halves.setBigUint64(0, hash);
    key.hi = this.#halves.getUint32(0);
    key.lo = this.#halves.getUint32(4);
    return key;
  }
}
