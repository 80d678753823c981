/**
 * Records on their way into frames, in order.
 *
 * Small records are collected in one buffer until it holds 64 KB; a larger record becomes a
 * chunk of its own, which the frame writer cuts into pieces. Every chunk leaves room for a frame
 * header at its front, so that a full one is sent as it is. How much may wait here is the outbox's
 * business, which is told the size.
 */
import { chunkPool } from "./chunk-pool.ts";
import { CHUNK_BYTES, HEADER_BYTES } from "./frame-format.ts";
import { WireWriter } from "./wire-writer.ts";

/** A chunk with fewer bytes is copied, and its buffer filled again at once. */
const HANDED_OVER_BYTES_MIN = 4096;

/** Some records that are sent together, or one large one. */
export interface Chunk {
  /** Room for a header, then the records. */
  readonly buffer: Buffer;
  readonly records: number;
  /** Of the first control record in it, or of the next to come. */
  readonly sequence: number;
  readonly isLarge: boolean;
  /** Bytes of records that are kept elsewhere until they are confirmed. */
  readonly keptBytes: number;
}

/** Fills chunks with records. */
export class ChunkQueue {
  readonly #full: Chunk[] = [];
  readonly #open = new WireWriter();
  #openRecords = 0;
  #openSequence = 0;
  #openKeptBytes = 0;
  #fullBytes = 0;
  #fullKeptBytes = 0;

  /** Bytes waiting. */
  get bytes(): number {
    return this.#fullBytes + this.#open.length;
  }

  /** The same without what is kept elsewhere as well. */
  get looseBytes(): number {
    return this.bytes - this.#fullKeptBytes - this.#openKeptBytes;
  }

  /**
   * Appends the record `source[start, end)`; `sequence` is its own or the next to be given. `isKept`:
   * it is held elsewhere too, until it is confirmed.
   */
  add(source: Buffer, start: number, end: number, sequence: number, isKept: boolean): void {
    const keptBytes = isKept ? end - start : 0;
    if (end - start > CHUNK_BYTES) {
      this.#seal();
      this.#addLarge(source, start, end, sequence, keptBytes);
      return;
    }
    if (this.#openRecords === 0) {
      this.#open.reset();
      this.#open.advance(HEADER_BYTES);
      this.#openSequence = sequence;
    }
    this.#open.bytes(source, start, end);
    this.#openRecords++;
    this.#openKeptBytes += keptBytes;
    if (this.#open.length >= CHUNK_BYTES) this.#seal();
  }

  /** Takes out the first chunk; undefined when there is none. */
  take(): Chunk | undefined {
    if (this.#full.length === 0) this.#seal();
    const chunk = this.#full.shift();
    if (chunk === undefined) return undefined;
    this.#fullBytes -= chunk.buffer.length;
    this.#fullKeptBytes -= chunk.keptBytes;
    return chunk;
  }

  /** Closes the chunk that is being filled. */
  #seal(): void {
    if (this.#openRecords === 0) return;
    this.#append({
      buffer: this.#takeOpen(),
      records: this.#openRecords,
      sequence: this.#openSequence,
      isLarge: false,
      keptBytes: this.#openKeptBytes,
    });
    this.#openRecords = 0;
    this.#openKeptBytes = 0;
  }

  /** The bytes of the open chunk; a large one is not copied. */
  #takeOpen(): Buffer {
    const { length } = this.#open;
    if (length >= HANDED_OVER_BYTES_MIN && chunkPool.lend(this.#open.buffer)) {
      return this.#open.detach(chunkPool.take()).subarray(0, length);
    }
    const copy = Buffer.allocUnsafe(length);
    this.#open.buffer.copy(copy, 0, 0, length);
    this.#open.reset();
    return copy;
  }

  #addLarge(source: Buffer, start: number, end: number, sequence: number, keptBytes: number): void {
    const buffer = Buffer.allocUnsafeSlow(HEADER_BYTES + end - start);
    source.copy(buffer, HEADER_BYTES, start, end);
    this.#append({ buffer, records: 1, sequence, isLarge: true, keptBytes });
  }

  #append(chunk: Chunk): void {
    this.#full.push(chunk);
    this.#fullBytes += chunk.buffer.length;
    this.#fullKeptBytes += chunk.keptBytes;
  }
}
