/**
 * Notes on the disk that the log was switched off, beside everything else.
 *
 * A log that is off does not know how the story went on, and only the manifest tells a later start so. The
 * disk may be the very reason for switching it off: it is not waited for longer than a slow sync may take,
 * and while it refuses, it is tried again every second. Until it is noted, a kill could bring the old jobs
 * back, so what is said is held back for that long.
 */
import type { Logger } from "../logger.ts";
import { causeText } from "../system-error.ts";
import type { LogFolder } from "./log-folder.ts";
import { RETRY_MS } from "./log-trouble.ts";
import { type Manifest, writeManifest } from "./manifest.ts";
import { SLOW_SYNC_MS } from "./sync-policy.ts";

/** What it needs. */
export interface SwitchOffParts {
  readonly folder: LogFolder;
  readonly clock: { readonly nowMs: number };
  readonly log: Pick<Logger, "warning" | "notice">;
  /** A turn is needed. */
  readonly touch: () => void;
}

/** One log that was switched off, until the disk knows. */
export class SwitchOff {
  readonly #parts: SwitchOffParts;
  readonly #beganMs: number;
  readonly #mayHold: boolean;
  #state: "writing" | "waiting" | "over" = "waiting";
  #attempt = 0;
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #hasWarned = false;

  /** @param isBroken the disk has failed already: nobody waits for it */
  constructor(parts: SwitchOffParts, isBroken: boolean) {
    this.#parts = parts;
    this.#beganMs = parts.clock.nowMs;
    this.#mayHold = !isBroken;
    this.#write();
  }

  /** The disk knows, or nobody asks any more. */
  get isOver(): boolean {
    return this.#state === "over";
  }

  /** What is said must wait for it. */
  get isHolding(): boolean {
    return this.#mayHold && !this.isOver && !this.#hasWarned && !this.#isLate;
  }

  /** The end of a turn. Returns when the next one is needed (monotonic ms). */
  endTurn(): number {
    const { nowMs } = this.#parts.clock;
    if (this.#state === "waiting" && nowMs >= this.#retryAtMs) this.#write();
    if (this.isOver) return Number.POSITIVE_INFINITY;
    if (this.#isLate) this.#warn("the disk does not answer");
    if (this.#state === "waiting") return Math.max(this.#retryAtMs, nowMs);
    return this.#isLate ? Number.POSITIVE_INFINITY : this.#beganMs + SLOW_SYNC_MS;
  }

  /** Waits for the disk. Throws the system's error. */
  finishNow(): void {
    if (this.isOver) return;
    // Once more from the beginning, if this fails.
    this.#state = "waiting";
    const manifest = this.#manifest();
    if (manifest !== undefined) this.#parts.folder.setManifest(manifest);
    this.#state = "over";
  }

  get #isLate(): boolean {
    return this.#parts.clock.nowMs - this.#beganMs >= SLOW_SYNC_MS;
  }

  #write(): void {
    const { disk, path } = this.#parts.folder;
    this.#state = "writing";
    const attempt = ++this.#attempt;
    const isWanted = (): boolean => this.#state === "writing" && this.#attempt === attempt;
    const done = (error: unknown): void => {
      if (isWanted()) this.#ended(error);
    };
    try {
      const manifest = this.#manifest();
      if (manifest === undefined) this.#state = "over";
      else writeManifest(disk, path, manifest, done, isWanted);
    } catch (error) {
      done(error);
    }
  }

  /** What is to be written; undefined: a start would not take the log for current anyway. */
  #manifest(): Manifest | undefined {
    const manifest = this.#parts.folder.manifest();
    const isCurrent = manifest?.state === "on" || manifest?.state === "off";
    return isCurrent ? { ...manifest, state: "off" } : undefined;
  }

  #ended(error: unknown): void {
    if (error === undefined) {
      this.#state = "over";
      if (this.#hasWarned) this.#parts.log.notice("it is on the disk that the log is off");
    } else {
      this.#state = "waiting";
      this.#retryAtMs = this.#parts.clock.nowMs + RETRY_MS;
      this.#warn(causeText(error));
    }
    this.#parts.touch();
  }

  #warn(reason: string): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const message =
      "the log is off, but the disk does not know: started with appendonly yes before it does, " +
      "the server would take old jobs for current";
    this.#parts.log.warning(message, { reason });
  }
}
