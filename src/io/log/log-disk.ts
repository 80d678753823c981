/**
 * The calls to the file system that the log makes, and nothing else.
 *
 * The log must behave when the disk does not: full, read-only, slow, broken. No test can bring a real
 * disk into all of these states, so the log is handed its disk, and a test or a simulation has its own.
 * What may take long on a healthy disk (waiting for it, deleting large files) is answered later; the
 * rest is done when the call returns. The `Now` forms are for start and end, when nobody is waited on.
 */
import {
  close as closeFile,
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  open,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlink,
  unlinkSync,
  writeSync,
} from "node:fs";
import { systemErrorCode } from "../system-error.ts";

/** Told once, never from inside the call that takes it. */
export type DiskDone = (error: Error | undefined) => void;

/** A disk. Files are small whole numbers; all calls that fail throw the system's error. */
export interface LogDisk {
  /** Opens for reading and writing a file that is new, or empty from now on. */
  create(path: string): number;
  /** The same of a file that must not be there yet: else it throws EEXIST, and nothing has changed. */
  createNew(path: string): number;
  /** Opens a file that is there, for reading and writing. */
  open(path: string): number;
  /** Writes up to `length` bytes of `bytes` from `offset`; how many it were, which may be fewer. */
  write(file: number, bytes: Buffer, offset: number, length: number, position: number): number;
  /** Reads up to `length` bytes to `target` from `offset` on; how many it were, 0 at the end. */
  read(file: number, target: Buffer, offset: number, length: number, position: number): number;
  truncate(file: number, length: number): void;
  size(file: number): number;
  close(file: number): void;
  /** The file's content survives a power loss when `done` hears no error. */
  sync(file: number, done: DiskDone): void;
  syncNow(file: number): void;
  /** The same for the names in a folder. */
  syncFolder(path: string, done: DiskDone): void;
  syncFolderNow(path: string): void;
  rename(from: string, to: string): void;
  unlink(path: string, done: DiskDone): void;
  unlinkNow(path: string): void;
  /** Names in a folder, in any order. */
  list(path: string): string[];
  /** Makes the folder if it is not there. */
  makeFolder(path: string): void;
}

/** Jobs are nobody else's business. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** The disk of this machine. */
export const realDisk: LogDisk = {
  create: (path) => openSync(path, "w+", FILE_MODE),
  createNew: (path) => openSync(path, "wx+", FILE_MODE),
  open: (path) => openSync(path, "r+"),
  write: writeSync,
  read: readSync,
  truncate: ftruncateSync,
  size: (file) => fstatSync(file).size,
  close: closeSync,
  sync: (file, done) => fdatasync(file, (error) => done(error ?? undefined)),
  syncNow: fdatasyncSync,
  syncFolder,
  syncFolderNow,
  rename: renameSync,
  unlink: (path, done) => unlink(path, (error) => done(error ?? undefined)),
  unlinkNow: unlinkSync,
  list: (path) => readdirSync(path),
  makeFolder: (path) => {
    mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
  },
};

function syncFolder(path: string, done: DiskDone): void {
  open(path, "r", (openError, file) => {
    if (openError !== null) {
      done(openError);
      return;
    }
    fsync(file, (error) => {
      closeFile(file, () => done(realFolderError(error)));
    });
  });
}

function syncFolderNow(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } catch (error) {
    if (realFolderError(error) !== undefined) throw error;
  } finally {
    closeSync(file);
  }
}

/** Some file systems cannot sync a folder and say so; that is as good as it gets there. */
function realFolderError(error: unknown): Error | undefined {
  const code = systemErrorCode(error);
  if (!(error instanceof Error) || code === "EINVAL" || code === "ENOTSUP") return undefined;
  return error;
}
