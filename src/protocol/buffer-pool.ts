/**
 * Reply buffers, used again instead of made anew.
 *
 * A connection needs one only while replies wait to be written, so a few serve thousands of
 * connections. Two sizes: 16 KB for the replies of one turn, 64 KB for bursts. Anything larger is
 * made to measure and left to the garbage collector. The number kept is bounded; a pool that is
 * empty makes new ones.
 */

const SMALL_BYTES = 16 * 1024;
const LARGE_BYTES = 64 * 1024;
const SMALL_KEPT_MAX = 256;
const LARGE_KEPT_MAX = 64;

/** A store of free buffers, shared by all writers of a process. */
export class BufferPool {
  readonly #small: Buffer[] = [];
  readonly #large: Buffer[] = [];

  /** Bytes of memory lying unused in the pool, at most 8 MB. */
  get idleBytes(): number {
    return this.#small.length * SMALL_BYTES + this.#large.length * LARGE_BYTES;
  }

  /** A buffer of at least `bytes`, with whatever was in it. */
  take(bytes: number): Buffer {
    if (bytes <= SMALL_BYTES) return this.#small.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES);
    if (bytes <= LARGE_BYTES) return this.#large.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES);
    return Buffer.allocUnsafeSlow(bytes);
  }

  /**
   * Takes back a buffer from `take`, or a slice from its start. Nobody may use it any more, or give
   * it back twice. Buffers of other sizes are ignored.
   */
  give(buffer: Buffer): void {
    const capacity = buffer.buffer.byteLength;
    const isSmall = capacity === SMALL_BYTES;
    if (!isSmall && capacity !== LARGE_BYTES) return;
    const list = isSmall ? this.#small : this.#large;
    if (list.length >= (isSmall ? SMALL_KEPT_MAX : LARGE_KEPT_MAX)) return;
    list.push(buffer.length === capacity ? buffer : Buffer.from(buffer.buffer));
  }
}
