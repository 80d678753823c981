/**
 * A long file seen through a window: what is asked for is in memory, the rest is not.
 *
 * Logs may be larger than memory, and their records are read in order with short looks ahead. Nothing
 * is known here of what the bytes mean, and nothing of files: whoever has one hands in how it is read.
 */

/** What is read at once, bytes. */
const WINDOW_BYTES = 1 << 20;

/** Bytes that do not change while they are looked at. */
export interface ByteSource {
  /** How many there are. */
  readonly size: number;
  /** Fills target with the bytes from `at` on, of which there are enough; throws when it cannot. */
  read(target: Buffer, at: number): void;
}

/** A source, some of it in memory. */
export class ByteWindow {
  readonly #source: ByteSource;
  readonly #window: Buffer;
  #start = 0;
  #end = 0;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#window = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, source.size));
  }

  get size(): number {
    return this.#source.size;
  }

  /**
   * The bytes [at, at + length), fewer at the end of the source; valid until the next call. More than a
   * window of them are allocated for this call alone: the caller limits what it asks for.
   */
  view(at: number, length: number): Buffer {
    const end = Math.min(at + length, this.size);
    if (end - at > this.#window.length) return this.#readAlone(at, end);
    if (at < this.#start || end > this.#end) this.#moveTo(at);
    return this.#window.subarray(at - this.#start, end - this.#start);
  }

  /** The same for a look far ahead after which reading goes on here: the window stays where it is. */
  peek(at: number, length: number): Buffer {
    const end = Math.min(at + length, this.size);
    if (at >= this.#start && end <= this.#end) return this.view(at, length);
    return this.#readAlone(at, end);
  }

  /** Where these bytes are found next, at or behind `at`; -1: nowhere. */
  find(bytes: Buffer, at: number): number {
    for (let from = at; from + bytes.length <= this.size; ) {
      const seen = this.#restFrom(from, bytes.length);
      const found = seen.indexOf(bytes);
      if (found >= 0) return from + found;
      // They may begin at the end of what was seen.
      from += seen.length - bytes.length + 1;
    }
    return -1;
  }

  /** Whether all bytes from `at` on are zero. */
  isZeroFrom(at: number): boolean {
    for (let from = at; from < this.size; ) {
      const seen = this.#restFrom(from, 1);
      for (let i = 0; i < seen.length; i++) if (seen[i] !== 0) return false;
      from += seen.length;
    }
    return true;
  }

  /** What is in memory from `at` on, at least so many bytes; moves the window if need be. */
  #restFrom(at: number, atLeast: number): Buffer {
    if (at < this.#start || at + atLeast > this.#end) this.#moveTo(at);
    return this.#window.subarray(at - this.#start, this.#end - this.#start);
  }

  #moveTo(at: number): void {
    const end = Math.min(at + this.#window.length, this.size);
    // Nothing counts as read until it is.
    this.#start = 0;
    this.#end = 0;
    this.#source.read(this.#window.subarray(0, end - at), at);
    this.#start = at;
    this.#end = end;
  }

  #readAlone(at: number, end: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(0, end - at));
    this.#source.read(bytes, at);
    return bytes;
  }
}
