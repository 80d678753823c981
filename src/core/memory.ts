/**
 * The memory limit, in levels.
 *
 * `maxmemory` limits what ringq accounts for: records, bodies, index, queues, buffers of clients, and
 * what is remembered for other nodes. Not the resident set and not the JavaScript heap, which nobody
 * can steer exactly. Rather than one cliff there are levels (architecture: "memory"): above 75 % new
 * copies should go elsewhere, above 95 % what is only remembered may be evicted, above 100 % commands
 * that add jobs are refused. Nothing that was not delivered is ever evicted.
 */

/** Share of the limit above which a node asks others to keep new copies. */
const PRESSURE_PERCENT = 75;
/** Share of the limit above which remembered jobs and idle queues go. */
const EVICTION_PERCENT = 95;

/** Seconds a queue may be idle, by level. */
const IDLE_QUEUE_SECONDS = [300, 10, 2, 2] as const;

/** 0 normal, 1 pressure, 2 eviction, 3 full. */
export type MemoryLevel = 0 | 1 | 2 | 3;

/** Compares what is used with what is allowed. */
export class MemoryLimit {
  /** Bytes; 0 means no limit. */
  maxBytes: number;
  readonly #usedBytes: () => number;

  /** @param usedBytes what is accounted for at this moment */
  constructor(maxBytes: number, usedBytes: () => number) {
    this.maxBytes = maxBytes;
    this.#usedBytes = usedBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes();
  }

  get level(): MemoryLevel {
    if (this.maxBytes === 0) return 0;
    const percent = (this.#usedBytes() / this.maxBytes) * 100;
    if (percent > 100) return 3;
    if (percent > EVICTION_PERCENT) return 2;
    return percent > PRESSURE_PERCENT ? 1 : 0;
  }

  /** How long a queue may be idle now, ms. */
  get idleQueueMs(): number {
    return IDLE_QUEUE_SECONDS[this.level] * 1000;
  }
}
