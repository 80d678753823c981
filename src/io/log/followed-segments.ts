/**
 * Lets a segment say that another one follows, so that a start misses the last one when it is gone.
 *
 * That is an empty block behind all others, which says that the disk has the beginning of the next segment
 * (journal/log-format.ts, synced). It is written when a sync has covered blocks of that: from then on the file
 * is never deleted without this one. Nobody waits for it, and it is not synced: without it a start knows less, and
 * a torn one lies behind the end that the next header tells.
 */
import { crc32 } from "node:zlib";
import {
  BEFORE_BYTES_MAX,
  BLOCK_HEADER_BYTES,
  finishBlock,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
} from "../../journal/log-format.ts";
import { isBehind, type LogPosition } from "../../journal/log-position.ts";
import type { LogFolder, SegmentSize } from "./log-folder.ts";

/** Of one log: those that do not say it yet. */
export class FollowedSegments {
  readonly #folder: LogFolder;
  #untold: readonly SegmentSize[] = [];

  constructor(folder: LogFolder) {
    this.#folder = folder;
  }

  /** The segment behind this one has begun. */
  add(segment: SegmentSize): void {
    if (segment.bytes <= BEFORE_BYTES_MAX) this.#untold = [...this.#untold, segment];
  }

  /** These count no more, or those behind them are gone. */
  keepOnly(isKept: (number: number) => boolean): void {
    this.#untold = this.#untold.filter(({ number }) => isKept(number));
  }

  /** Everything before is on the disk. */
  tell(synced: LogPosition): void {
    if (this.#untold.length === 0) return;
    const isDue = ({ number }: SegmentSize): boolean =>
      isBehind(synced, { segment: number + 1, bytes: SEGMENT_HEADER_BYTES });
    const due = this.#untold.filter(isDue);
    this.#untold = this.#untold.filter((segment) => !isDue(segment));
    for (const segment of due) this.#tryToTell(segment, synced);
  }

  #tryToTell(segment: SegmentSize, synced: LogPosition): void {
    try {
      this.#append(segment, synced);
    } catch {
      // The disk says the same to those who have more to write.
    }
  }

  #append({ number, bytes }: SegmentSize, synced: LogPosition): void {
    const { disk } = this.#folder;
    const file = disk.open(this.#folder.pathOf(number));
    try {
      const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
      disk.read(file, header, 0, header.length, 0);
      const block = Buffer.alloc(BLOCK_HEADER_BYTES);
      finishBlock(crc32, readSegmentHeader(crc32, header).mark, synced, block);
      disk.write(file, block, 0, block.length, bytes);
    } finally {
      disk.close(file);
    }
  }
}
