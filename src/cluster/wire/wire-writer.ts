/**
 * A growing buffer that is written from front to back: the sending half of the bus format.
 *
 * It knows single values only; what a message consists of is said in kinds.ts and codec.ts. Numbers
 * of more than one byte are written with the highest byte first, except for varints: seven bits a
 * byte, lowest first, the top bit set while more bytes follow. A number has exactly one spelling.
 */

const CAPACITY_MIN = 512;
/** `reset` gives larger buffers back. */
const CAPACITY_KEPT_MAX = 256 * 1024;

/** Bytes to be sent, at `buffer[0, length)`. */
export class WireWriter {
  buffer: Buffer = Buffer.allocUnsafeSlow(CAPACITY_MIN);
  length = 0;

  /** Forgets what was written; the buffer is used again, so that nobody else may hold on to it. */
  reset(): void {
    this.length = 0;
    if (this.buffer.length > CAPACITY_KEPT_MAX) this.buffer = Buffer.allocUnsafeSlow(CAPACITY_MIN);
  }

  /** Gives the buffer away with all that was written in it, and starts anew in another one. */
  detach(next: Buffer = Buffer.allocUnsafeSlow(CAPACITY_MIN)): Buffer {
    const { buffer } = this;
    this.buffer = next;
    this.length = 0;
    return buffer;
  }

  /** An integer of 0 to 255. */
  byte(value: number): void {
    if (this.length === this.buffer.length) this.#grow(1);
    this.buffer[this.length++] = value;
  }

  /** A double: 8 bytes. */
  float(value: number): void {
    const at = this.advance(8);
    this.buffer.writeDoubleBE(value, at);
  }

  /** An integer of 0 to 2^53 - 1, which the caller has made sure of: 1 to 8 bytes. */
  varint(value: number): void {
    let rest = value;
    while (rest > 0x7fffffff) {
      this.byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** `source[start, end)` as it is. */
  bytes(source: Uint8Array, start: number, end: number): void {
    const at = this.advance(end - start);
    if (start === 0 && end === source.length) this.buffer.set(source, at);
    else this.buffer.set(source.subarray(start, end), at);
  }

  /** Text as UTF-8, which is `byteLength` long. */
  text(value: string, byteLength: number): void {
    const at = this.advance(byteLength);
    this.buffer.write(value, at, byteLength, "utf8");
  }

  /** Bytes given as hexadecimal digits. Returns how many bytes the digits gave. */
  hex(digits: string, byteLength: number): number {
    const at = this.advance(byteLength);
    return this.buffer.write(digits, at, byteLength, "hex");
  }

  /** Makes room for `count` bytes that the caller fills; returns where they begin. */
  advance(count: number): number {
    const at = this.length;
    if (at + count > this.buffer.length) this.#grow(count);
    this.length = at + count;
    return at;
  }

  /**
   * Replaces the one byte at `at` by a varint and moves everything behind it out of the way: a
   * length that is known only when what it measures has been written.
   */
  replaceByVarint(at: number, value: number): void {
    if (value <= 0x7f) {
      this.buffer[at] = value;
      return;
    }
    const more = varintBytes(value) - 1;
    const end = this.advance(more);
    this.buffer.copyWithin(at + 1 + more, at + 1, end);
    this.length = at;
    this.varint(value);
    this.length = end + more;
  }

  #grow(added: number): void {
    const capacity = Math.max(this.buffer.length * 2, this.length + added);
    const larger = Buffer.allocUnsafeSlow(capacity);
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}

/** How long the varint of a number is: 1 to 8 bytes. */
export function varintBytes(value: number): number {
  let count = 1;
  for (let limit = 128; value >= limit; limit *= 128) count++;
  return count;
}
