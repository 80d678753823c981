/**
 * Reads what a wire writer wrote, from bytes that may be anything.
 *
 * Every step checks what is left before it touches or makes anything: no answer is larger than the
 * bytes it was read from justify. Whatever does not fit is a WireError, numbers in an unusual
 * spelling included, so that one message has one encoding.
 */
import { WireError } from "./wire-error.ts";

/** The longest varint: 8 x 7 bits hold every integer up to 2^53 - 1. */
const VARINT_BYTES_MAX = 8;

/** A position in `buffer`; nothing at or behind `end` is read. */
export class WireReader {
  buffer: Buffer;
  position: number;
  end: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.buffer = buffer;
    this.position = start;
    this.end = end;
  }

  /** Bytes that have not been read. */
  get remaining(): number {
    return this.end - this.position;
  }

  /** An integer of 0 to 255. */
  byte(): number {
    return this.buffer[this.take(1)] as number;
  }

  /** A double. */
  float(): number {
    return this.buffer.readDoubleBE(this.take(8));
  }

  /** An integer of 0 to 2^53 - 1. */
  varint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 128;
    for (let count = 2; count <= VARINT_BYTES_MAX; count++) {
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (byte === 0) throw new WireError("number written longer than necessary");
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= 128;
    }
    throw new WireError("number above 2^53 - 1");
  }

  /** The next `count` bytes as a copy of their own. */
  bytes(count: number): Buffer {
    const start = this.take(count);
    const copy = Buffer.allocUnsafe(count);
    this.buffer.copy(copy, 0, start, start + count);
    return copy;
  }

  /** The next `count` bytes as UTF-8; what is no UTF-8 becomes U+FFFD. */
  text(count: number): string {
    const start = this.take(count);
    return this.buffer.toString("utf8", start, start + count);
  }

  /** The next `count` bytes as lower-case hexadecimal digits. */
  hex(count: number): string {
    const start = this.take(count);
    return this.buffer.toString("hex", start, start + count);
  }

  /** Steps over `count` bytes and returns where they begin. */
  take(count: number): number {
    const start = this.position;
    if (count > this.end - start) {
      throw new WireError(`${count} bytes expected, ${this.end - start} left`);
    }
    this.position = start + count;
    return start;
  }
}
