/**
 * Loads the log at start: which bytes of which files belong to it, and when it is better not to start.
 *
 * Every block is checked; what is intact goes to the replay. A log that a crash has cut off ends in bad
 * bytes, and what is behind them was never promised: it is cut away. Where the machine has stopped, intact
 * blocks may follow, if no sync had covered the place (log-break.ts); what is cut is kept beside the
 * log then. Anything else means that something has damaged the log, and then the server does not start,
 * because what it would forget might be anything.
 *
 * It works in steps, so that whoever asks meanwhile is answered.
 */
import { LogError } from "../../journal/log-error.ts";
import { hasRoom, type SegmentHeader } from "../../journal/log-format.ts";
import { furtherOf, isBehind, LOG_BEGIN, type LogPosition } from "../../journal/log-position.ts";
import type { Replay } from "../../journal/replay.ts";
import type { Logger } from "../logger.ts";
import { systemErrorText } from "../system-error.ts";
import { bytesToldBy, lookBehind } from "./log-break.ts";
import { type LogFolder, SET_ASIDE, type SegmentSize } from "./log-folder.ts";
import { LogLoadError } from "./log-load-error.ts";
import { SegmentReader } from "./segment-reader.ts";

/** A step reads about so much. */
const STEP_BYTES = 2 * 1024 * 1024;
const MISSING = "the file is missing";
const BAD_BYTES = "bad bytes in the middle of the log";
const FORMER = "a file of the log is of the time before the node was reset, and does not count";

/** What is loaded, and by whom. */
export interface LoaderParts {
  readonly folder: LogFolder;
  /** The first segment that counts, as the manifest says. */
  readonly firstSegment: number;
  readonly replay: Pick<Replay, "segment" | "block" | "isSure">;
  readonly nodeId: string;
  /** Ids that the node had before it was reset. */
  readonly formerIds: readonly string[];
  /** As in a segment's header. */
  readonly bootId: string;
  /** aof-load-truncated: a cut off end is no reason not to start. */
  readonly acceptsTorn: boolean;
  /** The server went on without its log: nothing is promised of it. */
  readonly isStale: boolean;
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
  /** Everything before was on the disk when what is loaded was written. */
  synced: LogPosition = LOG_BEGIN;
  /** The machine stopped with the log, and the last of what was written may be missing. */
  mayHaveLostTail = false;
  /** It breaks off, and what lies behind is left out. */
  isCut = false;
  /** The segment behind the last one, when its absence is the only thing that is wrong; 0: it is not. */
  missedNumber = 0;
  readonly #parts: LoaderParts;
  readonly #numbers: readonly number[];
  #at = 0;
  #reader: SegmentReader | undefined;
  #header: SegmentHeader | undefined;

  /** Throws a LogLoadError when the first file is missing, or one cannot be opened. */
  constructor(parts: LoaderParts) {
    this.#parts = parts;
    const { folder, firstSegment } = parts;
    this.#numbers = folder.segments().filter((number) => number >= firstSegment);
    if (this.#numbers[0] !== firstSegment) {
      throw new LogLoadError(folder.pathOf(firstSegment), undefined, MISSING);
    }
    this.totalBytes = this.#numbers.reduce((sum, number) => sum + this.#bytesOf(number), 0);
  }

  /** Reads on; true: everything is loaded. Throws a LogLoadError. */
  step(): boolean {
    const until = this.loadedBytes + STEP_BYTES;
    while (this.#at < this.#numbers.length) {
      if (this.loadedBytes >= until) return false;
      this.#readOn(this.#numbers[this.#at] as number, until);
    }
    const { replay, bootId, folder } = this.#parts;
    const last = this.#numbers.at(-1) as number;
    if (this.synced.segment > last) {
      this.missedNumber = last + 1;
      throw new LogLoadError(folder.pathOf(this.missedNumber), undefined, MISSING);
    }
    if (!replay.isSure(bootId)) this.mayHaveLostTail = true;
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

  get #hasRoom(): boolean {
    return this.#header !== undefined && hasRoom(this.#header.policy);
  }

  get #isLast(): boolean {
    return this.#at === this.#numbers.length - 1;
  }

  #readOn(number: number, until: number): void {
    const { folder, firstSegment } = this.#parts;
    const path = folder.pathOf(number);
    const due = firstSegment + this.#at;
    if (number !== due) {
      this.#breakOff({ segment: due, bytes: 0 }, folder.pathOf(due), MISSING);
      return;
    }
    const reader = this.#reader ?? this.#open(number, path);
    if (reader === undefined) return;
    while (!reader.isAtEnd) {
      if (this.loadedBytes >= until) return;
      const position = reader.position;
      const payload = reader.next();
      if (payload === undefined) break;
      this.#note(reader);
      try {
        this.#parts.replay.block(payload);
      } catch (error) {
        throw this.#refusal(error, path, position);
      }
      this.loadedBytes += reader.position - position;
    }
    this.#segmentEnds(reader, path, number);
  }

  /** Opens the next segment; undefined: it does not count. */
  #open(number: number, path: string): SegmentReader | undefined {
    const reader = new SegmentReader(this.#parts.folder.disk, path);
    this.#reader = reader;
    let header: SegmentHeader;
    try {
      header = reader.header();
    } catch (error) {
      const isUnwritten = error instanceof LogError && this.#at > 0 && reader.isUnwritten();
      if (!isUnwritten) throw this.#refusal(error, path, 0);
      // A file that was made and not written is no part of the log yet.
      const isMissed = this.synced.segment >= number;
      if (this.#isLast && !isMissed && reader.isBlank()) this.#dropFrom(this.#at);
      else this.#breakOff({ segment: number, bytes: 0 }, path, error.message);
      return undefined;
    }
    this.loadedBytes += reader.position;
    const { nodeId } = this.#parts;
    const isFormer = this.#isOfFormerId(header);
    if (header.nodeId !== nodeId && !isFormer) {
      throw new LogLoadError(path, undefined, `it is the log of node ${header.nodeId}`);
    }
    if (header.segment !== number) {
      throw new LogLoadError(path, undefined, `it is segment ${header.segment} by another name`);
    }
    this.#header = header;
    if (isFormer) {
      this.#passOver(reader, path);
      return undefined;
    }
    this.incarnation = header.incarnation;
    this.#note(reader);
    this.#parts.replay.segment(header);
    return reader;
  }

  /** The reset came after it, and everything of its time was forgotten then. */
  #isOfFormerId({ nodeId }: SegmentHeader): boolean {
    return this.sizes.length === 0 && this.#parts.formerIds.includes(nodeId);
  }

  #passOver(reader: SegmentReader, path: string): void {
    this.#parts.log.warning(FORMER, { file: path });
    this.loadedBytes += reader.bytes - reader.position;
    this.stop();
    this.#at++;
  }

  #note(reader: SegmentReader): void {
    this.synced = furtherOf(this.synced, reader.synced);
  }

  /** There is no intact block at the reader's position. */
  #segmentEnds(reader: SegmentReader, path: string, number: number): void {
    const { position: bytes, isAtEnd } = reader;
    const next = this.#numbers[this.#at + 1];
    const bytesTold = next === number + 1 ? bytesToldBy(this.#parts.folder, next) : 0;
    const isLastEnd = isAtEnd || (this.#hasRoom && reader.hasOnlyRoomBehind());
    const isWhole = bytesTold === 0 ? isLastEnd : bytes >= bytesTold;
    if (isWhole) {
      // Room, or what a write that failed has left.
      if (!isAtEnd) reader.cut();
      this.#end(reader, number);
    } else {
      const reason = isAtEnd ? "the end of the segment is missing" : BAD_BYTES;
      this.#breakOff({ segment: number, bytes }, path, reason, reader);
    }
  }

  /** The log goes on up to here and, if it is not refused, no further. */
  #breakOff(place: LogPosition, path: string, reason: string, reader?: SegmentReader): void {
    const { acceptsTorn, log, folder } = this.#parts;
    const { segment: number, bytes: at } = place;
    const later = this.#numbers.filter((other) => other > number);
    const unread = reader === undefined ? this.#numbers.filter((other) => other === number) : [];
    const behind = lookBehind(folder, reader, [...unread, ...later]);
    const isLeft = !behind.isThere || this.#machineStopped || this.#parts.isStale;
    if (!isLeft || isBehind(furtherOf(behind.synced, this.synced), place)) {
      throw new LogLoadError(path, at, reason);
    }
    if (!acceptsTorn) {
      throw new LogLoadError(path, at, "the end is cut off, and aof-load-truncated is no");
    }
    this.mayHaveLostTail ||= this.#machineStopped && this.#header?.policy !== "always";
    this.isCut = true;
    const lostBytes = this.totalBytes - this.loadedBytes;
    log.warning("the end of the log was cut off by a crash; it goes on from there", {
      file: path,
      at,
      lostBytes,
    });
    if (reader === undefined) {
      this.#dropFrom(this.#at);
      return;
    }
    if (behind.isThere) log.warning(SET_ASIDE, { file: folder.copyAside(number) });
    reader.cut();
    this.#dropFrom(this.#at + 1);
    this.sizes.push({ number, bytes: at });
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
      if (folder.isBlank(number)) folder.disk.unlinkNow(folder.pathOf(number));
      else log.warning(SET_ASIDE, { file: folder.setAside(number) });
    }
    folder.disk.syncFolderNow(folder.path);
    this.#at = this.#numbers.length;
  }

  #refusal(error: unknown, path: string, at: number): Error {
    if (error instanceof LogError) return new LogLoadError(path, at, error.message);
    if (error instanceof LogLoadError) return error;
    return new LogLoadError(path, undefined, systemErrorText(error));
  }

  #bytesOf(number: number): number {
    const { folder } = this.#parts;
    const reader = new SegmentReader(folder.disk, folder.pathOf(number));
    reader.close();
    return reader.bytes;
  }
}
