/**
 * Reads one segment from its beginning, block by block, as far as its bytes are intact.
 *
 * A block must be in one piece to be checked, and it may hold a job of half a gigabyte; so what is read
 * ahead grows with the largest block and with nothing else. Where the intact bytes end, it tells what the
 * intact blocks behind say, if there are any: how much of the log was safe when they were written.
 */
import { crc32 } from "node:zlib";
import {
  BLOCK_CRC_FROM,
  BLOCK_HEADER_BYTES,
  blockAt,
  blockHeaderAt,
  isHeaderBegun,
  isHeaderUnwritten,
  MARK_AT,
  ROOM_BYTES_MAX,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from "../../journal/log-format.ts";
import { furtherOf, LOG_BEGIN, type LogPosition } from "../../journal/log-position.ts";
import { systemErrorText } from "../system-error.ts";
import type { LogDisk } from "./log-disk.ts";
import { LogLoadError } from "./log-load-error.ts";

/** So much is read at a time. */
const READ_BYTES = 1024 * 1024;
const MARK_BYTES = 4;

/** One segment that is read. */
export class SegmentReader {
  readonly bytes: number;
  /** Everything before is intact and was handed out. */
  position = 0;
  /** What is on the disk, as the header or the last block has told. */
  synced: LogPosition = LOG_BEGIN;
  readonly #disk: LogDisk;
  readonly #path: string;
  readonly #file: number;
  #mark = 0;
  #buffer = Buffer.alloc(0);
  /** Bytes of the file from `position` on are #buffer[#start, #end). */
  #start = 0;
  #end = 0;

  /** Throws a LogLoadError, as all that reads: a disk that refuses has to be named with the file. */
  constructor(disk: LogDisk, path: string) {
    this.#disk = disk;
    this.#path = path;
    this.#file = this.#named(() => disk.open(path));
    this.bytes = this.#named(() => disk.size(this.#file));
  }

  /** The header; to be read first. Throws a LogError if there is none. */
  header(): SegmentHeader {
    this.#ensure(Math.min(this.bytes, SEGMENT_HEADER_BYTES));
    const header = readSegmentHeader(crc32, this.#buffer.subarray(this.#start, this.#end));
    this.#mark = header.mark;
    this.synced = header.synced;
    this.#skip(SEGMENT_HEADER_BYTES);
    return header;
  }

  /** The next block's payload, valid until the next call; undefined: there is no intact one here. */
  next(): Buffer | undefined {
    if (!this.#ensure(BLOCK_HEADER_BYTES)) return undefined;
    const header = blockHeaderAt(this.#mark, this.#buffer, this.#start);
    if (header === undefined || !this.#ensure(header.bytes)) return undefined;
    const block = blockAt(crc32, this.#mark, this.#buffer.subarray(0, this.#end), this.#start);
    if (block === undefined) return undefined;
    const payload = this.#buffer.subarray(block.payloadStart, block.end);
    this.#skip(block.end - this.#start);
    this.synced = block.synced;
    return payload;
  }

  get isAtEnd(): boolean {
    return this.position === this.bytes;
  }

  /**
   * What the intact blocks of this segment from byte `from` on say is on the disk, the furthest of it;
   * undefined: there is none.
   */
  syncedFrom(from: number): LogPosition | undefined {
    const mark = Buffer.alloc(MARK_BYTES);
    mark.writeUInt32BE(this.#mark);
    let synced: LogPosition | undefined;
    let next = from;
    this.#someWindow(from, (window, at) => {
      for (let found = window.indexOf(mark); found >= 0; found = window.indexOf(mark, found + 1)) {
        if (at + found < next) continue;
        const block = this.#blockAt(at + found);
        if (block === undefined) continue;
        synced = furtherOf(synced ?? LOG_BEGIN, block.synced);
        next = at + found + block.bytes;
      }
      next = Math.max(next, at + window.length - MARK_BYTES + 1);
      return false;
    });
    return synced;
  }

  /** The header cannot be read: looks for the mark of the blocks, and what they say is on the disk. */
  syncedWithoutHeader(): LogPosition | undefined {
    for (const at of [MARK_AT, SEGMENT_HEADER_BYTES]) {
      const word = Buffer.alloc(MARK_BYTES);
      if (this.#read(word, 0, MARK_BYTES, at) < MARK_BYTES) continue;
      this.#mark = word.readUInt32BE();
      const synced = this.#mark === 0 ? undefined : this.syncedFrom(SEGMENT_HEADER_BYTES);
      if (synced !== undefined) return synced;
    }
    return undefined;
  }

  /** The header has never reached the disk as a whole. */
  isUnwritten(): boolean {
    const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
    const length = this.#read(header, 0, SEGMENT_HEADER_BYTES, 0);
    return isHeaderUnwritten(header.subarray(0, length));
  }

  /** The file holds at most what may be a header, or nothing but zeros: it was never begun. */
  isBlank(): boolean {
    const head = Buffer.alloc(Math.min(this.bytes, SEGMENT_HEADER_BYTES));
    this.#read(head, 0, head.length, 0);
    const isHeader = this.bytes <= SEGMENT_HEADER_BYTES && isHeaderBegun(head);
    return isHeader || !this.#someWindow(0, hasContent);
  }

  /** From here on there are but so many zeros as are written ahead of blocks. */
  hasOnlyRoomBehind(): boolean {
    const bytes = this.bytes - this.position;
    return bytes <= ROOM_BYTES_MAX && !this.#someWindow(this.position, hasContent);
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
      const read = this.#read(this.#buffer, this.#end, room, at);
      // Somebody has made the file shorter.
      if (read === 0) return false;
      this.#end += read;
    }
    return true;
  }

  #read(target: Buffer, offset: number, length: number, position: number): number {
    return this.#named(() => this.#disk.read(this.#file, target, offset, length, position));
  }

  #named<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw new LogLoadError(this.#path, undefined, systemErrorText(error));
    }
  }

  #skip(count: number): void {
    this.position += count;
    this.#start += count;
  }

  /** An intact block of any length, without having it in one piece. */
  #blockAt(at: number): { bytes: number; synced: LogPosition } | undefined {
    const start = Buffer.alloc(BLOCK_HEADER_BYTES);
    const length = this.#read(start, 0, BLOCK_HEADER_BYTES, at);
    const header = blockHeaderAt(this.#mark, start.subarray(0, length), 0);
    if (header === undefined || at + header.bytes > this.bytes) return undefined;
    const end = at + header.bytes;
    let next = at + BLOCK_CRC_FROM;
    let checksum = 0;
    this.#someWindow(next, (window, windowAt) => {
      const part = window.subarray(next - windowAt, end - windowAt);
      checksum = crc32(part, checksum);
      next += part.length;
      return next === end;
    });
    return next === end && checksum === header.crc ? header : undefined;
  }

  /**
   * Whether `is` says so of any piece of the file from here on. Pieces overlap by less than a mark, so
   * that each mark is in one of them as a whole.
   */
  #someWindow(from: number, is: (window: Buffer, at: number) => boolean): boolean {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    for (let at = from; at < this.bytes; ) {
      const read = this.#read(buffer, 0, READ_BYTES, at);
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
