/**
 * The file operations of a lock: create it exclusively, look at it, remove it.
 *
 * Nothing is decided here; the rules are in data-lock.ts.
 */
import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { type LockOwner, parseOwner, printOwner } from "./lock-owner.ts";
import { systemErrorCode } from "./system-error.ts";

/** A lock file is one short line; of anything longer no more than this is read. */
const TEXT_BYTES_MAX = 4096;

/** A lock file as found. */
export interface FoundLock {
  readonly text: string;
  /** When the holder touched it last, by the clock of the holder. */
  readonly mtimeMs: number;
  /** Tells two files apart that have the same name one after the other. */
  readonly inode: number;
  /** Undefined when the text is no record: damaged, foreign, or half written. */
  readonly owner: LockOwner | undefined;
}

/**
 * Creates the file with this record. False when there is one already; throws the system's error.
 */
export function createLock(path: string, owner: LockOwner): boolean {
  let fd: number;
  try {
    fd = openSync(path, "wx", 0o644);
  } catch (error) {
    if (systemErrorCode(error) === "EEXIST") return false;
    throw error;
  }
  try {
    writeSync(fd, printOwner(owner));
  } catch (error) {
    // A full disk: an empty lock would keep everybody waiting.
    removeLock(path);
    throw error;
  } finally {
    closeSync(fd);
  }
  return true;
}

/** The file as it is now; undefined when there is none. Throws the system's error. */
export function readLock(path: string): FoundLock | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { mtimeMs, ino } = fstatSync(fd);
    const bytes = Buffer.alloc(TEXT_BYTES_MAX);
    const text = bytes.toString("utf8", 0, readSync(fd, bytes));
    return { text, mtimeMs, inode: ino, owner: parseOwner(text) };
  } finally {
    closeSync(fd);
  }
}

/** Whether nothing happened to the file between two looks. */
export function isUntouched(before: FoundLock, now: FoundLock): boolean {
  return before.inode === now.inode && before.mtimeMs === now.mtimeMs && before.text === now.text;
}

/** Removes the file; no matter if it is gone already. Throws the system's error. */
export function removeLock(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
  }
}

/** The holder in words. */
export function describeHolder(found: FoundLock | undefined): string {
  const owner = found?.owner;
  return owner === undefined ? "an unknown process" : `process ${owner.pid} on host ${owner.host}`;
}
