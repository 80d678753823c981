/**
 * How much may wait for clients that do not read.
 *
 * Each client alone, by client-output-buffer-limit: beyond the hard limit at once, beyond the soft
 * limit for longer than allowed, it is to be closed; 0 turns a limit off (reference 7.2). All together:
 * a share of maxmemory, which these bytes count against, so that clients that never read cannot have
 * everybody's jobs refused.
 */
import type { Settings } from "../config/directives.ts";
import type { OutputBufferLimit } from "../config/kinds-network.ts";

const OUTPUT_PERCENT_MAX = 50;

/** One client exceeded client-output-buffer-limit; for the log. */
export const TOO_MUCH_UNREAD = "client closed: it does not read its replies";
/** All clients together leave too much unread; for the log. */
export const MOST_UNREAD = "client closed: of all the replies that were not read, most was its";

/** Bytes that may wait for all clients together; a single one may have more than that. */
export function outputBytesMax({ maxmemory }: Settings): number {
  return maxmemory === 0 ? Number.POSITIVE_INFINITY : (maxmemory / 100) * OUTPUT_PERCENT_MAX;
}

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
