/**
 * Turns the records for one link into frames, a helping at a time.
 *
 * Whoever owns the socket takes frames at the end of a turn, and more whenever the socket has got
 * rid of them. What has not been taken stays here, and that is how heartbeats keep ahead: every
 * helping begins with the urgent records, also between two pieces of a large one. A frame writer
 * lives as long as its link; what outlives the link is the outbox's.
 */
import { type Chunk, ChunkQueue } from "./chunk-queue.ts";
import {
  CHUNK_BYTES,
  type Crc32,
  finishChecksum,
  HEADER_BYTES,
  writeHeader,
} from "./frame-format.ts";
import { LargestRecord } from "./largest-record.ts";
import { varintBytes, WireWriter } from "./wire-writer.ts";

/** What one helping of frames is meant to hold: little enough to be written at once. */
export const HELPING_BYTES = 1024 * 1024;

/** A large record of which a part has been sent. */
interface Cut {
  readonly chunk: Chunk;
  /** Where the rest begins in the chunk's buffer. */
  position: number;
}

/** The sending half of one link. */
export class FrameWriter {
  readonly #crc32: Crc32;
  readonly #streamId: number;
  readonly #firstSequence: number;
  readonly #urgent = new ChunkQueue();
  readonly #ordered = new ChunkQueue();
  #nextSequence: number;
  #isOpened = false;
  #cut: Cut | undefined;
  /** Of the bulk records of which nothing is taken; they are numbered for it. */
  readonly #largest = new LargestRecord();
  #largeAdded = 0;
  #largeTaken = 0;

  /**
   * @param streamId names the numbering of control records to the other side
   * @param firstSequence number of the first control record that will be added
   */
  constructor(crc32: Crc32, streamId: number, firstSequence: number) {
    this.#crc32 = crc32;
    this.#streamId = streamId;
    this.#firstSequence = firstSequence;
    this.#nextSequence = firstSequence;
  }

  /** Bytes that have been added and not taken, but for control records, which are kept elsewhere. */
  get looseBytes(): number {
    return this.#urgent.bytes + this.#ordered.looseBytes + this.#looseCutBytes;
  }

  /** Of these, the bytes that the largest record has left. */
  get largestLooseBytes(): number {
    return Math.max(this.#largest.bytes, this.#looseCutBytes);
  }

  /** Adds a record to be sent before others; one too large for a single frame takes its turn. */
  addUrgent(record: Buffer, start: number, end: number): void {
    const isWhole = end - start <= CHUNK_BYTES;
    if (isWhole) this.#urgent.add(record, start, end, 0, false);
    else this.addBulk(record, start, end);
  }

  /** Adds a record to be sent behind all before it. */
  addBulk(record: Buffer, start: number, end: number): void {
    this.#ordered.add(record, start, end, this.#nextSequence, false);
    if (end - start > CHUNK_BYTES) this.#largest.add(++this.#largeAdded, end - start);
  }

  /** The same for a control record, which gets the next sequence number. */
  addControl(record: Buffer, start: number, end: number): void {
    this.#ordered.add(record, start, end, this.#nextSequence++, true);
  }

  /**
   * Frames to be written in this order, about `bytesMax` and all that is urgent.
   *
   * @param confirmed the last control record of the other side that we have
   * @param isConfirmationDue a frame must go even if it holds nothing but that
   */
  take(bytesMax: number, confirmed: number, isConfirmationDue: boolean): Buffer[] {
    const out: Buffer[] = [];
    if (!this.#isOpened) out.push(this.#opening(confirmed));
    for (let chunk = this.#urgent.take(); chunk !== undefined; chunk = this.#urgent.take()) {
      out.push(this.#whole(chunk, "urgentRecords", confirmed));
    }
    let taken = 0;
    for (const buffer of out) taken += buffer.length;
    while (taken < bytesMax) {
      const before = out.length;
      this.#takeOrdered(out, confirmed);
      if (out.length === before) break;
      for (let i = before; i < out.length; i++) taken += (out[i] as Buffer).length;
    }
    if (out.length === 0 && isConfirmationDue) out.push(this.#empty(confirmed));
    return out;
  }

  /** Bytes left of a record that has been begun, unless it is kept elsewhere. */
  get #looseCutBytes(): number {
    const cut = this.#cut;
    if (cut === undefined || cut.chunk.keptBytes > 0) return 0;
    return cut.chunk.buffer.length - cut.position;
  }

  /** The next frame in order, if any. */
  #takeOrdered(out: Buffer[], confirmed: number): void {
    if (this.#cut === undefined) {
      const chunk = this.#ordered.take();
      if (chunk === undefined) return;
      if (!chunk.isLarge) {
        out.push(this.#whole(chunk, "records", confirmed));
        return;
      }
      this.#cut = { chunk, position: HEADER_BYTES };
      if (chunk.keptBytes === 0) this.#largest.release(++this.#largeTaken);
    }
    this.#takePiece(this.#cut, out, confirmed);
  }

  #takePiece(cut: Cut, out: Buffer[], confirmed: number): void {
    const { buffer, sequence } = cut.chunk;
    const end = Math.min(cut.position + CHUNK_BYTES, buffer.length);
    const piece = buffer.subarray(cut.position, end);
    const isLast = end === buffer.length;
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    const type = isLast ? "lastPiece" : "piece";
    const records = isLast ? 1 : 0;
    writeHeader(header, { type, payloadBytes: piece.length, sequence, confirmed, records });
    finishChecksum(this.#crc32, header, piece);
    out.push(header, piece);
    cut.position = end;
    if (isLast) this.#cut = undefined;
  }

  #whole(chunk: Chunk, type: "records" | "urgentRecords", confirmed: number): Buffer {
    const { buffer, records, sequence } = chunk;
    const payloadBytes = buffer.length - HEADER_BYTES;
    writeHeader(buffer, { type, payloadBytes, sequence, confirmed, records });
    finishChecksum(this.#crc32, buffer);
    return buffer;
  }

  #opening(confirmed: number): Buffer {
    this.#isOpened = true;
    const payload = new WireWriter();
    payload.advance(HEADER_BYTES);
    payload.varint(this.#streamId);
    const buffer = payload.buffer.subarray(0, payload.length);
    const payloadBytes = varintBytes(this.#streamId);
    const sequence = this.#firstSequence;
    writeHeader(buffer, { type: "opening", payloadBytes, sequence, confirmed, records: 0 });
    finishChecksum(this.#crc32, buffer);
    return buffer;
  }

  #empty(confirmed: number): Buffer {
    const buffer = Buffer.allocUnsafe(HEADER_BYTES);
    const sequence = this.#nextSequence;
    writeHeader(buffer, { type: "records", payloadBytes: 0, sequence, confirmed, records: 0 });
    finishChecksum(this.#crc32, buffer);
    return buffer;
  }
}
