/**
 * The segments of the log, of which the last one is being written.
 *
 * Each is some 64 MB, so that what is not needed any more can be deleted in pieces, and rewriting can
 * begin at a boundary. It counts bytes: what was written since the start of the process, which is how
 * far a sync got, and what all segments take on the disk, which is when to rewrite.
 */
import type { FsyncPolicy } from "../../journal/log-format.ts";
import { LOG_BEGIN, type LogPosition } from "../../journal/log-position.ts";
import type { Logger } from "../logger.ts";
import { systemErrorCode } from "../system-error.ts";
import { FollowedSegments } from "./followed-segments.ts";
import { type LogFolder, SET_ASIDE, type SegmentSize } from "./log-folder.ts";
import { closeQuietly, type SyncTask } from "./log-sync.ts";
import { SegmentFile } from "./segment-file.ts";

/** How a segment begins. */
export interface SegmentBeginning {
  readonly header: Buffer;
  /** Of zeros written ahead of its blocks at a time; 0: none. */
  readonly roomBytes: number;
  /** What its header says was promised. */
  readonly policy: FsyncPolicy;
}

/** A full segment is left at the next turn. */
export const SEGMENT_BYTES = 64 * 1024 * 1024;

/** So many segments may be small, as starts leave them behind. */
const FRAGMENTS_MAX = 8;

/** Whether many segments hold so little that it is better to have one instead. */
export function isFragmented(segments: readonly SegmentSize[]): boolean {
  const small = segments.filter(({ bytes }) => bytes < SEGMENT_BYTES / 2);
  return small.length >= FRAGMENTS_MAX;
}

/** The files that are written, one after the other. */
export class SegmentChain {
  /** Bytes written by this process. */
  writtenBytes = 0;
  /** What the header of the last segment says. */
  policy: FsyncPolicy = "no";
  /** Up to here, in bytes written, all must be on the disk before it knows that no more than a weaker policy is promised. */
  weakerFromBytes = 0;
  readonly #folder: LogFolder;
  readonly #log: Pick<Logger, "warning">;
  readonly #followed: FollowedSegments;
  #sizes: SegmentSize[];
  #lastNumber: number;
  /** Where segments of this process begin, in bytes written. */
  #starts: { readonly number: number; readonly atBytes: number }[] = [];
  #current: SegmentFile | undefined;
  /** Full, not synced, not closed. */
  #filled: SegmentFile[] = [];
  /** A sync is under way with it: it must not be closed. */
  #lent: SegmentFile | undefined;
  /** The same of full ones, and whether it is to make names safe. */
  #lentFilled: SegmentFile[] = [];
  #isFolderLent = false;
  /** Abandoned while a sync was under way with it. */
  #forsaken: SegmentFile | undefined;
  /** The folder does not surely know the current file yet. */
  #isNew = false;

  /**
   * @param before segments that count and are written no more, oldest first
   * @param lastNumber the highest number that any file in the folder has; 0 when there is none
   */
  constructor(
    folder: LogFolder,
    before: readonly SegmentSize[],
    lastNumber: number,
    log: Pick<Logger, "warning">,
  ) {
    this.#folder = folder;
    this.#log = log;
    this.#followed = new FollowedSegments(folder);
    this.#sizes = [...before];
    this.#lastNumber = lastNumber;
  }

  /** Bytes of all segments that count. */
  get bytes(): number {
    return this.#sizes.reduce((sum, { bytes }) => sum + bytes, this.#current?.bytes ?? 0);
  }

  /** Bytes in the segment that is written; 0: there is none. */
  get currentBytes(): number {
    return this.#current?.bytes ?? 0;
  }

  get currentNumber(): number {
    return this.#lastNumber;
  }

  /** Where in the log the first so many bytes end that this process has written. */
  positionOf(writtenBytes: number): LogPosition {
    const start = this.#starts.findLast(({ atBytes }) => atBytes <= writtenBytes);
    if (start === undefined) return LOG_BEGIN;
    return { segment: start.number, bytes: writtenBytes - start.atBytes };
  }

  /**
   * Begins the next segment like this; it is told the bytes of the one before (0: there is none).
   * Throws the system's error; nothing has changed then.
   */
  begin(beginning: (number: number, bytesBefore: number) => SegmentBeginning): void {
    const number = this.#lastNumber + 1;
    const before = this.#current;
    const bytesBefore = (before ?? this.#sizes.at(-1))?.bytes ?? 0;
    const { header, roomBytes, policy } = beginning(number, bytesBefore);
    const next = this.#create(number, header, roomBytes);
    if (before !== undefined) {
      // To cut a file that is being synced might mean to wait for that.
      if (this.#lent === undefined) before.trim();
      this.#filled.push(before);
      this.#sizes.push({ number: before.number, bytes: before.bytes });
    }
    const last = this.#sizes.at(-1);
    if (last !== undefined) this.#followed.add(last);
    this.#current = next;
    this.#lastNumber = number;
    this.#isNew = true;
    this.#starts.push({ number, atBytes: this.writtenBytes });
    this.writtenBytes += next.bytes;
    if (this.policy === "always" && policy !== "always") this.weakerFromBytes = this.writtenBytes;
    this.policy = policy;
  }

  /** Everything before is on the disk: whom that concerns among the segments before the present one says so. */
  tellFollowed(synced: LogPosition): void {
    this.#followed.tell(synced);
  }

  /** Nothing is written over: a file that is there under this name is not of this log. */
  #create(number: number, header: Buffer, roomBytes: number): SegmentFile {
    const folder = this.#folder;
    const create = () =>
      new SegmentFile(folder.disk, folder.pathOf(number), number, header, roomBytes);
    try {
      return create();
    } catch (error) {
      if (systemErrorCode(error) !== "EEXIST") throw error;
      const file = folder.makeWay(number);
      if (file !== "") this.#log.warning(SET_ASIDE, { file });
      return create();
    }
  }

  /** Writes a block. Throws the system's error; it is not in the log then. */
  append(block: Buffer): void {
    const current = this.#current;
    if (current === undefined) throw new Error("no segment is open");
    current.append(block);
    this.writtenBytes += block.length;
  }

  /** Nothing more is written: the file is to end with its last block. */
  trim(): void {
    this.#current?.trim();
  }

  /**
   * What is to be synced for everything written so far. The caller does it, says `syncEnded`, and after a
   * failure it must `abandon`.
   */
  takeSyncTask(): SyncTask | undefined {
    if (this.#current === undefined) return undefined;
    const withFolder = this.#isNew;
    this.#lentFilled = this.#filled;
    this.#filled = [];
    this.#isFolderLent = withFolder;
    this.#isNew = false;
    this.#lent = this.#current;
    const filled = this.#lentFilled.map(({ file }) => file);
    return { filled, current: this.#current.file, withFolder };
  }

  /** The task that was taken is done, well or not. */
  syncEnded(): void {
    const { disk } = this.#folder;
    this.#lent = undefined;
    for (const { file } of this.#lentFilled) closeQuietly(disk, file);
    this.#lentFilled = [];
    this.#isFolderLent = false;
    if (this.#forsaken !== undefined) closeQuietly(disk, this.#forsaken.file);
    this.#forsaken = undefined;
  }

  /** Nothing more is written to the present segment, nor is it synced: it is not to be trusted. */
  abandon(): void {
    const { disk } = this.#folder;
    const current = this.#current;
    if (current !== undefined) {
      this.#sizes.push({ number: current.number, bytes: current.bytes });
      this.#filled.push(current);
    }
    for (const file of this.#filled) {
      if (file === this.#lent) this.#forsaken = file;
      else closeQuietly(disk, file.file);
    }
    this.#filled = [];
    this.#current = undefined;
  }

  /** Deletes an abandoned end: the next segment gets the number `first` again. Throws the system's error. */
  deleteFrom(first: number): void {
    // The last one first: at any moment they have no gap.
    while (this.#lastNumber >= first) {
      this.#folder.deleteNow(this.#lastNumber);
      this.#lastNumber--;
    }
    this.#sizes = this.#sizes.filter(({ number }) => number < first);
    this.#starts = this.#starts.filter(({ number }) => number < first);
    this.#followed.keepOnly((number) => number + 1 < first);
  }

  /** Segments before this one count no more. */
  dropBefore(first: number): void {
    this.#sizes = this.#sizes.filter(({ number }) => number >= first);
    this.#starts = this.#starts.filter(({ number }) => number >= first);
    this.#followed.keepOnly((number) => number >= first);
  }

  /**
   * Waits for the disk, also with what a sync under way has not brought there yet. Throws the system's
   * error; one that the sync under way was told of it does not hear.
   */
  syncNow(): void {
    const { disk, path } = this.#folder;
    for (const { file } of [...this.#lentFilled, ...this.#filled]) disk.syncNow(file);
    if (this.#isNew || this.#isFolderLent) disk.syncFolderNow(path);
    this.#isNew = false;
    if (this.#current !== undefined) disk.syncNow(this.#current.file);
    const kept = this.#filled.filter((file) => file === this.#lent);
    for (const file of this.#filled) if (file !== this.#lent) closeQuietly(disk, file.file);
    this.#filled = kept;
  }
}
