/**
 * Putting a repaired file in the place of a damaged one, which stays beside it.
 *
 * The new content is written to the disk under another name; the damaged file gets a second name; then the
 * new one takes the first name in one step. Whatever happens in between, there is a file under the
 * name, and the damaged one is not lost.
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

const PERMISSIONS = 0o777;

/** Takes the new content piece by piece. */
export type WritePiece = (piece: Uint8Array) => void;

/**
 * Replaces the file at `path` by what `fill` writes. Returns where the damaged one is. Throws the system's
 * error; the file is as it was then.
 */
export function replaceDamaged(path: string, fill: (write: WritePiece) => void): string {
  const repaired = `${path}.repaired`;
  rmSync(repaired, { force: true });
  try {
    writeDurably(repaired, statSync(path).mode & PERMISSIONS, fill);
    const damaged = keepDamaged(path);
    renameSync(repaired, path);
    syncFolder(dirname(path));
    return damaged;
  } catch (error) {
    rmSync(repaired, { force: true });
    throw error;
  }
}

/** Moves a file that is no use out of the way. Returns where it is. */
export function setAside(path: string): string {
  const damaged = freeName(path);
  renameSync(path, damaged);
  syncFolder(dirname(path));
  return damaged;
}

/** Makes a file that was missing. */
export function createDurably(path: string, bytes: Uint8Array, mode: number): void {
  writeDurably(path, mode, (write) => write(bytes));
  syncFolder(dirname(path));
}

function writeDurably(path: string, mode: number, fill: (write: WritePiece) => void): void {
  const file = openSync(path, "wx", mode);
  try {
    fill((piece) => {
      for (let done = 0; done < piece.length; ) done += writeSync(file, piece, done);
    });
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function keepDamaged(path: string): string {
  const damaged = freeName(path);
  try {
    linkSync(path, damaged);
  } catch {
    // Not every file system has hard links.
    copyFileSync(path, damaged);
  }
  return damaged;
}

/** An earlier repair may have left one already, which must not be lost. */
function freeName(path: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? `${path}.damaged` : `${path}.damaged-${n}`;
    if (!existsSync(name)) return name;
  }
}

function syncFolder(folder: string): void {
  const file = openSync(folder, "r");
  try {
    fsyncSync(file);
  } catch {
    // Some file systems cannot sync a folder, and there is nothing better to do.
  } finally {
    closeSync(file);
  }
}
