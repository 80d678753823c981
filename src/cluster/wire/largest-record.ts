/**
 * The size of the largest record in a queue of them.
 *
 * A job may be larger than the limit for what waits, and must be able to travel all the same; so the
 * largest record in a queue is left out of the sum. Small ones are not worth remembering: only those
 * above 1 MB are, of which a limited queue holds few.
 */

/** Smaller records are not remembered. */
const LARGE_ABOVE_BYTES = 1024 * 1024;

interface Large {
  readonly number: number;
  readonly bytes: number;
}

/** Follows one queue. */
export class LargestRecord {
  /** Those that are larger than all behind them: the first is the largest. */
  readonly #large: Large[] = [];

  /** Size of the largest record, 0 while there is no large one. */
  get bytes(): number {
    return this.#large[0]?.bytes ?? 0;
  }

  /** A record joins the queue; numbers rise. */
  add(number: number, bytes: number): void {
    if (bytes <= LARGE_ABOVE_BYTES) return;
    const large = this.#large;
    while (large.length > 0 && (large.at(-1) as Large).bytes <= bytes) large.pop();
    large.push({ number, bytes });
  }

  /** All up to that number have left the queue. */
  release(number: number): void {
    const large = this.#large;
    while (large.length > 0 && (large[0] as Large).number <= number) large.shift();
  }

  clear(): void {
    this.#large.length = 0;
  }
}
