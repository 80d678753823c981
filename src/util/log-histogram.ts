/**
 * A histogram whose buckets double: how often something took up to 1, 2, 4, 8 ... units.
 *
 * For what happens to every job: noting a value costs some nanoseconds, allocates nothing and asks no
 * clock. A factor of two is enough to see what takes long, and the sum is exact. Whoever shows it makes
 * what is usual from it (cumulative buckets, seconds).
 */

/** Buckets; the last one has no upper bound. The one before it ends at 2^27 units: 37 hours of ms. */
export const LOG_BUCKETS = 29;
const LAST = LOG_BUCKETS - 1;
const LARGEST = 2 ** (LAST - 1);

/** Counts by size. */
export class LogHistogram {
  /** Values per bucket, then their sum. Floats: they never wrap. */
  readonly #cells = new Float64Array(LOG_BUCKETS + 1);

  /** Notes one value, rounded up to whole units; negative ones, as of clocks that were set, count as 0. */
  record(value: number): void {
    const cells = this.#cells;
    if (value <= 1 || Number.isNaN(value)) {
      cells[0] = (cells[0] as number) + 1;
      if (value > 0) cells[LOG_BUCKETS] = (cells[LOG_BUCKETS] as number) + value;
      return;
    }
    const at = value > LARGEST ? LAST : 32 - Math.clz32(Math.ceil(value) - 1);
    cells[at] = (cells[at] as number) + 1;
    cells[LOG_BUCKETS] = (cells[LOG_BUCKETS] as number) + value;
  }

  /** Values in this bucket alone. */
  at(bucket: number): number {
    return this.#cells[bucket] ?? 0;
  }

  /** The largest value that belongs in this bucket; Infinity for the last one. */
  upperBound(bucket: number): number {
    return bucket >= LAST ? Number.POSITIVE_INFINITY : 2 ** bucket;
  }

  /** Of all values, in units. */
  get sum(): number {
    return this.#cells[LOG_BUCKETS] ?? 0;
  }

  /** How many values there were. */
  get count(): number {
    let count = 0;
    for (let bucket = 0; bucket < LOG_BUCKETS; bucket++) count += this.at(bucket);
    return count;
  }
}
