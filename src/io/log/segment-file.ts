/**
 * One file of the log that is being written, always at its end.
 *
 * A block is in it as a whole or not at all: a write that fails in the middle is cut off again, now or,
 * if the disk refuses that too, before anything else is written. So the only bad bytes in a log that
 * nothing else has damaged are at the end of its last file.
 *
 * Where every turn waits for the disk, zeros are written ahead of the blocks (*room*): a sync of bytes that
 * have their place already is one write, while a file that has grown also changes the file system's books,
 * which takes as long again. Blocks that are large anyway gain nothing by it and get none.
 */
import { ROOM_BYTES } from "../../journal/log-format.ts";
import type { LogDisk } from "./log-disk.ts";

const ZEROS = Buffer.alloc(ROOM_BYTES);
/** A block that takes more of the room than this part grows the file by itself. */
const SMALL_PART = 1 / 4;

/** A segment that is written. */
export class SegmentFile {
  readonly number: number;
  readonly file: number;
  readonly #disk: LogDisk;
  #bytes = 0;
  /** Zeros reach to here; behind that there is nothing. */
  #roomEnd = 0;
  #roomBytes: number;
  /** There is part of a block behind the last whole one. */
  #isTorn = false;

  /**
   * Throws the system's error if the file cannot be made, and leaves none behind if possible; EEXIST: it is there.
   * @param roomBytes of zeros are written at a time, at most ROOM_BYTES; 0: none
   */
  constructor(disk: LogDisk, path: string, number: number, header: Buffer, roomBytes: number) {
    this.#disk = disk;
    this.#roomBytes = roomBytes;
    this.number = number;
    this.file = disk.createNew(path);
    try {
      this.#write(header, header.length, 0);
      this.#bytes = header.length;
    } catch (error) {
      disk.close(this.file);
      discard(disk, path);
      throw error;
    }
  }

  /** Bytes of whole blocks, the header included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes a block behind all others. Throws the system's error; the block is not in the file then. */
  append(block: Buffer): void {
    if (this.#isTorn) this.#cut();
    this.#makeRoom(block.length);
    try {
      this.#write(block, block.length, this.#bytes);
    } catch (error) {
      this.#isTorn = true;
      this.#tryToCut();
      throw error;
    }
    this.#bytes += block.length;
  }

  /** No more is written: takes away the room that is left, if the disk lets it. */
  trim(): void {
    if (this.#roomEnd > this.#bytes) this.#tryToCut();
  }

  #makeRoom(blockBytes: number): void {
    const end = this.#bytes + blockBytes;
    if (end <= this.#roomEnd || blockBytes > this.#roomBytes * SMALL_PART) return;
    const start = Math.max(this.#roomEnd, this.#bytes);
    this.#roomEnd = (Math.floor(end / this.#roomBytes) + 1) * this.#roomBytes;
    try {
      for (let at = start; at < this.#roomEnd; at += ZEROS.length) {
        this.#write(ZEROS, Math.min(ZEROS.length, this.#roomEnd - at), at);
      }
    } catch {
      // A disk that is full or broken will say so of the block. This file is written without room.
      this.#roomBytes = 0;
      this.#isTorn = true;
      this.#tryToCut();
    }
  }

  /** A disk that fills up shows as a short write first: goes on until it says why. */
  #write(bytes: Buffer, length: number, position: number): void {
    for (let done = 0; done < length; ) {
      const written = this.#disk.write(this.file, bytes, done, length - done, position + done);
      if (written === 0) throw new Error("nothing was written");
      done += written;
    }
  }

  #cut(): void {
    this.#disk.truncate(this.file, this.#bytes);
    this.#roomEnd = 0;
    this.#isTorn = false;
  }

  #tryToCut(): void {
    try {
      this.#cut();
    } catch {
      // Done before the next block is written; a start cuts it off as well.
    }
  }
}

function discard(disk: LogDisk, path: string): void {
  try {
    disk.unlinkNow(path);
  } catch {
    // The next attempt removes it.
  }
}
