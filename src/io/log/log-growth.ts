/**
 * How large the log is and was, and how long rewriting it took: what decides about the next time.
 *
 * It is looked at once for every megabyte that was written, as asking costs more than it is worth for
 * a single turn.
 */
import type { Settings } from "../../config/directives.ts";
import { isRewriteDue, type RewriteRule } from "./rewrite-pass.ts";
import { SEGMENT_BYTES } from "./segment-chain.ts";

const LOOKS_PER_SEGMENT = 64;

/** Watches one log. */
export class LogGrowth {
  /** Its size after the last pass, or at the start. */
  baseBytes = 0;
  /** -1: there was no pass. */
  lastPassSeconds = -1;
  #beganMs = 0;
  #rewrittenBytes = 0;
  /** At the start, too: a log that grows in short lives must not go on growing. */
  #lookedAtBytes = Number.NEGATIVE_INFINITY;
  readonly #segmentBytes: number;

  constructor(segmentBytes = SEGMENT_BYTES) {
    this.#segmentBytes = segmentBytes;
  }

  /** Whether a pass is to begin; what it was decided by, or undefined. */
  due(
    settings: Settings,
    sizes: { readonly writtenBytes: number; readonly logBytes: number; readonly liveBytes: number },
  ): RewriteRule | undefined {
    const lookBytes = this.#segmentBytes / LOOKS_PER_SEGMENT;
    if (sizes.writtenBytes - this.#lookedAtBytes < lookBytes) return undefined;
    this.#lookedAtBytes = sizes.writtenBytes;
    const rule = {
      logBytes: sizes.logBytes,
      baseBytes: this.baseBytes,
      liveBytes: sizes.liveBytes,
      rewrittenBytes: this.#rewrittenBytes,
      percentage: settings["auto-aof-rewrite-percentage"],
      minBytes: settings["auto-aof-rewrite-min-size"],
      segmentBytes: this.#segmentBytes,
    };
    return isRewriteDue(rule) ? rule : undefined;
  }

  passBegan(nowMs: number): void {
    this.#beganMs = nowMs;
  }

  /** Returns how long the pass took, ms. */
  passEnded(nowMs: number, logBytes: number): number {
    const ms = nowMs - this.#beganMs;
    this.lastPassSeconds = Math.floor(ms / 1000);
    this.baseBytes = logBytes;
    this.#rewrittenBytes = logBytes;
    return ms;
  }

  /** Seconds since the pass under way began. */
  passSeconds(nowMs: number): number {
    return Math.floor((nowMs - this.#beganMs) / 1000);
  }
}
