/**
 * A file on the disk as bytes to be read anywhere (journal/byte-window.ts), and its hash.
 *
 * Reading is synchronous, in pieces of a megabyte; whoever reads much lets others have a turn in between.
 * The size is that of the moment of opening: what somebody appends later is not seen.
 */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setImmediate as otherTurns } from "node:timers/promises";
import type { ByteSource } from "../../journal/byte-window.ts";

const PIECE_BYTES = 1 << 20;
/** Hashed without a break. */
const HASHED_AT_ONCE_BYTES = 16 << 20;

/** An open file. Close it. */
export class FileSource implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly #fd: number;

  /** Opens the file; throws the system's error, or one that says that it is no file. */
  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, "r");
    const stat = fstatSync(this.#fd);
    if (!stat.isFile()) {
      this.close();
      throw new Error("it is not a regular file");
    }
    this.size = stat.size;
    this.mtimeMs = stat.mtimeMs;
  }

  read(target: Buffer, at: number): void {
    for (let done = 0; done < target.length; ) {
      const read = readSync(this.#fd, target, done, target.length - done, at + done);
      if (read === 0) throw new Error("it became shorter while it was read");
      done += read;
    }
  }

  /** Whether somebody has written to it since it was opened. */
  hasChanged(): boolean {
    const { size, mtimeMs } = fstatSync(this.#fd);
    return size !== this.size || mtimeMs !== this.mtimeMs;
  }

  /**
   * SHA-256 of the first so many bytes, for each of `lengths` and for the whole file, as hex; lengths
   * are ascending and at most the size. The last element is the whole file's.
   */
  async hashes(lengths: readonly number[]): Promise<string[]> {
    const hash = createHash("sha256");
    const found: string[] = [];
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    let at = 0;
    for (const end of [...lengths, this.size]) {
      while (at < end) {
        const part = piece.subarray(0, Math.min(PIECE_BYTES, end - at));
        this.read(part, at);
        hash.update(part);
        at += part.length;
        if (at % HASHED_AT_ONCE_BYTES === 0) await otherTurns();
      }
      found.push(hash.copy().digest("hex"));
    }
    return found;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
