/**
 * A token bucket: so much a second on average, and a second's worth at once.
 *
 * Something larger than what is in the bucket may be taken while it is not empty; the debt is paid
 * before the next. So large bodies go through, and the average holds. An empty bucket is not ready
 * before a tenth of it is full again, so that what it limits comes in portions.
 */

const PORTION = 0.1;

/** Limits a rate. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #isEmpty = false;
  #filledAtMs = Number.NEGATIVE_INFINITY;

  /** @param perSecond tokens; also what it holds */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** When something may be taken, monotonic ms; `nowMs`: now. */
  readyAtMs(nowMs: number): number {
    const tokens = this.#tokensAt(nowMs);
    const needed = this.#isEmpty ? PORTION * this.#perSecond : 0;
    if (tokens >= needed) return nowMs;
    return nowMs + Math.ceil(((needed - tokens) * 1000) / this.#perSecond);
  }

  take(tokens: number, nowMs: number): void {
    this.#tokens = this.#tokensAt(nowMs) - tokens;
    this.#filledAtMs = nowMs;
    this.#isEmpty = this.#tokens <= 0;
  }

  #tokensAt(nowMs: number): number {
    const gained = ((nowMs - this.#filledAtMs) * this.#perSecond) / 1000;
    return Math.min(this.#perSecond, this.#tokens + gained);
  }
}
