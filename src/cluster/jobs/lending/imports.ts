/**
 * How many jobs of a queue come from other nodes, as QSTAT and QSCAN tell it.
 *
 * The reference's way of counting (reference cluster, section 6.3): two counters, of which the older
 * one begins at least a second earlier, so that a single job shows for some seconds.
 */

const ROTATION_MS = 1000;
/** After so long without a job the rate is 0, and a node is no source any more. */
export const IMPORT_MEMORY_MS = 5000;
const SHORTEST_MS = 50;

/** The import rate of one queue. */
export class ImportRate {
  #current = 0;
  #currentFromMs = 0;
  #previous = 0;
  #previousFromMs = 0;

  constructor(nowMs: number) {
    this.#currentFromMs = nowMs;
    this.#previousFromMs = nowMs;
  }

  /** A job came. */
  add(nowMs: number): void {
    if (nowMs - this.#currentFromMs > ROTATION_MS) {
      this.#previous = this.#current;
      this.#previousFromMs = this.#currentFromMs;
      this.#current = 0;
      this.#currentFromMs = nowMs;
    }
    this.#current++;
  }

  /** Jobs per second, rounded up. */
  perSecond(nowMs: number): number {
    if (nowMs - this.#currentFromMs > IMPORT_MEMORY_MS) return 0;
    const spanMs = Math.max(SHORTEST_MS, nowMs - this.#previousFromMs);
    return Math.ceil(((this.#previous + this.#current) * 1000) / spanMs);
  }
}
