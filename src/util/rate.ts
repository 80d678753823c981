/**
 * How fast a counter grows right now: the mean over the last 16 samples of 100 ms, as Redis'
 * `instantaneous_ops_per_sec`.
 *
 * There is no timer behind it. Whoever counts calls `sample` now and then; a call that comes late
 * fills all the samples it has missed with its mean, so that an idle time shows as such.
 */

const SAMPLES = 16;
const SAMPLE_MS = 100;

/** The recent rate of one counter. */
export class Rate {
  readonly #samples = new Float64Array(SAMPLES);
  #next = 0;
  #lastTotal = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  #hasStarted = false;

  /**
   * Notes the counter's value at `nowMs` (monotonic). Calls less than 100 ms after the last sample
   * are ignored.
   */
  sample(total: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#lastMs;
    if (elapsedMs < SAMPLE_MS) return;
    const perSecond = ((total - this.#lastTotal) * 1000) / elapsedMs;
    const missed = this.#hasStarted ? Math.min(SAMPLES, Math.floor(elapsedMs / SAMPLE_MS)) : 0;
    for (let i = 0; i < missed; i++) {
      this.#samples[this.#next] = perSecond;
      this.#next = (this.#next + 1) % SAMPLES;
    }
    this.#hasStarted = true;
    this.#lastTotal = total;
    this.#lastMs = nowMs;
  }

  /** Growth per second over the last 1.6 s; 0 before the second sample. Not rounded. */
  get perSecond(): number {
    let sum = 0;
    for (const sample of this.#samples) sum += sample;
    return sum / SAMPLES;
  }

  /** Forgets everything, for counters that start again at 0. */
  reset(): void {
    this.#samples.fill(0);
    this.#lastTotal = 0;
    this.#lastMs = Number.NEGATIVE_INFINITY;
    this.#hasStarted = false;
  }
}
