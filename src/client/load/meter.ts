/**
 * The measured window of a load: wall time, CPU time of the server and of this process, latencies.
 *
 * The load process reads the server's CPU time itself: asked from outside, the window would not be
 * the same for both.
 */
import { createHistogram, type Histogram, performance } from "node:perf_hooks";
import { type Latency, type LatencyName, type LoadResult, latencyNames } from "./plan.ts";
import { cpuMicros, sumOf, waitedForCoreMicros } from "./proc.ts";

/** Percentiles of a histogram of nanoseconds. */
function summary(histogram: Histogram): Latency {
  const micros = (percentile: number) => histogram.percentile(percentile) / 1000;
  return { p50: micros(50), p99: micros(99), p999: micros(99.9), max: histogram.max / 1000 };
}

/** Times in nanoseconds, recorded one by one. */
export class LatencyRecorder {
  readonly #histogram = createHistogram();

  /** Records the time since a moment of `performance.now()`. */
  since(startMs: number): void {
    this.record(performance.now() - startMs);
  }

  /** Records a duration. */
  record(durationMs: number): void {
    this.#histogram.record(Math.max(1, Math.round(durationMs * 1e6)));
  }

  /** Forgets what was recorded during the warm-up. */
  reset(): void {
    this.#histogram.reset();
  }

  /** The percentiles so far, in microseconds. */
  summary(): Latency {
    return summary(this.#histogram);
  }
}

/** Opens the window when constructed, closes it with `stop`. */
export class Meter {
  readonly #serverPids: readonly number[];
  readonly #startMs = performance.now();
  readonly #ownCpu = process.cpuUsage();
  readonly #serverCpuMicros: number;
  readonly #serverWaitedMicros: number;

  /** CPU times of several processes are added up. */
  constructor(serverPids: readonly number[]) {
    this.#serverPids = serverPids;
    this.#serverCpuMicros = sumOf(serverPids, cpuMicros);
    this.#serverWaitedMicros = sumOf(serverPids, waitedForCoreMicros);
  }

  /** What happened since the window opened. */
  stop(
    operations: number,
    recorders: Partial<Record<LatencyName, LatencyRecorder>> = {},
  ): LoadResult {
    const seconds = (performance.now() - this.#startMs) / 1000;
    const own = process.cpuUsage(this.#ownCpu);
    const latencies: Partial<Record<LatencyName, Latency>> = {};
    for (const name of latencyNames) {
      const recorder = recorders[name];
      if (recorder) latencies[name] = recorder.summary();
    }
    return {
      operations,
      seconds,
      serverCpuMicros: sumOf(this.#serverPids, cpuMicros) - this.#serverCpuMicros,
      serverWaitedMicros: sumOf(this.#serverPids, waitedForCoreMicros) - this.#serverWaitedMicros,
      generatorCpuMicros: own.user + own.system,
      latencies,
    };
  }
}
