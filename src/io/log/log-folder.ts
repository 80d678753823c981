/**
 * The folder of the log: segments by their numbers, the manifest, and what is to be deleted.
 *
 *   log/manifest   log/segment-0000000007.rql   log/segment-0000000008.rql
 *
 * Which segments count is the manifest's business; that they count from there on without a gap is checked
 * when the log is read. Deleting is nobody's hurry: it is done one file after the other, without waiting
 * for it, and what could not be deleted is tried again after the next rewrite or start.
 */
import { dirname, join } from "node:path";
import type { LogPosition } from "../../journal/log-position.ts";
import type { Logger } from "../logger.ts";
import { causeText, systemErrorCode, systemErrorText } from "../system-error.ts";
import type { DiskDone, LogDisk } from "./log-disk.ts";
import { type Manifest, readManifest, writeManifest, writeManifestNow } from "./manifest.ts";
import { SegmentReader } from "./segment-reader.ts";

/** A segment that counts. */
export interface SegmentSize {
  readonly number: number;
  readonly bytes: number;
}

/** The folder's name in the data directory. */
export const LOG_FOLDER = "log";
const PATTERN = /^segment-(\d{10})\.rql$/;
const NUMBER_DIGITS = 10;
const COPY_BYTES = 1024 * 1024;
/** Of a log that is not complete yet. */
const NEW_LOG: Manifest = { firstSegment: 1, state: "new" };

/** What is said of a file that is no part of the log any more, or never was. */
export const SET_ASIDE = "a file was set aside";

/** The file of a segment, without its folder. */
export function segmentName(number: number): string {
  return `segment-${String(number).padStart(NUMBER_DIGITS, "0")}.rql`;
}

/** One log's files. */
export class LogFolder {
  readonly disk: LogDisk;
  readonly path: string;
  #doomed: string[] = [];
  #isDeleting = false;

  /** @param path absolute */
  constructor(disk: LogDisk, path: string) {
    this.disk = disk;
    this.path = path;
  }

  /**
   * Makes what is not there yet, and a manifest before any segment, so that a start knows what they are
   * worth. Also shows whether the disk can be written at all. Throws the system's error.
   */
  prepare(): void {
    this.make();
    this.disk.syncFolderNow(dirname(this.path));
    this.setManifest(this.manifest() ?? NEW_LOG);
  }

  /** The same without waiting for the disk; `done` hears of it unless it is not `isWanted` any more. */
  prepareLater(done: DiskDone, isWanted: () => boolean): void {
    this.make();
    this.disk.syncFolder(dirname(this.path), (error) => {
      if (!isWanted()) return;
      if (error !== undefined) done(error);
      else this.#writeFirstManifest(done, isWanted);
    });
  }

  /** Makes the folder if it is not there. Throws an Error that names it. */
  make(): void {
    try {
      this.disk.makeFolder(this.path);
    } catch (cause) {
      throw new Error(`cannot make the folder ${this.path}: ${systemErrorText(cause)}`, { cause });
    }
  }

  /** Whether there is such a folder; a file of that name is somebody else's. Throws the system's error. */
  exists(): boolean {
    try {
      this.disk.list(this.path);
      return true;
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === "ENOENT" || code === "ENOTDIR") return false;
      throw error;
    }
  }

  pathOf(number: number): string {
    return join(this.path, segmentName(number));
  }

  /** Numbers of the segments that are there, in order. */
  segments(): number[] {
    const numbers: number[] = [];
    for (const name of this.disk.list(this.path)) {
      const digits = PATTERN.exec(name)?.[1];
      if (digits !== undefined) numbers.push(Number(digits));
    }
    return numbers.sort((a, b) => a - b);
  }

  /** The manifest, undefined when there is none. Throws an Error that names it. */
  manifest(): Manifest | undefined {
    return readManifest(this.disk, this.path);
  }

  /**
   * Takes a segment out of the log, and keeps what is in it under another name, which is returned; the
   * folder is to be synced. Throws the system's error.
   */
  setAside(number: number): string {
    const path = this.#freePath(number);
    this.disk.rename(this.pathOf(number), path);
    return path;
  }

  /**
   * Makes the name of a segment free that is not begun yet. What somebody else has put there is kept under
   * another name, which is returned; "": there was nothing in it. Throws the system's error.
   */
  makeWay(number: number): string {
    let isBlank = false;
    try {
      isBlank = this.isBlank(number);
    } catch {
      // What cannot be read, as a folder, is somebody else's.
    }
    if (isBlank) {
      this.disk.unlinkNow(this.pathOf(number));
      return "";
    }
    const path = this.setAside(number);
    this.disk.syncFolderNow(this.path);
    return path;
  }

  /** Whether there is nothing in the file of a segment but, perhaps, the beginning of its header. */
  isBlank(number: number): boolean {
    const reader = new SegmentReader(this.disk, this.pathOf(number));
    try {
      return reader.isBlank();
    } finally {
      reader.close();
    }
  }

  /**
   * Deletes segments of nothing but a header at the end, as far as none before says that they were on the disk:
   * many starts leave no heap of such.
   */
  withoutEmpty(
    sizes: readonly SegmentSize[],
    headerBytes: number,
    synced: LogPosition,
  ): readonly SegmentSize[] {
    let count = sizes.length;
    for (; count > 1; count--) {
      const { number, bytes } = sizes[count - 1] as SegmentSize;
      if (bytes !== headerBytes || number <= synced.segment) break;
      this.disk.unlinkNow(this.pathOf(number));
    }
    return sizes.slice(0, count);
  }

  /** Deletes a segment if it is there. Throws the system's error. */
  deleteNow(number: number): void {
    if (this.segments().includes(number)) this.disk.unlinkNow(this.pathOf(number));
  }

  /**
   * Keeps a copy of a segment that is about to be cut, under another name, which is returned. Throws the
   * system's error.
   */
  copyAside(number: number): string {
    const { disk } = this;
    const path = this.#freePath(number);
    const from = disk.open(this.pathOf(number));
    const to = disk.createNew(path);
    try {
      copyBytes(disk, from, to, 0, disk.size(from));
      disk.syncNow(to);
    } finally {
      disk.close(from);
      disk.close(to);
    }
    disk.syncFolderNow(this.path);
    return path;
  }

  /**
   * Makes these segments and their names safe; everything before `synced` is. What lies behind is written
   * once more, as it stands: a process whose sync failed and that was killed has left it in the system's
   * memory alone, which no longer knows that it is not on the disk, and would answer a sync with success.
   * Throws the system's error.
   */
  settle(sizes: readonly SegmentSize[], synced: LogPosition): void {
    for (const { number, bytes } of sizes) {
      if (number < synced.segment) continue;
      const file = this.disk.open(this.pathOf(number));
      try {
        copyBytes(this.disk, file, file, number === synced.segment ? synced.bytes : 0, bytes);
        this.disk.syncNow(file);
      } finally {
        this.disk.close(file);
      }
    }
    this.disk.syncFolderNow(this.path);
  }

  /** Replaces the manifest; it is on the disk when this returns. Throws the system's error. */
  setManifest(manifest: Manifest): void {
    writeManifestNow(this.disk, this.path, manifest);
  }

  /** Deletes the segments before this one in the background; `failed` is told of each that stays. */
  deleteBefore(first: number, failed: (path: string, error: Error) => void): void {
    for (const number of this.segments()) {
      const path = this.pathOf(number);
      if (number < first && !this.#doomed.includes(path)) this.#doomed.push(path);
    }
    this.#deleteNext(failed);
  }

  #writeFirstManifest(done: DiskDone, isWanted: () => boolean): void {
    try {
      writeManifest(this.disk, this.path, this.manifest() ?? NEW_LOG, done, isWanted);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Where what is no part of the log any more can stay. */
  #freePath(number: number): string {
    const names = this.disk.list(this.path);
    const name = segmentName(number);
    let aside = `${name}.cut`;
    for (let i = 2; names.includes(aside); i++) aside = `${name}.${i}.cut`;
    return join(this.path, aside);
  }

  #deleteNext(failed: (path: string, error: Error) => void): void {
    const path = this.#doomed[0];
    if (path === undefined || this.#isDeleting) return;
    this.#isDeleting = true;
    this.disk.unlink(path, (error) => {
      this.#isDeleting = false;
      this.#doomed.shift();
      if (error !== undefined) failed(path, error);
      this.#deleteNext(failed);
    });
  }
}

/** Deletes the segments before this one in the background, and tells of each that stays. */
export function deleteOldSegments(
  folder: LogFolder,
  log: Pick<Logger, "warning">,
  first: number,
): void {
  folder.deleteBefore(first, (file, error) => {
    log.warning("an old file of the log was not deleted", { file, reason: causeText(error) });
  });
}

/** Writes bytes [start, end) of one file to the same place of another, or of itself. */
function copyBytes(disk: LogDisk, from: number, to: number, start: number, end: number): void {
  const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(COPY_BYTES, end - start)));
  for (let at = start; at < end; ) {
    const read = disk.read(from, buffer, 0, Math.min(buffer.length, end - at), at);
    if (read === 0) throw new Error("it became shorter while it was read");
    for (let done = 0; done < read; ) {
      const written = disk.write(to, buffer, done, read - done, at + done);
      if (written === 0) throw new Error("nothing was written");
      done += written;
    }
    at += read;
  }
}
