/**
 * Rewriting the log: when, and what has to happen until the old files may go.
 *
 *   idle -> wanted -> (probing) -> copying -> copied -> installing -> idle
 *
 * After a failed sync it first probes whether the disk keeps the header of the new segment: a broken disk
 * is not filled with copies. A pass begins with a new segment; from there on every live job is written once more beside what happens
 * (journal.ts does that, a slice a turn). When the last one is on the disk, the manifest moves to that
 * segment, and everything before it is deleted. Until then the old files hold, so a crash at any moment
 * costs nothing but the work.
 */
import type { Logger } from "../logger.ts";
import type { LogFolder } from "./log-folder.ts";
import { RETRY_MS } from "./log-trouble.ts";
import { writeManifest } from "./manifest.ts";
import { SEGMENT_BYTES } from "./segment-chain.ts";

/** By so many segments a log must have grown since the last pass. */
const LEAST_GROWTH_SEGMENTS = 1 / 4;
/** A log that is hardly longer than a fresh one: copying it would be work for nothing. */
const LEAST_GAIN = 1.25;

/** Where a pass is. */
export type PassState = "idle" | "wanted" | "probing" | "copying" | "copied" | "installing";

/** What decides when a log is to be rewritten. */
export interface RewriteRule {
  /** Bytes on the disk now, right after the last rewrite or the start, and of a log of nothing but live jobs. */
  readonly logBytes: number;
  readonly baseBytes: number;
  readonly liveBytes: number;
  /** What the last rewrite of this process has left; 0: there was none. */
  readonly rewrittenBytes: number;
  /** auto-aof-rewrite-percentage, 0: never; auto-aof-rewrite-min-size. */
  readonly percentage: number;
  readonly minBytes: number;
  /** Of a full segment; the usual size when absent. */
  readonly segmentBytes?: number;
}

/**
 * Whether the log has grown enough, and not only because there are more jobs. Also bounds the disk, however large the percentage: while it is
 * rewritten, the old log and its successor are both there, and clients go on writing half as much as is
 * copied. So it begins when the log is half as long again as the jobs in it and two segments, and
 * all files together stay below three times the jobs and two segments.
 */
export function isRewriteDue(rule: RewriteRule): boolean {
  const { logBytes, baseBytes, liveBytes, percentage, minBytes } = rule;
  const { rewrittenBytes, segmentBytes = SEGMENT_BYTES } = rule;
  if (percentage === 0 || logBytes <= minBytes || logBytes <= liveBytes * LEAST_GAIN) return false;
  const grownBytes = baseBytes * (1 + percentage / 100);
  const boundBytes = liveBytes * 1.5 + 2 * segmentBytes;
  // An estimate that is too low must not make it begin again and again.
  const leastBytes = rewrittenBytes > 0 ? rewrittenBytes + LEAST_GROWTH_SEGMENTS * segmentBytes : 0;
  return logBytes > Math.max(Math.min(grownBytes, boundBytes), leastBytes);
}

/** The passes of one log, one at a time. */
export class RewritePass {
  readonly #folder: LogFolder;
  readonly #log: Pick<Logger, "warning">;
  #state: PassState = "idle";
  #firstSegment = 0;
  /** The probe or the copy ends here, in bytes written by the process. */
  #endsAtBytes = 0;
  #retryAtMs = Number.NEGATIVE_INFINITY;

  constructor(folder: LogFolder, log: Pick<Logger, "warning">) {
    this.#folder = folder;
    this.#log = log;
  }

  get state(): PassState {
    return this.#state;
  }

  get isUnderWay(): boolean {
    return this.#state !== "idle";
  }

  /** The segment with which the new log begins. */
  get firstSegment(): number {
    return this.#firstSegment;
  }

  /** A pass shall begin, or the one under way is worth nothing and begins again. */
  want(): void {
    this.#state = "wanted";
  }

  /** Nothing more comes of it. */
  stop(): void {
    this.#state = "idle";
  }

  /** The segment is there, and the journal has begun. */
  began(firstSegment: number): void {
    this.#state = "copying";
    this.#firstSegment = firstSegment;
    // What a former one had to wait for is over.
    this.#retryAtMs = Number.NEGATIVE_INFINITY;
  }

  /** The segment is there, and nothing is copied to it before the disk has so much. */
  probes(firstSegment: number, writtenBytes: number): void {
    this.#state = "probing";
    this.#firstSegment = firstSegment;
    this.#endsAtBytes = writtenBytes;
  }

  /** The disk has kept what it was probed with. */
  hasProbed(syncedBytes: number): boolean {
    return this.#state === "probing" && syncedBytes >= this.#endsAtBytes;
  }

  /** The journal has given its last slice, and it is written. */
  copied(writtenBytes: number): void {
    this.#state = "copied";
    this.#endsAtBytes = writtenBytes;
  }

  /** It waits for the disk to have everything up to here. */
  needsSync(syncedBytes: number): boolean {
    const isWaiting = this.#state === "copied" || this.#state === "probing";
    return isWaiting && syncedBytes < this.#endsAtBytes;
  }

  /** Ready for the manifest, or to try it again. */
  mayInstall(syncedBytes: number, nowMs: number): boolean {
    const isCopied = this.#state === "copied" && syncedBytes >= this.#endsAtBytes;
    return isCopied && nowMs >= this.#retryAtMs;
  }

  /** When a failed attempt is to be repeated (monotonic ms). */
  get retryAtMs(): number {
    const isWaiting = this.#state === "copied" && this.#retryAtMs > 0;
    return isWaiting ? this.#retryAtMs : Number.POSITIVE_INFINITY;
  }

  /** Moves the manifest, unless the pass is stopped or begins again meanwhile; else `done` hears of it. */
  install(nowMs: number, done: (isDone: boolean) => void): void {
    this.#state = "installing";
    const firstSegment = this.#firstSegment;
    const isWanted = (): boolean =>
      this.#state === "installing" && this.#firstSegment === firstSegment;
    const ended = (error: Error | undefined): void => {
      if (!isWanted()) return;
      this.#state = error === undefined ? "idle" : "copied";
      this.#retryAtMs = error === undefined ? Number.NEGATIVE_INFINITY : nowMs + RETRY_MS;
      if (error !== undefined) {
        this.#log.warning("the manifest of the log was not written, trying again", { error });
      }
      done(error === undefined);
    };
    const { disk, path } = this.#folder;
    writeManifest(disk, path, { firstSegment, state: "on" }, ended, isWanted);
  }
}
