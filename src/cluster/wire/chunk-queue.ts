/**
 * Records on their way into frames, in order.
 *
 * Small records are collected in one buffer until it holds 64 KB; a larger record becomes a
 * chunk of its own, which the frame writer cuts into pieces. Every chunk leaves room for a frame
 * header at its front, so that a full one is sent as it is. How much may wait here is the outbox's
 * business, which is told the size.
 */
import { CHUNK_BYTES, HEADER_BYTES } from "./frame-format.ts";
import { WireWriter } from "./wire-writer.ts";

/** Some records that are sent together, or one large one. */
export interface Chunk {
  /** Room for a header, then the records. */
  readonly buffer: Buffer;
  readonly records: number;
  /** Of the first control record in it, or of the next to come. */
  readonly sequence: number;
  readonly isLarge: boolean;
}

/** Fills chunks with records. */
export class ChunkQueue {
  readonly #full: Chunk[] = [];
  readonly #open = new WireWriter();
  #openRecords = 0;
  #openSequence = 0;
  #fullBytes = 0;

  /** Bytes waiting. */
  get bytes(): number {
    return this.#fullBytes + this.#open.length;
  }

  /** Appends the record `source[start, end)`; `sequence` is its own or the next to be given. */
  add(source: Buffer, start: number, end: number, sequence: number): void {
    if (end - start > CHUNK_BYTES) {
      this.#seal();
      this.#addLarge(source, start, end, sequence);
      return;
    }
    if (this.#openRecords === 0) {
      this.#open.reset();
      this.#open.advance(HEADER_BYTES);
      this.#openSequence = sequence;
    }
    this.#open.bytes(source, start, end);
    this.#openRecords++;
    if (this.#open.length >= CHUNK_BYTES) this.#seal();
  }

  /** Takes out the first chunk; undefined when there is none. */
  take(): Chunk | undefined {
    if (this.#full.length === 0) this.#seal();
    const chunk = this.#full.shift();
    if (chunk !== undefined) this.#fullBytes -= chunk.buffer.length;
    return chunk;
  }

  /** Closes the chunk that is being filled. */
  #seal(): void {
    if (this.#openRecords === 0) return;
    const buffer = Buffer.allocUnsafe(this.#open.length);
    this.#open.buffer.copy(buffer, 0, 0, this.#open.length);
    this.#append({
      buffer,
      records: this.#openRecords,
      sequence: this.#openSequence,
      isLarge: false,
    });
    this.#open.reset();
    this.#openRecords = 0;
  }

  #addLarge(source: Buffer, start: number, end: number, sequence: number): void {
    const buffer = Buffer.allocUnsafeSlow(HEADER_BYTES + end - start);
    source.copy(buffer, HEADER_BYTES, start, end);
    this.#append({ buffer, records: 1, sequence, isLarge: true });
  }

  #append(chunk: Chunk): void {
    this.#full.push(chunk);
    this.#fullBytes += chunk.buffer.length;
  }
}
