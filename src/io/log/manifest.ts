/**
 * The manifest of the log: the one small file that says which segments count.
 *
 * Rewriting moves its beginning forward, and only then are older files deleted; so whatever happens in
 * between, a start knows what to read. It is text, that people can read it, with a checksum, that nobody
 * takes a damaged one for true. It is replaced as a whole.
 */
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { DiskDone, LogDisk } from "./log-disk.ts";

/** Its name in the folder of the log. */
export const MANIFEST_NAME = "manifest";
const TEMPORARY_NAME = "manifest.new";
const HEADING = "ringq log";
const FORMAT_VERSION = 1;
/** A longer one is none. */
const BYTES_MAX = 1024;

/** What a manifest says. */
export interface Manifest {
  /** The first segment that counts; those before it are to be deleted. */
  readonly firstSegment: number;
  /**
   * off: the log was switched off while the server ran (CONFIG SET appendonly no), or the server was
   * started without it, so that it does not tell how the story went on. new: there was no log before, and it is not complete yet.
   * repairing: `check-log --repair` is at work, or did not come to its end; no server starts with it.
   */
  readonly state: "on" | "off" | "new" | "repairing";
}

/** The file's content. */
export function encodeManifest({ firstSegment, state }: Manifest): Buffer {
  const text = `${HEADING} ${FORMAT_VERSION}\nfirst-segment ${firstSegment}\nstate ${state}\n`;
  return Buffer.from(`${text}crc ${checksumOf(text)}\n`, "latin1");
}

/** Reads `encodeManifest`'s bytes. Throws an Error that says what is wrong with them. */
export function decodeManifest(bytes: Buffer): Manifest {
  const text = bytes.toString("latin1");
  const version = new RegExp(`^${HEADING} (\\d+)\n`).exec(text)?.[1];
  if (version !== undefined && Number(version) !== FORMAT_VERSION) {
    throw new Error(`it has format ${version}, and this ringq reads format ${FORMAT_VERSION}`);
  }
  const found =
    /^([^\n]*\nfirst-segment (\d{1,10})\nstate (on|off|new|repairing)\n)crc ([0-9a-f]{8})\n$/.exec(
      text,
    );
  const [, covered = "", first, state, checksum] = found ?? [];
  if (version === undefined || checksum === undefined || checksum !== checksumOf(covered)) {
    throw new Error("it is damaged");
  }
  return { firstSegment: Number(first), state: state as Manifest["state"] };
}

/** The manifest in a folder, undefined when there is none. Throws an Error that names the file. */
export function readManifest(disk: LogDisk, folder: string): Manifest | undefined {
  if (!disk.list(folder).includes(MANIFEST_NAME)) return undefined;
  const path = join(folder, MANIFEST_NAME);
  const file = disk.open(path);
  try {
    const bytes = Buffer.alloc(BYTES_MAX);
    const length = disk.read(file, bytes, 0, BYTES_MAX, 0);
    return decodeManifest(bytes.subarray(0, length));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot use ${path}: ${reason}`, { cause: error });
  } finally {
    disk.close(file);
  }
}

/** Replaces the manifest; it is on the disk when this returns. */
export function writeManifestNow(disk: LogDisk, folder: string, manifest: Manifest): void {
  const file = prepare(disk, folder, manifest);
  try {
    disk.syncNow(file);
  } finally {
    disk.close(file);
  }
  install(disk, folder);
  disk.syncFolderNow(folder);
}

/**
 * Replaces the manifest without waiting for the disk; the old one holds until `done` hears no error.
 * `isWanted` is asked before it takes the place of the old one: if it is not, nothing happens any more
 * and nobody is told. Only one at a time may be wanted.
 */
export function writeManifest(
  disk: LogDisk,
  folder: string,
  manifest: Manifest,
  done: DiskDone,
  isWanted: () => boolean = () => true,
): void {
  let file: number;
  try {
    file = prepare(disk, folder, manifest);
  } catch (error) {
    // Not from inside this call.
    void Promise.resolve().then(() => done(asError(error)));
    return;
  }
  disk.sync(file, (syncError) => {
    try {
      disk.close(file);
      if (!isWanted()) return;
      if (syncError !== undefined) throw syncError;
      install(disk, folder);
    } catch (error) {
      done(asError(error));
      return;
    }
    disk.syncFolder(folder, done);
  });
}

/** Writes the new content beside the old one. */
function prepare(disk: LogDisk, folder: string, manifest: Manifest): number {
  const bytes = encodeManifest(manifest);
  const file = disk.create(join(folder, TEMPORARY_NAME));
  try {
    for (let at = 0; at < bytes.length; ) at += disk.write(file, bytes, at, bytes.length - at, at);
  } catch (error) {
    disk.close(file);
    throw error;
  }
  return file;
}

function install(disk: LogDisk, folder: string): void {
  disk.rename(join(folder, TEMPORARY_NAME), join(folder, MANIFEST_NAME));
}

function checksumOf(text: string): string {
  return crc32(Buffer.from(text, "latin1")).toString(16).padStart(8, "0");
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
