/**
 * A growing buffer for packed items that checks for room once an item instead of once a value.
 *
 * It writes what a WireWriter would (wire/wire-writer.ts), in half the time: a copy of every job goes
 * through here. The price is that `ensure` must have been called for all that follows.
 */
import { JOB_ID_WORDS } from "../../../core/job-id.ts";

/** The longest varint. */
export const VARINT_BYTES_MAX = 8;

/** Longer strings are copied by the engine, whose call costs more than a few bytes. */
const LOOP_BYTES_MAX = 48;
const CAPACITY_MIN = 512;
/** `clear` gives larger buffers back. */
const KEPT_BYTES_MAX = 2 * 1024 * 1024;
/** Above this a buffer is given away instead of copied, and not used again. */
const COPIED_BYTES_MAX = 256 * 1024;

/** Bytes to be sent, at `buffer[0, length)`. */
export class PackedWriter {
  buffer: Buffer = Buffer.allocUnsafeSlow(CAPACITY_MIN);
  length = 0;
  /** Items these bytes are, counted by who writes them. */
  items = 0;
  #view = viewOf(this.buffer);

  /** Makes room for so many bytes more. */
  ensure(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.#use(larger);
  }

  /** All that was written, which is the caller's from now on; starts anew. */
  take(): Buffer {
    const { buffer, length } = this;
    this.length = 0;
    this.items = 0;
    if (length > COPIED_BYTES_MAX) {
      this.#use(Buffer.allocUnsafeSlow(CAPACITY_MIN));
      return buffer.subarray(0, length);
    }
    const taken = Buffer.allocUnsafe(length);
    buffer.copy(taken, 0, 0, length);
    if (buffer.length > COPIED_BYTES_MAX) this.#use(Buffer.allocUnsafeSlow(CAPACITY_MIN));
    return taken;
  }

  /** Forgets all that was written. */
  clear(): void {
    this.length = 0;
    this.items = 0;
    if (this.buffer.length > KEPT_BYTES_MAX) this.#use(Buffer.allocUnsafeSlow(CAPACITY_MIN));
  }

  /** `source[start, end)`. */
  part(source: Buffer, start: number, end: number): void {
    this.ensure(end - start);
    source.copy(this.buffer, this.length, start, end);
    this.length += end - start;
  }

  /** An integer of 0 to 255. */
  byte(value: number): void {
    this.buffer[this.length++] = value;
  }

  /** 32 bits. */
  word(value: number): void {
    this.#view.setInt32(this.length, value);
    this.length += 4;
  }

  /** A double. */
  float(value: number): void {
    this.#view.setFloat64(this.length, value);
    this.length += 8;
  }

  /** An integer of 0 to 2^53 - 1. */
  varint(value: number): void {
    const { buffer } = this;
    let at = this.length;
    let rest = value;
    while (rest > 0x7fffffff) {
      buffer[at++] = (rest & 0x7f) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      buffer[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[at++] = rest;
    this.length = at;
  }

  /** The six words of a job id. */
  jobId(id: Int32Array): void {
    for (let word = 0; word < JOB_ID_WORDS; word++) this.word(id[word] as number);
  }

  /** All of these bytes. */
  bytes(source: Buffer): void {
    const { buffer, length } = this;
    if (source.length > LOOP_BYTES_MAX) buffer.set(source, length);
    else for (let i = 0; i < source.length; i++) buffer[length + i] = source[i] as number;
    this.length = length + source.length;
  }

  #use(buffer: Buffer): void {
    this.buffer = buffer;
    this.#view = viewOf(buffer);
  }
}

/** The same bytes, for numbers of several bytes. */
export function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}
