/**
 * Replies that were written before it was their turn.
 *
 * A line of bytes: put in at its end, taken out at its front in the same portions. It keeps a little room
 * between uses, because it fills and empties with every batch of requests.
 */
import type { ReplyWriter } from "../protocol/reply-writer.ts";

const FIRST_BYTES = 512;
/** Room that stays when nothing is held. */
const KEPT_BYTES = 4096;
const NOTHING = Buffer.alloc(0);

/** Bytes in the order in which they came. */
export class HeldBytes {
  #buffer: Buffer = NOTHING;
  #start = 0;
  #end = 0;

  /** Bytes held. */
  get size(): number {
    return this.#end - this.#start;
  }

  /** Adds `source[start, end)`, which is copied. */
  push(source: Buffer, start: number, end: number): void {
    this.#ensure(end - start);
    source.copy(this.#buffer, this.#end, start, end);
    this.#end += end - start;
  }

  /** Writes the first `bytes` of what is held into a reply. */
  shiftInto(reply: ReplyWriter, bytes: number): void {
    reply.raw(this.#buffer, this.#start, this.#start + bytes);
    this.drop(bytes);
  }

  /** Forgets the first `bytes` of what is held. */
  drop(bytes: number): void {
    this.#start += bytes;
    if (this.#start < this.#end) return;
    this.#start = 0;
    this.#end = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = NOTHING;
  }

  #ensure(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    const { size } = this;
    let target = this.#buffer;
    // Half empty at least, so that every byte is moved a bounded number of times.
    if (2 * (size + bytes) > target.length) {
      target = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, 2 * (size + bytes)));
    }
    this.#buffer.copy(target, 0, this.#start, this.#end);
    this.#buffer = target;
    this.#start = 0;
    this.#end = size;
  }
}
