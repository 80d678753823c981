/**
 * Buffers of chunks, used again once the kernel has their bytes.
 *
 * A busy link fills many buffers of about 64 KB a second. They lie outside the heap, and V8 answers every
 * 64 MB of such memory with a full collection, so that making them anew costs more than filling them.
 * Only buffers that were lent from here come back; one whose link ends on the way is left to the collector.
 */

/** What is smaller is copied instead, and what is larger is rare. */
const BYTES_MIN = 32 * 1024;
const BYTES_MAX = 256 * 1024;
const KEPT_MAX = 16;

/** Free buffers of a process, at most 4 MB. */
export class ChunkPool {
  readonly #free: Buffer[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** A free buffer, whatever is in it; undefined if there is none. */
  take(): Buffer | undefined {
    return this.#free.pop();
  }

  /** A whole buffer is about to be sent. False: it will not be wanted back. */
  lend(buffer: Buffer): boolean {
    if (buffer.length < BYTES_MIN || buffer.length > BYTES_MAX) return false;
    this.#lent.add(buffer.buffer);
    return true;
  }

  /** These bytes are with the kernel. Does nothing if they were not lent, or are back already. */
  give(piece: Buffer): void {
    const { buffer } = piece;
    if (!this.#lent.delete(buffer)) return;
    if (this.#free.length < KEPT_MAX) this.#free.push(Buffer.from(buffer));
  }
}

/** The chunks of all links of this process. */
export const chunkPool = new ChunkPool();
