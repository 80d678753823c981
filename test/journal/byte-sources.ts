/**
 * Bytes in memory as a source to be read, with an eye on how much is asked for at once.
 *
 * Whoever reads through it can be held to what it promises about memory.
 */
import assert from "node:assert/strict";
import type { ByteSource } from "../../src/journal/byte-window.ts";

/** Bytes that were put together by a test. */
export class BytesSource implements ByteSource {
  readonly #bytes: Buffer;
  /** The most that was read at once, and how much in all. */
  largestRead = 0;
  readBytes = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(target: Buffer, at: number): void {
    assert.ok(at >= 0 && at + target.length <= this.size, "nothing is read beyond the end");
    this.#bytes.copy(target, 0, at);
    this.largestRead = Math.max(this.largestRead, target.length);
    this.readBytes += target.length;
  }
}
