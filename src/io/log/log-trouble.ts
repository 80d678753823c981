/**
 * What is wrong with the disk, if anything: what clients are told, and when to try again.
 *
 * Trouble is told once when it begins and once when it is over, however often it was tried between.
 */
import type { Logger } from "../logger.ts";
import { systemErrorText } from "../system-error.ts";

/** After a failure it is tried again this much later. */
export const RETRY_MS = 1000;
/** After a sync that failed again: twice as long each time, up to this. */
const RETRY_MS_MAX = 8000;

/** The state of a disk. */
export class LogTrouble {
  readonly #log: Pick<Logger, "warning" | "notice">;
  /** Why nothing can be written, or "". */
  #writing = "";
  /** Why what was written is not trusted, or "". */
  #syncing = "";
  #slowness = "";
  /** Syncs that failed in a row, until all was made good. */
  #failedSyncs = 0;
  #retryAtMs = Number.NEGATIVE_INFINITY;

  constructor(log: Pick<Logger, "warning" | "notice">) {
    this.#log = log;
  }

  /** In the system's words; "" when all is well. */
  get reason(): string {
    return this.#writing || this.#syncing || this.#slowness;
  }

  /** Nothing is tried before (monotonic ms); Infinity: nothing is to be tried again. */
  get retryAtMs(): number {
    return this.#retryAtMs > 0 ? this.#retryAtMs : Number.POSITIVE_INFINITY;
  }

  mayTry(nowMs: number): boolean {
    return nowMs >= this.#retryAtMs;
  }

  /** Nothing was written. */
  writeFailed(error: unknown, nowMs: number): void {
    const reason = systemErrorText(error);
    if (this.#writing !== reason) {
      this.#log.warning("the log cannot be written, no jobs are accepted until it can", { reason });
    }
    this.#writing = reason;
    this.#retryAtMs = nowMs + RETRY_MS;
  }

  /** All that was to be written is. */
  written(): void {
    this.#retryAtMs = Number.NEGATIVE_INFINITY;
    if (this.#writing === "") return;
    this.#writing = "";
    this.#log.notice("the log can be written again");
  }

  /** The disk may have lost what was written. */
  syncFailed(error: unknown, nowMs: number): void {
    const reason = systemErrorText(error);
    if (this.#syncing !== reason) {
      this.#log.warning("the disk failed, all jobs are written to a new file of the log", {
        reason,
      });
    }
    this.#syncing = reason;
    this.#retryAtMs = nowMs + Math.min(RETRY_MS * 2 ** this.#failedSyncs, RETRY_MS_MAX);
    this.#failedSyncs++;
  }

  /** Everything has been written anew and is on the disk. */
  madeGood(): void {
    this.#failedSyncs = 0;
    if (this.#syncing === "") return;
    this.#syncing = "";
    this.#log.notice("all jobs are on the disk again");
  }

  /** The disk needs long, or does no more. */
  setSlow(isSlow: boolean, ageMs: number): void {
    if (isSlow === (this.#slowness !== "")) return;
    if (isSlow) {
      this.#slowness = "the disk does not answer";
      this.#log.warning("the disk is slow, no jobs are accepted until it answers", { ageMs });
    } else {
      this.#slowness = "";
      this.#log.notice("the disk answers again");
    }
  }
}
