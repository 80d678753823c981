/**
 * Collects requests, to send everything that one chunk of replies caused in one write.
 *
 * A write costs the generator more than all else it does, and as much again the server that reads.
 */
import type { Socket } from "node:net";

const INITIAL_BYTES = 64 * 1024;

/** A growing buffer in front of a socket; reused unless the kernel has not taken it yet. */
export class Outbox {
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;

  /** Appends part of another buffer. */
  append(from: Buffer, start = 0, end = from.length): void {
    const needed = this.#length + end - start;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(needed * 2);
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    from.copy(this.#bytes, this.#length, start, end);
    this.#length = needed;
  }

  /** Writes what was collected. */
  flush(socket: Socket): void {
    if (this.#length === 0) return;
    socket.write(this.#bytes.subarray(0, this.#length));
    if (socket.writableLength > 0) this.#bytes = Buffer.allocUnsafe(INITIAL_BYTES);
    this.#length = 0;
  }
}
