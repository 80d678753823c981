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
import { systemErrorCode, systemErrorText } from "../system-error.ts";
import type { LogDisk } from "./log-disk.ts";
import { type Manifest, readManifest, writeManifestNow } from "./manifest.ts";

/** A segment that counts. */
export interface SegmentSize {
  readonly number: number;
  readonly bytes: number;
}

/** The folder's name in the data directory. */
export const LOG_FOLDER = "log";
const PATTERN = /^segment-(\d{10})\.rql$/;
const NUMBER_DIGITS = 10;

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
    try {
      this.disk.makeFolder(this.path);
    } catch (cause) {
      throw new Error(`cannot make the folder ${this.path}: ${systemErrorText(cause)}`, { cause });
    }
    this.disk.syncFolderNow(dirname(this.path));
    this.setManifest(this.manifest() ?? { firstSegment: 1, state: "new" });
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
    const names = this.disk.list(this.path);
    const name = segmentName(number);
    let aside = `${name}.cut`;
    for (let i = 2; names.includes(aside); i++) aside = `${name}.${i}.cut`;
    const path = join(this.path, aside);
    this.disk.rename(this.pathOf(number), path);
    return path;
  }

  /** Deletes segments of nothing but a header at the end: many starts leave no heap of such. */
  withoutEmpty(sizes: readonly SegmentSize[], headerBytes: number): readonly SegmentSize[] {
    let count = sizes.length;
    while (count > 1 && sizes[count - 1]?.bytes === headerBytes) {
      count--;
      this.disk.unlinkNow(this.pathOf(sizes[count]?.number ?? 0));
    }
    return sizes.slice(0, count);
  }

  /** Deletes a segment if it is there. Throws the system's error. */
  deleteNow(number: number): void {
    if (this.segments().includes(number)) this.disk.unlinkNow(this.pathOf(number));
  }

  /**
   * Waits for the disk to have these segments and their names. A process that was killed has left what
   * only the system's memory had; what is built on it is as safe as that. Throws the system's error.
   */
  syncSegments(sizes: readonly SegmentSize[]): void {
    for (const { number } of sizes) {
      const file = this.disk.open(this.pathOf(number));
      try {
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
