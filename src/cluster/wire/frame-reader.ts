/**
 * Turns the bytes of one link into messages, however the network has cut them.
 *
 * Frames that arrive whole are read where they lie; only the beginning of one that does not is
 * kept, and the pieces of a record that is too large for a frame. Both grow with the bytes that
 * have come, never with what a length promises. The first thing that is wrong ends it: `push`
 * returns the WireError, nothing more is read, and the link must be closed.
 */
import {
  type Codec,
  isControlRecord,
  type MessageIn,
  type MessageTable,
  recordBytesAt,
  skipRecord,
} from "./codec.ts";
import {
  CHUNK_BYTES,
  type Crc32,
  type FrameHeader,
  HEADER_BYTES,
  isIntact,
  RECORD_BYTES_MAX,
  readHeader,
} from "./frame-format.ts";
import { WireError } from "./wire-error.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

/** Where what was read goes. Each may throw a WireError, which ends the link as any other. */
export interface FrameSink<Message> {
  /** The first frame of the link: which stream it carries, and where in its numbering it goes on. */
  opened(streamId: number, firstSequence: number): void;
  /** The other side has our control records up to this one. */
  confirmed(sequence: number): void;
  /** Asked before a control record is read: false if it has been here before. */
  isNew(sequence: number, recordBytes: number): boolean;
  received(message: Message): void;
}

/** The receiving half of one link. */
export class FrameReader<Table extends MessageTable> {
  readonly #codec: Codec<Table>;
  readonly #crc32: Crc32;
  readonly #sink: FrameSink<MessageIn<Table>>;
  readonly #recordBytesMax: number;
  readonly #payloadBytesMax: number;
  /** The beginning of a frame. */
  readonly #partial = new WireWriter();
  /** The pieces of a large record so far; empty: none. */
  #large = new WireWriter();
  #isOpened = false;
  #isStopped = false;
  #error: WireError | undefined;

  /** @param recordBytesMax larger records are refused; a smaller limit suits peers not yet known */
  constructor(
    codec: Codec<Table>,
    crc32: Crc32,
    sink: FrameSink<MessageIn<Table>>,
    recordBytesMax = RECORD_BYTES_MAX,
  ) {
    this.#codec = codec;
    this.#crc32 = crc32;
    this.#sink = sink;
    this.#recordBytesMax = recordBytesMax;
    this.#payloadBytesMax = CHUNK_BYTES + Math.min(recordBytesMax, CHUNK_BYTES);
  }

  /** Memory held for what is not complete: at most 2 x its bytes, and 256 KB. */
  get heldBytes(): number {
    return this.#partial.buffer.length + this.#large.buffer.length;
  }

  /** Reads on. Returns what was wrong, if anything, now or before. */
  push(chunk: Buffer): WireError | undefined {
    try {
      this.#push(chunk);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#error = error;
      this.stop();
    }
    return this.#error;
  }

  /** Hands up nothing more, not even the rest of the frame being read. */
  stop(): void {
    this.#isStopped = true;
    this.#partial.reset();
    this.#large = new WireWriter();
  }

  #push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#isStopped) {
      if (this.#partial.length > 0) {
        at = this.#complete(chunk, at);
      } else {
        const end = this.#endOfFrame(chunk, at);
        if (end === undefined) {
          this.#partial.bytes(chunk, at, chunk.length);
          return;
        }
        this.#readFrame(chunk, at, end);
        at = end;
      }
    }
  }

  /** Adds to the frame that has begun, but nothing of the one behind it. Returns what is used up. */
  #complete(chunk: Buffer, at: number): number {
    const partial = this.#partial;
    const missing = this.#sizeOf(partial.buffer, 0, partial.length) - partial.length;
    const end = Math.min(chunk.length, at + missing);
    partial.bytes(chunk, at, end);
    if (this.#endOfFrame(partial.buffer.subarray(0, partial.length), 0) !== undefined) {
      this.#readFrame(partial.buffer, 0, partial.length);
      partial.reset();
    }
    return end;
  }

  /** Where the frame at `buffer[at]` ends; undefined while it has not come whole. */
  #endOfFrame(buffer: Buffer, at: number): number | undefined {
    const available = buffer.length - at;
    if (available < HEADER_BYTES) return undefined;
    const size = this.#sizeOf(buffer, at, available);
    return size > available ? undefined : at + size;
  }

  /** Bytes of the frame at `buffer[at]`, or of its header while that is not whole. */
  #sizeOf(buffer: Buffer, at: number, available: number): number {
    if (available < HEADER_BYTES) return HEADER_BYTES;
    return HEADER_BYTES + readHeader(buffer, at, this.#payloadBytesMax).payloadBytes;
  }

  #readFrame(buffer: Buffer, start: number, end: number): void {
    if (!isIntact(this.#crc32, buffer, start, end)) throw new WireError("checksum is wrong");
    const header = readHeader(buffer, start, this.#payloadBytesMax);
    const reader = new WireReader(buffer, start + HEADER_BYTES, end);
    if (this.#isOpened === (header.type === "opening")) {
      throw new WireError("a link opens once, with its first frame");
    }
    if (header.type === "opening") {
      this.#isOpened = true;
      this.#sink.opened(reader.varint(), header.sequence);
    }
    this.#sink.confirmed(header.confirmed);
    switch (header.type) {
      case "opening":
        break;
      case "urgentRecords":
        this.#readUrgent(reader, header);
        break;
      case "records":
        if (this.#large.length > 0) throw new WireError("records between the pieces of another");
        this.#readOrdered(reader, header);
        break;
      case "piece":
        this.#addPiece(reader);
        break;
      case "lastPiece":
        this.#addPiece(reader);
        this.#readLarge(header);
        break;
    }
    if (reader.remaining > 0 && !this.#isStopped) {
      throw new WireError(`${reader.remaining} bytes behind the last record`);
    }
  }

  #readUrgent(reader: WireReader, header: FrameHeader): void {
    for (let i = 0; i < header.records && !this.#isStopped; i++) {
      if (isControlRecord(reader)) throw new WireError("a control record among the urgent");
      this.#readRecord(reader);
    }
  }

  #readOrdered(reader: WireReader, header: FrameHeader): void {
    let { sequence } = header;
    for (let i = 0; i < header.records && !this.#isStopped; i++) {
      if (!isControlRecord(reader)) {
        this.#readRecord(reader);
        continue;
      }
      const recordBytes = recordBytesAt(reader);
      if (this.#sink.isNew(sequence, recordBytes)) this.#readRecord(reader);
      else skipRecord(reader);
      sequence++;
    }
  }

  #readRecord(reader: WireReader): void {
    const message = this.#codec.decode(reader);
    if (message !== undefined) this.#sink.received(message);
  }

  #addPiece(reader: WireReader): void {
    const large = this.#large;
    large.bytes(reader.buffer, reader.position, reader.end);
    reader.position = reader.end;
    const wholeBytes = recordBytesAt(new WireReader(large.buffer, 0, large.length));
    if (wholeBytes > this.#recordBytesMax) {
      throw new WireError(`record with ${wholeBytes} bytes, allowed are ${this.#recordBytesMax}`);
    }
    if (large.length > wholeBytes) throw new WireError("pieces larger than their record");
  }

  #readLarge(header: FrameHeader): void {
    const large = this.#large;
    this.#large = new WireWriter();
    const reader = new WireReader(large.buffer, 0, large.length);
    this.#readOrdered(reader, { ...header, records: 1 });
  }
}
