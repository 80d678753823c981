/**
 * A disk that is only looked at: for those who want to know what a start would do, and must not do it.
 *
 * What is read is read. Whatever would change something succeeds and has no effect, so it serves only those
 * who do not look at their own work; and it needs no right to write.
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import type { DiskDone, LogDisk } from "./log-disk.ts";

/** Stands for every file that would have been made. */
const NO_FILE = -1;

/** The disk of this machine, looked at. */
export const lookingDisk: LogDisk = {
  create: () => NO_FILE,
  createNew: () => NO_FILE,
  open: (path) => openSync(path, "r"),
  write: (_file, _bytes, _offset, length) => length,
  read: readSync,
  truncate: nothing,
  size: (file) => fstatSync(file).size,
  close: (file) => {
    if (file !== NO_FILE) closeSync(file);
  },
  sync: (_file, done) => later(done),
  syncNow: nothing,
  syncFolder: (_path, done) => later(done),
  syncFolderNow: nothing,
  rename: nothing,
  unlink: (_path, done) => later(done),
  unlinkNow: nothing,
  list: (path) => readdirSync(path),
  makeFolder: nothing,
};

function nothing(): void {
  // Nothing is changed.
}

function later(done: DiskDone): void {
  setImmediate(done, undefined);
}
