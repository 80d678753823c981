/**
 * Replies to one client, appended to a buffer until the end of the turn.
 *
 * Everything a client gets in one turn leaves in one write: that is worth a factor of 8 to 25 with
 * pipelining, more than anything else in the server. Replies are written as bytes where they will
 * be sent from; no strings or objects are made for them. The buffer comes from a pool when the
 * first reply is written and goes to the socket with `take`, so idle connections hold none.
 *
 * RESP2, and what clients need of RESP3: maps and the one null. A reply's size is the caller's
 * affair (`length`).
 */
import { assert } from "../util/assert.ts";
import type { BufferPool } from "./buffer-pool.ts";

const NOTHING = Buffer.alloc(0);

const ZERO = 48;
const CR = 13;
const LF = 10;
const BLANK = 32;
const PLUS = 43;
const MINUS = 45;
const COLON = 58;
const DOLLAR = 36;
const STAR = 42;
const PERCENT = 37;

/**
 * Type byte, sign, 16 digits and line end, or the 22 digits of a joined integer: no header is
 * longer.
 */
const HEADER_BYTES_MAX = 32;
const BILLION = 1_000_000_000;
const MILLION = 1_000_000;

// Below these sizes a loop is faster than a call into the runtime (bench/micro/protocol.ts).
const COPY_LOOP_MAX = 32;
const TEXT_LOOP_MAX = 28;

const NULL_BULK = Buffer.from("$-1\r\n", "latin1");
const NULL_ARRAY = Buffer.from("*-1\r\n", "latin1");
const RESP3_NULL = Buffer.from("_\r\n", "latin1");

/** Writes replies of one connection. */
export class ReplyWriter {
  /** Protocol version of the connection, changed by HELLO. */
  version: 2 | 3 = 2;
  /** What has been written, up to `length`. `ensure` and every write may replace it. */
  buffer: Buffer = NOTHING;
  /** Bytes written and not taken. */
  length = 0;
  readonly #pool: BufferPool;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /**
   * Makes room for `bytes` more, to be written to `buffer` at `length` by the caller, who then adds
   * to `length`.
   */
  ensure(bytes: number): void {
    if (this.length + bytes > this.buffer.length) this.#grow(this.length + bytes);
  }

  /** Leaves a gap of `bytes`, to be filled later. Returns its offset. */
  reserve(bytes: number): number {
    this.ensure(bytes);
    const offset = this.length;
    this.length += bytes;
    return offset;
  }

  /** `+text`. The text has no line ends. */
  simple(text: string): void {
    this.ensure(text.length + HEADER_BYTES_MAX);
    this.#byte(PLUS);
    this.#text(text);
    this.#lineEnd();
  }

  /**
   * `-text`, the error's code word included. CR and LF in it, which a client may have sent, become
   * blanks.
   */
  error(text: string): void {
    this.ensure(text.length + HEADER_BYTES_MAX);
    this.#byte(MINUS);
    const start = this.length;
    this.#text(text);
    for (let at = start; at < this.length; at++) {
      const byte = this.buffer[at];
      if (byte === CR || byte === LF) this.buffer[at] = BLANK;
    }
    this.#lineEnd();
  }

  /** `:value`, any safe integer. */
  integer(value: number): void {
    this.#header(COLON, value);
  }

  /** `:` and ms x 10^6 + below1e6, exactly, although that is beyond 2^53 for a time of today. */
  joinedInteger(ms: number, below1e6: number): void {
    assert(below1e6 >= 0 && below1e6 < MILLION, "the lower part has six digits");
    if (ms === 0) {
      this.integer(below1e6);
      return;
    }
    this.ensure(HEADER_BYTES_MAX);
    this.#byte(COLON);
    this.#number(ms);
    this.#digits(below1e6, 6);
    this.#lineEnd();
  }

  /** A bulk string with the bytes `source[start, end)`. */
  bulk(source: Uint8Array, start: number, end: number): void {
    this.#header(DOLLAR, end - start);
    this.raw(source, start, end);
    this.ensure(2);
    this.#lineEnd();
  }

  /** The beginning of a bulk string; the caller writes the bytes and CRLF behind it. */
  bulkHeader(bytes: number): void {
    this.#header(DOLLAR, bytes);
  }

  /** A bulk string with one byte per character. */
  bulkText(text: string): void {
    this.#header(DOLLAR, text.length);
    this.ensure(text.length + 2);
    this.#text(text);
    this.#lineEnd();
  }

  /** No value, where a bulk string could stand. */
  nullBulk(): void {
    this.raw(this.version === 2 ? NULL_BULK : RESP3_NULL);
  }

  /** No value, where an array could stand. */
  nullArray(): void {
    this.raw(this.version === 2 ? NULL_ARRAY : RESP3_NULL);
  }

  /** The header of an array; `count` replies must follow. */
  array(count: number): void {
    this.#header(STAR, count);
  }

  /** The header of a map; `pairs` keys and values must follow. A flat array in RESP2. */
  map(pairs: number): void {
    if (this.version === 2) this.#header(STAR, 2 * pairs);
    else this.#header(PERCENT, pairs);
  }

  /** Bytes as they are, for replies that are prepared elsewhere. */
  raw(source: Uint8Array, start = 0, end: number = source.length): void {
    const size = end - start;
    this.ensure(size);
    if (size > COPY_LOOP_MAX) {
      const isAll = size === source.length;
      this.buffer.set(isAll ? source : source.subarray(start, end), this.length);
    } else {
      const target = this.buffer;
      let at = this.length;
      for (let from = start; from < end; from++) target[at++] = source[from] ?? 0;
    }
    this.length += size;
  }

  /** Takes back everything behind `length`, which was this writer's length a moment ago. */
  truncate(length: number): void {
    assert(length <= this.length, "truncate does not add");
    this.length = length;
    if (length === 0) this.#detach();
  }

  /**
   * Hands out what has been written and begins anew. Once it is sent it should go back with
   * `release`.
   */
  take(): Buffer {
    const filled = this.buffer.subarray(0, this.length);
    this.buffer = NOTHING;
    this.length = 0;
    return filled;
  }

  /** Hands out the first `bytes` of it, like `take`; the rest is kept. */
  takeFirst(bytes: number): Buffer {
    if (bytes >= this.length) return this.take();
    const first = this.buffer.subarray(0, bytes);
    const rest = this.#pool.take(this.length - bytes);
    this.buffer.copy(rest, 0, bytes, this.length);
    this.buffer = rest;
    this.length -= bytes;
    return first;
  }

  /** Gives a buffer from `take` back. Nobody may use it any more. */
  release(taken: Buffer): void {
    this.#pool.give(taken);
  }

  #detach(): void {
    this.#pool.give(this.buffer);
    this.buffer = NOTHING;
  }

  #grow(needed: number): void {
    const larger = this.#pool.take(Math.max(needed, 2 * this.buffer.length));
    this.buffer.copy(larger, 0, 0, this.length);
    this.#detach();
    this.buffer = larger;
  }

  /** A type byte, a number and the line end. */
  #header(type: number, value: number): void {
    this.ensure(HEADER_BYTES_MAX);
    this.#byte(type);
    this.#number(value);
    this.#lineEnd();
  }

  // What follows writes without looking for room.

  #byte(byte: number): void {
    this.buffer[this.length++] = byte;
  }

  #lineEnd(): void {
    this.buffer[this.length++] = CR;
    this.buffer[this.length++] = LF;
  }

  #text(text: string): void {
    if (text.length > TEXT_LOOP_MAX) {
      this.length += this.buffer.write(text, this.length, "latin1");
      return;
    }
    const target = this.buffer;
    let at = this.length;
    for (let i = 0; i < text.length; i++) target[at++] = text.charCodeAt(i);
    this.length = at;
  }

  #number(value: number): void {
    let rest = value;
    if (rest < 0) {
      this.#byte(MINUS);
      rest = -rest;
    }
    if (rest < 10) {
      this.#byte(ZERO + rest);
    } else if (rest < BILLION) {
      this.#digits(rest, digitsOf(rest));
    } else {
      // Divisions of small integers are fast and exact, those of large ones neither.
      let high = Math.floor(rest / BILLION);
      if (high * BILLION > rest) high--;
      this.#digits(high, digitsOf(high));
      this.#digits(rest - high * BILLION, 9);
    }
  }

  /** `value`, below 10^9, in exactly `count` digits. */
  #digits(value: number, count: number): void {
    const target = this.buffer;
    let rest = value;
    for (let at = this.length + count - 1; at >= this.length; at--) {
      const tenth = (rest / 10) | 0;
      target[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.length += count;
  }
}

/** Decimal digits of an integer below 10^9. */
function digitsOf(value: number): number {
  let count = 1;
  for (let limit = 10; limit <= value; limit *= 10) count++;
  return count;
}
