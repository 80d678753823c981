/**
 * Reads one segment from its beginning, block by block, as far as its bytes are intact.
 *
 * A block must be in one piece to be checked, and it may hold a job of half a gigabyte; so what is read
 * ahead grows with the largest block and with nothing else. Where the intact bytes end, it tells whether
 * any intact block lies behind: then something was damaged, and it is not merely a write that was cut off.
 */
import { crc32 } from "node:zlib";
import {
  BLOCK_HEADER_BYTES,
  blockAt,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from "../../journal/log-format.ts";
import type { LogDisk } from "./log-disk.ts";

/** So much is read at a time. */
const READ_BYTES = 1024 * 1024;
const LENGTH_AT = 4;
const CRC_AT = 8;
const MARK_BYTES = 4;

/** One segment that is read. */
export class SegmentReader {
  readonly bytes: number;
  /** Everything before is intact and was handed out. */
  position = 0;
  readonly #disk: LogDisk;
  readonly #file: number;
  #mark = 0;
  #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  /** Bytes of the file from `position` on are #buffer[#start, #end). */
  #start = 0;
  #end = 0;

  /** Throws the system's error. */
  constructor(disk: LogDisk, path: string) {
    this.#disk = disk;
    this.#file = disk.open(path);
    this.bytes = disk.size(this.#file);
  }

  /** The header; to be read first. Throws a LogError, or the system's. */
  header(): SegmentHeader {
    this.#ensure(Math.min(this.bytes, SEGMENT_HEADER_BYTES));
    const header = readSegmentHeader(crc32, this.#buffer.subarray(this.#start, this.#end));
    this.#mark = header.mark;
    this.#skip(SEGMENT_HEADER_BYTES);
    return header;
  }

  /** The next block's payload, valid until the next call; undefined: there is no intact one here. */
  next(): Buffer | undefined {
    if (!this.#ensure(BLOCK_HEADER_BYTES)) return undefined;
    const length = this.#buffer.readUInt32BE(this.#start + LENGTH_AT);
    if (!this.#ensure(BLOCK_HEADER_BYTES + length)) return undefined;
    const block = blockAt(crc32, this.#mark, this.#buffer.subarray(0, this.#end), this.#start);
    if (block === undefined) return undefined;
    const payload = this.#buffer.subarray(block.payloadStart, block.end);
    this.#skip(block.end - this.#start);
    return payload;
  }

  get isAtEnd(): boolean {
    return this.position === this.bytes;
  }

  /** Whether there is an intact block of this segment behind the bad bytes at `position`. */
  hasBlockBehind(): boolean {
    const mark = Buffer.alloc(MARK_BYTES);
    mark.writeUInt32BE(this.#mark);
    let from = this.position + 1;
    return this.#someWindow(from, (window, at) => {
      for (let found = window.indexOf(mark); found >= 0; found = window.indexOf(mark, found + 1)) {
        if (at + found >= from && this.#isBlockAt(at + found)) return true;
      }
      from = at + window.length - MARK_BYTES + 1;
      return false;
    });
  }

  /** The file is at most a header long, or holds nothing but zeros: it was never begun. */
  isBlank(): boolean {
    return this.bytes <= SEGMENT_HEADER_BYTES || !this.#someWindow(this.position, hasContent);
  }

  /** Cuts the file off at `position`, for good. Throws the system's error. */
  cut(): void {
    this.#disk.truncate(this.#file, this.position);
    this.#disk.syncNow(this.#file);
  }

  close(): void {
    this.#disk.close(this.#file);
  }

  /** Makes `count` bytes from `position` on available; false: the file has fewer. */
  #ensure(count: number): boolean {
    if (this.position + count > this.bytes) return false;
    if (this.#end - this.#start >= count) return true;
    const kept = this.#end - this.#start;
    const capacity = Math.max(count, READ_BYTES);
    const target = capacity > this.#buffer.length ? Buffer.allocUnsafeSlow(capacity) : this.#buffer;
    this.#buffer.copy(target, 0, this.#start, this.#end);
    this.#buffer = target;
    this.#start = 0;
    this.#end = kept;
    while (this.#end < count) {
      const room = this.#buffer.length - this.#end;
      const at = this.position + this.#end;
      const read = this.#disk.read(this.#file, this.#buffer, this.#end, room, at);
      // Somebody has made the file shorter.
      if (read === 0) return false;
      this.#end += read;
    }
    return true;
  }

  #skip(count: number): void {
    this.position += count;
    this.#start += count;
  }

  /** Checks a block of any length without having it in one piece. */
  #isBlockAt(at: number): boolean {
    const header = Buffer.alloc(BLOCK_HEADER_BYTES);
    if (this.#disk.read(this.#file, header, 0, BLOCK_HEADER_BYTES, at) < BLOCK_HEADER_BYTES) {
      return false;
    }
    const start = at + BLOCK_HEADER_BYTES;
    const end = start + header.readUInt32BE(LENGTH_AT);
    if (end > this.bytes) return false;
    let checksum = crc32(header.subarray(LENGTH_AT, CRC_AT));
    let next = start;
    this.#someWindow(start, (window, windowAt) => {
      const part = window.subarray(next - windowAt, end - windowAt);
      checksum = crc32(part, checksum);
      next += part.length;
      return next === end;
    });
    return next === end && checksum === header.readUInt32BE(CRC_AT);
  }

  /**
   * Whether `is` says so of any piece of the file from here on. Pieces overlap by less than a mark, so
   * that each mark is in one of them as a whole.
   */
  #someWindow(from: number, is: (window: Buffer, at: number) => boolean): boolean {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    for (let at = from; at < this.bytes; ) {
      const read = this.#disk.read(this.#file, buffer, 0, READ_BYTES, at);
      if (read === 0) return false;
      if (is(buffer.subarray(0, read), at)) return true;
      if (at + read >= this.bytes) return false;
      at += Math.max(1, read - MARK_BYTES + 1);
    }
    return false;
  }
}

function hasContent(window: Buffer): boolean {
  return window.some((byte) => byte !== 0);
}
