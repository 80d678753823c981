/**
 * Whether another node's wall clock is near enough to this one's.
 *
 * Queues are ordered by creation times, which are wall clock times: jobs of a node whose clock is hours
 * behind would go before everybody else's, and those of one that is ahead would starve. So such a node
 * is not linked with. Both sides see the same difference and say so, once until the clocks agree.
 * Clocks that drift apart later are no concern of this; leases and expiry never use the wall clock.
 */
import type { Host } from "../../core/host.ts";

/** Nodes whose clocks differ by more are not linked. */
export const CLOCK_SKEW_MAX_MS = 10 * 60_000;
/** Ids remembered as refused. */
const REFUSED_MAX = 1000;

/** Compares clocks. */
export class ClockCheck {
  /** Hellos refused since the start. */
  refusals = 0;
  readonly #host: Host;
  readonly #refused = new Set<string>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** The difference if it is too large, positive when the other one is ahead, ms; 0 when all is well. */
  skewOf(nodeId: string, wallMs: number): number {
    const skewMs = wallMs - this.#host.wallMs;
    if (Math.abs(skewMs) <= CLOCK_SKEW_MAX_MS) {
      this.#refused.delete(nodeId);
      return 0;
    }
    this.refusals++;
    return skewMs;
  }

  /** True the first time that this node is refused since it was last accepted. */
  isNews(nodeId: string): boolean {
    if (this.#refused.has(nodeId)) return false;
    if (this.#refused.size >= REFUSED_MAX) this.#refused.clear();
    this.#refused.add(nodeId);
    return true;
  }
}
