/**
 * Replacing a file so that a crash leaves either the old or the new content, never half of one.
 *
 * The new content goes into a temporary file beside the old one, reaches the disk, and only then
 * takes the name; the folder is synced too, because the name lives there. Synchronous on purpose:
 * the few small files written this way (nodes file, rewritten configuration) must be safe before a
 * turn ends. It is not for logs or anything large.
 */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { systemErrorCode, systemErrorText } from "./system-error.ts";

/** The calls used here; a test replaces some of them by ones that fail. */
export interface AtomicFileSystem {
  openSync(path: string, flags: string, mode?: number): number;
  writeSync(fd: number, bytes: Uint8Array, offset: number, length: number): number;
  fchmodSync(fd: number, mode: number): void;
  fsyncSync(fd: number): void;
  closeSync(fd: number): void;
  renameSync(from: string, to: string): void;
  unlinkSync(path: string): void;
}

const realFileSystem: AtomicFileSystem = {
  openSync,
  writeSync,
  fchmodSync,
  fsyncSync,
  closeSync,
  renameSync,
  unlinkSync,
};

/**
 * Writes `bytes` to `path` in one step, with exactly the permissions `mode`. A symbolic link stays
 * one: the file it names is replaced. Throws an Error that names the path and the reason (its
 * `cause` is the system's error); the old content is untouched then, unless only the folder could
 * not be synced.
 */
export function replaceFile(
  path: string,
  bytes: Uint8Array,
  mode: number,
  fs: AtomicFileSystem = realFileSystem,
): void {
  const target = resolveLinks(path);
  const folder = dirname(target);
  // Two processes never share a name, and what a crash left behind is replaced.
  const temporary = join(folder, `.${basename(target)}.${process.pid}.tmp`);
  try {
    removeIfPresent(fs, temporary);
    try {
      writeDurably(fs, temporary, bytes, mode);
      fs.renameSync(temporary, target);
    } catch (error) {
      removeIfPresent(fs, temporary);
      throw error;
    }
    syncFolder(fs, folder);
  } catch (error) {
    throw new Error(`cannot write ${path}: ${systemErrorText(error)}`, { cause: error });
  }
}

/** The file meant by `path`; a file that does not exist yet is itself. */
function resolveLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Creates `path` with this content and waits until it is on the disk. */
function writeDurably(fs: AtomicFileSystem, path: string, bytes: Uint8Array, mode: number): void {
  const fd = fs.openSync(path, "wx", mode);
  try {
    // A disk that fills up shows as a short write first: go on until it says why.
    for (let done = 0; done < bytes.length; ) {
      done += fs.writeSync(fd, bytes, done, bytes.length - done);
    }
    // The mode given to open passes through the umask.
    fs.fchmodSync(fd, mode);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Makes the new name survive a power loss. Some file systems cannot sync a folder and say so. */
function syncFolder(fs: AtomicFileSystem, folder: string): void {
  const fd = fs.openSync(folder, "r");
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== "EINVAL" && code !== "ENOTSUP") throw error;
  } finally {
    fs.closeSync(fd);
  }
}

function removeIfPresent(fs: AtomicFileSystem, path: string): void {
  try {
    fs.unlinkSync(path);
  } catch {
    // Nothing to remove; and if it cannot be removed, creating it will tell.
  }
}
