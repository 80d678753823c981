/**
 * A disk in memory that can fail in every way, and be cut off from its power at any call.
 *
 * It knows what was written and what was synced, of contents and of names: a killed process finds the
 * former, a machine that lost its power only what the latter left. Syncs are answered when the test says so
 * (`settle`), so that it can be slow. Paths are flat: a folder is whatever stands before the last slash.
 */
import type { DiskDone, LogDisk } from "../../../src/io/log/log-disk.ts";

/** What the power cut throws from every call behind it. */
export class PowerCut extends Error {}

/** One file's bytes. */
interface Content {
  written: Buffer;
  synced: Buffer;
}

/** An error of the system, as Node makes them. */
export function systemError(code: "ENOSPC" | "EIO" | "EROFS" | "EEXIST"): Error {
  const errno = { ENOSPC: -28, EIO: -5, EROFS: -30, EEXIST: -17 }[code];
  return Object.assign(new Error(code), { code, errno });
}

/** Names in a folder, of files and of folders in it, given the paths of all files. */
export function namesIn(folder: string, paths: Iterable<string>): string[] {
  const names = new Set<string>();
  for (const path of paths) {
    if (path.startsWith(`${folder}/`)) names.add(path.slice(folder.length + 1).split("/")[0] ?? "");
  }
  return [...names];
}

/** Calls that change something, and may fail. */
export type DiskCall =
  | "create"
  | "write"
  | "truncate"
  | "sync"
  | "syncFolder"
  | "rename"
  | "unlink"
  | "makeFolder";

/** See above. */
export class FakeDisk implements LogDisk {
  /** Asked before every call: an error makes it fail. */
  fault: (call: DiskCall, path: string) => Error | undefined = () => undefined;
  /** Bytes that still fit. */
  roomBytes = Number.POSITIVE_INFINITY;
  /** Syncs are not answered. */
  isStuck = false;
  /** The power fails at this call, counted from 1. */
  cutAtCall = Number.POSITIVE_INFINITY;
  calls = 0;
  /** Of these, the ones that made the caller wait for a sync. */
  blockingSyncs = 0;
  #names = new Map<string, Content>();
  #syncedNames = new Map<string, Content>();
  readonly #files = new Map<number, { path: string; content: Content }>();
  #lastFile = 2;
  #waiting: (() => void)[] = [];

  /** The same disk for the next process: everything written is there. */
  afterKill(): FakeDisk {
    return this.#after(this.#names, ({ written }) => written);
  }

  /** The same disk after a power loss: what was not synced is gone, or has come `extraBytes` far by chance. */
  afterPowerLoss(extraBytes = 0): FakeDisk {
    const names = extraBytes > 0 ? this.#names : this.#syncedNames;
    return this.#after(names, ({ written, synced }) => {
      const until = firstDifference(written, synced) + extraBytes;
      return Buffer.concat([written.subarray(0, until), synced.subarray(until)]);
    });
  }

  /** Answers syncs and deletions until nobody asks for more. */
  settle(): void {
    if (this.calls >= this.cutAtCall) this.#waiting = [];
    while (this.#waiting.length > 0 && !this.isStuck) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const answer of waiting) this.#answer(answer);
    }
  }

  /** Answers the oldest of them alone. */
  settleOne(): void {
    const answer = this.#waiting.shift();
    if (answer !== undefined) this.#answer(answer);
  }

  /** Descriptors that were not closed. */
  get openFiles(): number {
    return this.#files.size;
  }

  get isWaitedFor(): boolean {
    return this.#waiting.length > 0;
  }

  /** The bytes of a file, to look at or to damage. */
  bytes(path: string): Buffer {
    return this.#contentOf(path).written;
  }

  damage(path: string, bytes: Buffer): void {
    const content = this.#contentOf(path);
    content.written = bytes;
    content.synced = Buffer.from(bytes);
  }

  get bytesUsed(): number {
    return [...this.#names.values()].reduce((sum, { written }) => sum + written.length, 0);
  }

  create(path: string): number {
    this.#mayFail("create", path);
    const content = { written: Buffer.alloc(0), synced: Buffer.alloc(0) };
    this.#names.set(path, content);
    return this.#opened(path, content);
  }

  createNew(path: string): number {
    if (this.#names.has(path)) throw systemError("EEXIST");
    return this.create(path);
  }

  open(path: string): number {
    return this.#opened(path, this.#contentOf(path));
  }

  write(file: number, bytes: Buffer, offset: number, length: number, position: number): number {
    const { path, content } = this.#file(file);
    this.#mayFail("write", path);
    const count = Math.min(length, this.roomBytes);
    if (count === 0) throw systemError("ENOSPC");
    this.roomBytes -= count;
    const size = Math.max(content.written.length, position + count);
    const grown = Buffer.alloc(size);
    content.written.copy(grown);
    bytes.copy(grown, position, offset, offset + count);
    content.written = grown;
    return count;
  }

  read(file: number, target: Buffer, offset: number, length: number, position: number): number {
    const { written } = this.#file(file).content;
    if (position >= written.length) return 0;
    return written.copy(target, offset, position, Math.min(position + length, written.length));
  }

  truncate(file: number, length: number): void {
    const { path, content } = this.#file(file);
    this.#mayFail("truncate", path);
    this.roomBytes += content.written.length - length;
    content.written = Buffer.from(content.written.subarray(0, length));
  }

  size(file: number): number {
    return this.#file(file).content.written.length;
  }

  close(file: number): void {
    this.#file(file);
    this.#files.delete(file);
  }

  sync(file: number, done: DiskDone): void {
    const { path, content } = this.#file(file);
    this.#later("sync", path, done, () => {
      content.synced = Buffer.from(content.written);
    });
  }

  syncNow(file: number): void {
    const { path, content } = this.#file(file);
    this.blockingSyncs++;
    this.#mayFail("sync", path);
    content.synced = Buffer.from(content.written);
  }

  syncFolder(path: string, done: DiskDone): void {
    this.#later("syncFolder", path, done, () => {
      this.#syncedNames = new Map(this.#names);
    });
  }

  syncFolderNow(path: string): void {
    this.blockingSyncs++;
    this.#mayFail("syncFolder", path);
    this.#syncedNames = new Map(this.#names);
  }

  rename(from: string, to: string): void {
    this.#mayFail("rename", to);
    const content = this.#contentOf(from);
    this.#names.delete(from);
    this.#names.set(to, content);
  }

  unlink(path: string, done: DiskDone): void {
    this.#later("unlink", path, done, () => {
      this.#names.delete(path);
    });
  }

  unlinkNow(path: string): void {
    this.#mayFail("unlink", path);
    this.#names.delete(path);
  }

  list(path: string): string[] {
    return namesIn(path, this.#names.keys());
  }

  makeFolder(path: string): void {
    this.#mayFail("makeFolder", path);
  }

  #after(names: Map<string, Content>, bytesOf: (content: Content) => Buffer): FakeDisk {
    const next = new FakeDisk();
    for (const [path, content] of names) {
      const bytes = bytesOf(content);
      next.#names.set(path, { written: Buffer.from(bytes), synced: Buffer.from(bytes) });
    }
    next.#syncedNames = new Map(next.#names);
    return next;
  }

  #later(call: DiskCall, path: string, done: DiskDone, run: () => void): void {
    this.#cut();
    this.#waiting.push(() => {
      const error = this.fault(call, path);
      if (error === undefined) run();
      done(error);
    });
  }

  #mayFail(call: DiskCall, path: string): void {
    this.#cut();
    const error = this.fault(call, path);
    if (error !== undefined) throw error;
  }

  #cut(): void {
    this.calls++;
    if (this.calls >= this.cutAtCall) throw new PowerCut("no power");
  }

  #answer(answer: () => void): void {
    try {
      answer();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.#waiting = [];
    }
  }

  #opened(path: string, content: Content): number {
    this.#lastFile++;
    this.#files.set(this.#lastFile, { path, content });
    return this.#lastFile;
  }

  #file(file: number): { path: string; content: Content } {
    const found = this.#files.get(file);
    if (found === undefined) throw new Error(`file ${file} is not open`);
    return found;
  }

  #contentOf(path: string): Content {
    const content = this.#names.get(path);
    if (content === undefined) throw new Error(`no file ${path}`);
    return content;
  }
}

function firstDifference(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return length;
}
