/**
 * Control records that the other side has not confirmed, as the bytes they were sent as.
 *
 * They lie one behind the other in one buffer; confirming releases them from the front, a reconnect
 * sends all that are left. A record tells its own length, so that nothing is stored beside it.
 */
import { recordBytesAt } from "./codec.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

/** Below this size released bytes are not worth moving the rest for. */
const COMPACT_ABOVE = 4096;

/** A queue of encoded records. */
export class KeptRecords {
  #writer = new WireWriter();
  /** Where the first record begins. */
  #start = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#writer.length - this.#start;
  }

  /** Adds a copy of the record `source[start, end)`. */
  add(source: Buffer, start: number, end: number): void {
    this.#writer.bytes(source, start, end);
    this.#count++;
  }

  /** Forgets the first `count` records. */
  release(count: number): void {
    const reader = this.#reader();
    for (let i = 0; i < count; i++) reader.take(recordBytesAt(reader));
    this.#start = reader.position;
    this.#count -= count;
    if (this.#count === 0) this.clear();
    else if (this.#start > COMPACT_ABOVE && this.#start > this.bytes) this.#compact();
  }

  clear(): void {
    this.#writer.reset();
    this.#start = 0;
    this.#count = 0;
  }

  /** Shows every record, the oldest first, as `buffer[start, end)`. */
  visit(visitor: (buffer: Buffer, start: number, end: number) => void): void {
    const reader = this.#reader();
    for (let i = 0; i < this.#count; i++) {
      const start = reader.take(recordBytesAt(reader));
      visitor(reader.buffer, start, reader.position);
    }
  }

  #reader(): WireReader {
    return new WireReader(this.#writer.buffer, this.#start, this.#writer.length);
  }

  /** Moves what is left into a buffer that suits it. */
  #compact(): void {
    const compacted = new WireWriter();
    compacted.bytes(this.#writer.buffer, this.#start, this.#writer.length);
    this.#writer = compacted;
    this.#start = 0;
  }
}
