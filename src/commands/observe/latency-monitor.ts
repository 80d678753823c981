/**
 * The latency monitor: which kinds of work took too long, and when.
 *
 * Every kind of work (an event) has a ring of its last slow seconds. A second that was slow several
 * times keeps its worst measurement, so a minute of trouble is sixty samples and not a million. The
 * worst ever is kept beside the ring and outlives it. With a threshold of 0 nothing is recorded,
 * and the callers need not even read the clock.
 */

/** Samples kept of each event: the oldest gives way. */
const SAMPLES_MAX = 160;

/** Every kind of work that is measured. Clients see these names. */
export const LATENCY_EVENTS = [
  "command",
  "fast-command",
  "jobs-processing",
  "eviction-cycle",
  "fork",
  "aof-write",
  "aof-write-pending-fsync",
  "aof-write-active-child",
  "aof-write-alone",
  "aof-fsync-always",
  "aof-fstat",
  "aof-rewrite-diff-write",
  "aof-rename",
] as const;

/** The name of one kind of measured work. */
export type LatencyEvent = (typeof LATENCY_EVENTS)[number];

/** The worst measurement of one second. */
export interface LatencySample {
  readonly unixSeconds: number;
  readonly latencyMs: number;
}

/** An event's present state, a row of LATENCY LATEST. */
export interface LatencySummary {
  readonly event: string;
  /** The last slow second. */
  readonly unixSeconds: number;
  /** The worst measurement of that second. */
  readonly lastMs: number;
  /** The worst measurement since the event was first seen or reset. */
  readonly maxMs: number;
}

/** The last slow seconds of one event, and the worst measurement ever. */
class Series {
  maxMs = 0;
  /** A ring once it is full. */
  readonly #samples: LatencySample[] = [];
  /** Index of the newest sample, -1 before the first. */
  #newest = -1;

  get newest(): LatencySample | undefined {
    return this.#samples[this.#newest];
  }

  add(latencyMs: number, unixSeconds: number): void {
    const isSameSecond = this.newest?.unixSeconds === unixSeconds;
    const worstMs = isSameSecond ? Math.max(latencyMs, this.newest?.latencyMs ?? 0) : latencyMs;
    if (!isSameSecond) this.#newest = (this.#newest + 1) % SAMPLES_MAX;
    this.#samples[this.#newest] = { unixSeconds, latencyMs: worstMs };
    // Also for a second that already had a sample: the reference forgot it there (F40).
    this.maxMs = Math.max(this.maxMs, latencyMs);
  }

  oldestFirst(): LatencySample[] {
    const oldest = this.#newest + 1;
    return [...this.#samples.slice(oldest), ...this.#samples.slice(0, oldest)];
  }
}

/** All series of one node. */
export class LatencyMonitor {
  /** The directive `latency-monitor-threshold`, milliseconds; 0 switches the monitor off. */
  thresholdMs: number;
  readonly #series = new Map<string, Series>();

  constructor(thresholdMs: number) {
    this.thresholdMs = thresholdMs;
  }

  /** Whether measuring is worth the clock readings. */
  get isOn(): boolean {
    return this.thresholdMs > 0;
  }

  /**
   * Reports how long `event` took, milliseconds; kept, without a fraction, if it reaches the
   * threshold.
   */
  record(event: LatencyEvent, latencyMs: number, unixSeconds: number): void {
    if (!this.isOn || latencyMs < this.thresholdMs) return;
    let series = this.#series.get(event);
    if (series === undefined) {
      series = new Series();
      this.#series.set(event, series);
    }
    series.add(Math.floor(latencyMs), unixSeconds);
  }

  /** One row for each event ever recorded, in the order of their first appearance. */
  latest(): LatencySummary[] {
    const rows: LatencySummary[] = [];
    for (const [event, series] of this.#series) {
      const newest = series.newest;
      if (newest === undefined) continue;
      rows.push({
        event,
        unixSeconds: newest.unixSeconds,
        lastMs: newest.latencyMs,
        maxMs: series.maxMs,
      });
    }
    return rows;
  }

  /** The samples of `event`, oldest first; none when it was never slow. Case matters. */
  history(event: string): LatencySample[] {
    return this.#series.get(event)?.oldestFirst() ?? [];
  }

  /**
   * The worst measurement of `event` since it was first seen or reset; 0 when it was never slow.
   */
  maxMs(event: string): number {
    return this.#series.get(event)?.maxMs ?? 0;
  }

  /** Forgets the named events (in any case), or all when none is named. Returns how many went. */
  reset(events: readonly string[] = []): number {
    const names = events.length === 0 ? [...this.#series.keys()] : events;
    let dropped = 0;
    for (const name of names) {
      if (this.#series.delete(name.toLowerCase())) dropped++;
    }
    return dropped;
  }
}
