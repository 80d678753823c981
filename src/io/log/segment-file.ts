/**
 * One file of the log that is being written, always at its end.
 *
 * A block is in it as a whole or not at all: a write that fails in the middle is cut off again, now or,
 * if the disk refuses that too, before anything else is written. So the only bad bytes in a log that
 * nothing else has damaged are at the end of its last file.
 */
import type { LogDisk } from "./log-disk.ts";

/** A segment that is written. */
export class SegmentFile {
  readonly number: number;
  readonly file: number;
  readonly #disk: LogDisk;
  #bytes = 0;
  /** There is part of a block behind the last whole one. */
  #isTorn = false;

  /** Throws the system's error if the file cannot be made, and leaves none behind if possible. */
  constructor(disk: LogDisk, path: string, number: number, header: Buffer) {
    this.#disk = disk;
    this.number = number;
    this.file = disk.create(path);
    try {
      this.append(header);
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
    let done = 0;
    try {
      // A disk that fills up shows as a short write first: go on until it says why.
      while (done < block.length) {
        const rest = block.length - done;
        const written = this.#disk.write(this.file, block, done, rest, this.#bytes + done);
        if (written === 0) throw new Error("nothing was written");
        done += written;
      }
    } catch (error) {
      this.#isTorn = true;
      this.#tryToCut();
      throw error;
    }
    this.#bytes += block.length;
  }

  #cut(): void {
    this.#disk.truncate(this.file, this.#bytes);
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
    // The next attempt makes the same file anew.
  }
}
