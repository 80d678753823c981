/**
 * When the log is written and when it is forced to the disk: the meaning of `appendfsync`.
 *
 *   always     one sync after the other, each for all that was written before it began
 *   everysec   once a second, if anything was written
 *   no         when the system likes; only before old files are deleted
 *
 * A file that is being synced may make whoever writes to it wait. With `always` nothing is written
 * meanwhile, as nobody could be answered anyway; with `everysec` nothing once it has taken long, so that
 * at least those can be answered who change nothing.
 */
import type { FsyncPolicy } from "../../journal/log-format.ts";

/** With `everysec`. */
export const SYNC_EVERY_MS = 1000;
/** A sync that takes longer is worth a word, and no more jobs are accepted until it ends. */
export const SLOW_SYNC_MS = 2000;
const WRITE_BESIDE_SYNC_MS = 500;
/**
 * While a pass copies, a sync is begun after so many bytes: the last one need not do it all, and whoever writes
 * beside it waits for less (9 ms in a write beside 32 MB, 4 ms beside 8).
 */
const SYNC_PIECE_BYTES = 8 * 1024 * 1024;

/** How to write. */
export interface WriterSettings {
  readonly policy: FsyncPolicy;
  /** no-appendfsync-on-rewrite; `always` is promised all the same. */
  readonly sparesDiskInPass: boolean;
  /** aof-rewrite-incremental-fsync. */
  readonly syncsInPieces: boolean;
}

/** The segment at hand, after which another policy needs another segment. */
export interface HeadedSegment {
  /** What its header says is promised. */
  readonly policy: FsyncPolicy;
  /** The disk has the header when so many bytes are synced, if it says less than the one before. */
  readonly weakerFromBytes: number;
}

/**
 * The settings that hold, whatever they are to be: where a header says `always`, nothing less is promised until the disk
 * knows of a segment that says otherwise. Without that, a power failure would leave a log that vouches for what it has lost.
 */
export function settingsInForce(
  wanted: WriterSettings,
  { policy: headed, weakerFromBytes }: HeadedSegment,
  syncedBytes: number,
): WriterSettings {
  const isWeakerKnown = headed !== "always" && syncedBytes >= weakerFromBytes;
  return isWeakerKnown ? wanted : { ...wanted, policy: "always" };
}

/** Where writing stands. */
export interface SyncSituation {
  /** Bytes written that no sync has covered. */
  readonly waitingBytes: number;
  /** Since the last sync began. */
  readonly sinceMs: number;
  /** A pass of rewriting is writing. */
  readonly isCopying: boolean;
}

/** Whether a sync is to begin, none being under way. */
export function isSyncDue(settings: WriterSettings, situation: SyncSituation): boolean {
  const { policy, sparesDiskInPass, syncsInPieces } = settings;
  const { waitingBytes, sinceMs, isCopying } = situation;
  if (waitingBytes === 0) return false;
  if (policy === "always") return true;
  if (isCopying && syncsInPieces && waitingBytes >= SYNC_PIECE_BYTES) return true;
  if (policy === "no" || (isCopying && sparesDiskInPass)) return false;
  return sinceMs >= SYNC_EVERY_MS;
}

/** Whether what there is to write must wait for a sync that has been under way for so long. */
export function mustWaitForSync(policy: FsyncPolicy, ageMs: number): boolean {
  if (policy === "no") return false;
  return policy === "always" || ageMs >= WRITE_BESIDE_SYNC_MS;
}

/** What a writer waits for, monotonic ms; Infinity: nothing. */
export interface WriterWaits {
  /** What failed is tried again. */
  readonly retryAtMs: number;
  /** The sync under way counts as slow; undefined: none is under way. */
  readonly slowAtMs: number | undefined;
  /** There is something to write. */
  readonly workAtMs: number;
  /** The next sync is due. */
  readonly syncAtMs: number;
}

/** When a writer needs its next turn if nothing else happens; the end of a sync wakes it anyway. */
export function nextWakeAt(nowMs: number, waits: WriterWaits): number {
  const { retryAtMs, slowAtMs, workAtMs, syncAtMs } = waits;
  if (slowAtMs !== undefined) {
    // What is past has been tried in this turn, or waits for the end of the sync.
    return Math.min(
      ...[retryAtMs, slowAtMs].filter((atMs) => atMs > nowMs),
      Number.POSITIVE_INFINITY,
    );
  }
  if (retryAtMs > nowMs && retryAtMs !== Number.POSITIVE_INFINITY) {
    return syncAtMs > nowMs ? Math.min(retryAtMs, syncAtMs) : retryAtMs;
  }
  return Math.min(workAtMs, retryAtMs, syncAtMs);
}

/** Notes for how long writing had to wait for a sync, with `everysec`: with `always` it always does. */
export class Postponement {
  /** How often it had to. */
  count = 0;
  #sinceMs: number | undefined;

  /** Whether it must wait now. Returns for how long it had to, ms, when that is over. */
  note(mustWait: boolean, policy: FsyncPolicy, nowMs: number): number | undefined {
    if (mustWait && policy === "everysec" && this.#sinceMs === undefined) {
      this.#sinceMs = nowMs;
      this.count++;
    }
    if (mustWait || this.#sinceMs === undefined) return undefined;
    const ms = nowMs - this.#sinceMs;
    this.#sinceMs = undefined;
    return ms;
  }
}
