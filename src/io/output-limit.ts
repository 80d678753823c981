/**
 * client-output-buffer-limit: how much may wait for a client that does not read.
 *
 * Beyond the hard limit at once, beyond the soft limit for longer than allowed, the client is to be
 * closed; 0 turns a limit off (reference 7.2).
 */
import type { OutputBufferLimit } from "../config/kinds-network.ts";

/** Watches one client's unsent bytes. */
export class OutputLimit {
  #softSinceMs: number | undefined;

  /** Whether a client with so many unsent bytes has to go. */
  isExceeded(unsentBytes: number, limit: OutputBufferLimit, nowMs: number): boolean {
    if (limit.hardBytes > 0 && unsentBytes > limit.hardBytes) return true;
    if (limit.softBytes === 0 || unsentBytes <= limit.softBytes) {
      this.#softSinceMs = undefined;
      return false;
    }
    this.#softSinceMs ??= nowMs;
    return nowMs > this.#softEndMs(limit, this.#softSinceMs);
  }

  /** When to ask again even if nothing more is written (monotonic ms); Infinity: no need. */
  nextCheckMs(limit: OutputBufferLimit): number {
    const since = this.#softSinceMs;
    return since === undefined ? Number.POSITIVE_INFINITY : this.#softEndMs(limit, since) + 1;
  }

  #softEndMs(limit: OutputBufferLimit, sinceMs: number): number {
    return sinceMs + limit.softSeconds * 1000;
  }
}
