/**
 * Bytes received from one client and not used yet: half a request, or everything behind a request
 * that blocks.
 *
 * Most clients have none most of the time, and then no memory either. Room grows with the bytes
 * that are really there, by doubling, so that every byte is copied O(1) times on average however
 * small the pieces are: to at most max(512, 2 x size), or exactly what a long argument needs when
 * that is less. As bytes are used up, room beyond 16 KB shrinks again, to at most 4 x size.
 */

const NOTHING = Buffer.alloc(0);
const CAPACITY_MIN = 512;
/**
 * An exact fit must still be such a step forward, or a row of them would copy everything again and
 * again.
 */
const EXACT_FIT_MIN = 1.25;
/** Unused room is given back when three quarters are unused, beyond this size. */
const SHRINK_ABOVE = 16 * 1024;

/** A growing buffer that is filled at its end and used up from its start. */
export class PendingBytes {
  buffer: Buffer = NOTHING;
  /** Where the unused bytes begin in `buffer`. */
  start = 0;
  /** Behind the last byte. */
  end = 0;

  get size(): number {
    return this.end - this.start;
  }

  /**
   * Copies `chunk[from, to)` to the end. `wantedBytes` is a size that is sure to be reached, or 0.
   */
  append(chunk: Buffer, from: number, to: number, wantedBytes: number): void {
    const added = to - from;
    if (this.end + added > this.buffer.length) this.#makeRoom(this.size + added, wantedBytes);
    chunk.copy(this.buffer, this.end, from, to);
    this.end += added;
  }

  /** The bytes before `position` have been used. */
  useUpTo(position: number): void {
    this.start = position;
    const capacity = this.buffer.length;
    if (this.size === 0) this.clear();
    else if (capacity > SHRINK_ABOVE && this.size < capacity / 4) this.#moveInto(this.size);
  }

  /** Moves the unused bytes to offset 0. */
  moveToFront(): void {
    if (this.start === 0) return;
    this.buffer.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
  }

  /** Forgets everything and gives the memory back. */
  clear(): void {
    this.buffer = NOTHING;
    this.start = 0;
    this.end = 0;
  }

  #makeRoom(needed: number, wantedBytes: number): void {
    const capacity = this.buffer.length;
    if (needed <= capacity / 2) {
      this.moveToFront();
      return;
    }
    const doubled = Math.max(CAPACITY_MIN, Math.min(capacity, needed) * 2);
    const isWorthAnExactFit = wantedBytes >= needed * EXACT_FIT_MIN && wantedBytes < doubled;
    this.#moveInto(Math.max(needed, isWorthAnExactFit ? wantedBytes : doubled));
  }

  #moveInto(capacity: number): void {
    const larger = Buffer.allocUnsafeSlow(capacity);
    this.buffer.copy(larger, 0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
    this.buffer = larger;
  }
}
