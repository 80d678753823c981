/**
 * Loads the log at start: which bytes of which files belong to it, and when it is better not to start.
 *
 * Every block is checked; what is intact goes to the replay. A log that a crash has cut off ends in bad
 * bytes with nothing intact behind them: they were never acknowledged, and are cut away. Bad bytes with an
 * intact block anywhere behind them mean that something has damaged the log, and then the server does not
 * start, because what it would forget might be anything: nothing tells how far a sync had got, and without
 * `always` a machine that stopped may leave such a log, too. Files behind the cut are set aside, not deleted.
 *
 * It works in steps, so that whoever asks meanwhile is answered.
 */
import { LogError } from "../../journal/log-error.ts";
import type { SegmentHeader } from "../../journal/log-format.ts";
import type { Replay } from "../../journal/replay.ts";
import type { Logger } from "../logger.ts";
import { systemErrorText } from "../system-error.ts";
import type { LogFolder, SegmentSize } from "./log-folder.ts";
import { LogLoadError } from "./log-load-error.ts";
import { SegmentReader } from "./segment-reader.ts";

/** A step reads about so much. */
const STEP_BYTES = 2 * 1024 * 1024;

/** What is loaded, and by whom. */
export interface LoaderParts {
  readonly folder: LogFolder;
  /** The first segment that counts, as the manifest says. */
  readonly firstSegment: number;
  readonly replay: Pick<Replay, "segment" | "block" | "isClosed">;
  readonly nodeId: string;
  /** As in a segment's header. */
  readonly bootId: string;
  /** aof-load-truncated: a cut off end is no reason not to start. */
  readonly acceptsTorn: boolean;
  readonly log: Pick<Logger, "warning">;
}

/** One loading of one log. */
export class LogLoader {
  readonly totalBytes: number;
  loadedBytes = 0;
  /** Those that count, as they are now. */
  readonly sizes: SegmentSize[] = [];
  /** What the header of the last segment says. */
  incarnation = 0;
  /** The machine stopped with the log, and the last of what was written may be missing. */
  mayHaveLostTail = false;
  readonly #parts: LoaderParts;
  readonly #numbers: readonly number[];
  #at = 0;
  #reader: SegmentReader | undefined;
  #header: SegmentHeader | undefined;

  /** Throws a LogLoadError when files are missing. */
  constructor(parts: LoaderParts) {
    this.#parts = parts;
    const { folder, firstSegment } = parts;
    this.#numbers = folder.segments().filter((number) => number >= firstSegment);
    for (const [i, number] of this.#numbers.entries()) {
      if (number !== firstSegment + i) this.#missing(firstSegment + i);
    }
    if (this.#numbers.length === 0) this.#missing(firstSegment);
    this.totalBytes = this.#numbers.reduce((sum, number) => sum + this.#bytesOf(number), 0);
  }

  /** Reads on; true: everything is loaded. Throws a LogLoadError. */
  step(): boolean {
    const until = this.loadedBytes + STEP_BYTES;
    while (this.#at < this.#numbers.length) {
      if (this.loadedBytes >= until) return false;
      this.#readOn(this.#numbers[this.#at] as number, until);
    }
    const isSure = this.#header?.policy === "always" || this.#parts.replay.isClosed;
    if (this.#machineStopped && !isSure) this.mayHaveLostTail = true;
    return true;
  }

  /** Closes what is open. */
  stop(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }

  /** The machine has started anew since the segment at hand was begun, as far as anybody knows. */
  get #machineStopped(): boolean {
    const { bootId } = this.#parts;
    return this.#header?.bootId !== bootId || /^0*$/.test(bootId);
  }

  get #isLast(): boolean {
    return this.#at === this.#numbers.length - 1;
  }

  /**
   * Whether the machine may have stopped before what is wrong here was on the disk: nothing was promised
   * of it, and nothing that is intact was written behind it.
   */
  #mayHaveBeenLost(): boolean {
    if (!this.#machineStopped || this.#header?.policy === "always") return false;
    return !this.#numbers.slice(this.#at + 1).some((number) => this.#mayHoldBlock(number));
  }

  /** There is an intact block in this segment, or nobody can know, because its header is damaged. */
  #mayHoldBlock(number: number): boolean {
    const { folder } = this.#parts;
    const reader = new SegmentReader(folder.disk, folder.pathOf(number));
    try {
      reader.header();
      return reader.next() !== undefined || reader.hasBlockBehind();
    } catch (error) {
      if (error instanceof LogError) return !reader.isBlank();
      throw error;
    } finally {
      reader.close();
    }
  }

  #isBlank(number: number): boolean {
    const { folder } = this.#parts;
    const reader = new SegmentReader(folder.disk, folder.pathOf(number));
    try {
      return reader.isBlank();
    } finally {
      reader.close();
    }
  }

  #readOn(number: number, until: number): void {
    const path = this.#parts.folder.pathOf(number);
    const reader = this.#reader ?? this.#open(number, path);
    if (reader === undefined) return;
    while (!reader.isAtEnd) {
      if (this.loadedBytes >= until) return;
      const position = reader.position;
      const payload = reader.next();
      if (payload === undefined) {
        this.#bad(reader, path, number);
        return;
      }
      try {
        this.#parts.replay.block(payload);
      } catch (error) {
        throw this.#refusal(error, path, position);
      }
      this.loadedBytes += reader.position - position;
    }
    this.#end(reader, number);
  }

  /** Opens the next segment; undefined: it was never begun, and is gone. */
  #open(number: number, path: string): SegmentReader | undefined {
    const reader = new SegmentReader(this.#parts.folder.disk, path);
    this.#reader = reader;
    let header: SegmentHeader;
    try {
      header = reader.header();
    } catch (error) {
      // A file that was made and not written is no part of the log yet.
      const isUnborn = error instanceof LogError && this.#at > 0 && reader.isBlank();
      const mayLose = isUnborn && this.#mayHaveBeenLost();
      if (!isUnborn || !(this.#isLast || mayLose)) throw this.#refusal(error, path, 0);
      this.mayHaveLostTail ||= mayLose;
      this.#dropFrom(this.#at);
      return undefined;
    }
    this.loadedBytes += reader.position;
    const { nodeId } = this.#parts;
    if (header.nodeId !== nodeId) {
      throw new LogLoadError(path, undefined, `it is the log of node ${header.nodeId}`);
    }
    if (header.segment !== number) {
      throw new LogLoadError(path, undefined, `it is segment ${header.segment} by another name`);
    }
    this.#header = header;
    this.incarnation = header.incarnation;
    this.#parts.replay.segment(header);
    return reader;
  }

  /** No intact block at the reader's position. */
  #bad(reader: SegmentReader, path: string, number: number): void {
    const { acceptsTorn, log } = this.#parts;
    const at = reader.position;
    const mayLose = this.#mayHaveBeenLost();
    if (reader.hasBlockBehind() || !(this.#isLast || mayLose)) {
      throw new LogLoadError(path, at, "bad bytes in the middle of the log");
    }
    if (!acceptsTorn) {
      throw new LogLoadError(path, at, "the end is cut off, and aof-load-truncated is no");
    }
    this.mayHaveLostTail ||= mayLose;
    const lostBytes = this.totalBytes - this.loadedBytes;
    log.warning("the end of the log was cut off by a crash; it goes on from there", {
      file: path,
      at,
      lostBytes,
    });
    reader.cut();
    this.#dropFrom(this.#at + 1);
    this.#end(reader, number);
    this.#at = this.#numbers.length;
  }

  #end(reader: SegmentReader, number: number): void {
    this.sizes.push({ number, bytes: reader.position });
    this.stop();
    this.#at++;
  }

  /** These files and all behind them are no part of the log any more. Last ones first: no gap may come. */
  #dropFrom(first: number): void {
    this.stop();
    const { folder, log } = this.#parts;
    for (let i = this.#numbers.length - 1; i >= first; i--) {
      const number = this.#numbers[i] as number;
      if (this.#isBlank(number)) folder.disk.unlinkNow(folder.pathOf(number));
      else log.warning("a file was set aside", { file: folder.setAside(number) });
    }
    folder.disk.syncFolderNow(folder.path);
    this.#at = this.#numbers.length;
  }

  #refusal(error: unknown, path: string, at: number): Error {
    if (error instanceof LogError) return new LogLoadError(path, at, error.message);
    return new LogLoadError(path, undefined, systemErrorText(error));
  }

  #missing(number: number): never {
    const { folder } = this.#parts;
    throw new LogLoadError(folder.pathOf(number), undefined, "the file is missing");
  }

  #bytesOf(number: number): number {
    const { disk } = this.#parts.folder;
    const file = disk.open(this.#parts.folder.pathOf(number));
    try {
      return disk.size(file);
    } finally {
      disk.close(file);
    }
  }
}
