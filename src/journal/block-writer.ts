/**
 * Fills blocks with records, one after the other.
 *
 * A block ends when the next record would make it too long, so that a record with a large body has one
 * for itself. Most turns fill less than one block, and that is handed out as it lies here, without a
 * copy: it may be used until the next one is begun.
 */
import { PackedWriter } from "../cluster/jobs/packing/packed-writer.ts";
import type { Crc32 } from "../cluster/wire/frame-format.ts";
import { BLOCK_BYTES, BLOCK_HEADER_BYTES, finishBlock } from "./log-format.ts";
import { LOG_BEGIN, type LogPosition } from "./log-position.ts";

/** The blocks of a turn. */
export class BlockWriter {
  /** What blocks say is on the disk: everything before. */
  synced: LogPosition = LOG_BEGIN;
  readonly #crc32: Crc32;
  readonly #writer = new PackedWriter();
  #blocks: Buffer[] = [];
  #finishedBytes = 0;
  #mark = 0;

  constructor(crc32: Crc32) {
    this.#crc32 = crc32;
  }

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.#finishedBytes + this.#writer.length;
  }

  /** What the blocks of the segment that begins now start with. */
  begin(mark: number): void {
    this.#mark = mark;
  }

  /** Where the next record is to be written, with room for so many bytes. */
  room(bytes: number): PackedWriter {
    const writer = this.#writer;
    if (writer.length > 0 && writer.length + bytes > BLOCK_BYTES) this.#finish();
    if (writer.length === 0) {
      writer.ensure(BLOCK_HEADER_BYTES + bytes);
      writer.length = BLOCK_HEADER_BYTES;
    } else {
      writer.ensure(bytes);
    }
    return writer;
  }

  /** The blocks, valid until `room` is called again. */
  take(): readonly Buffer[] {
    const writer = this.#writer;
    if (writer.length > BLOCK_BYTES) this.#finish();
    else if (writer.length > 0) {
      this.#add(writer.buffer.subarray(0, writer.length));
      writer.length = 0;
    }
    const blocks = this.#blocks;
    this.#blocks = [];
    this.#finishedBytes = 0;
    return blocks;
  }

  #finish(): void {
    this.#add(this.#writer.take());
  }

  #add(block: Buffer): void {
    finishBlock(this.#crc32, this.#mark, this.synced, block);
    this.#finishedBytes += block.length;
    this.#blocks.push(block);
  }
}
