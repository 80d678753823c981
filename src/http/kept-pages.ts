/**
 * Pages that are dear to make: whoever wants the same one meanwhile, or soon after, gets the same one.
 *
 * A page in the making holds rows of all queues, so only so many different ones are made at a time. Pages that are made hold what they show;
 * they are kept as long as they are good, and the oldest ones go when there are too many: who reads page after page is never refused
 * for what was read before.
 */
import type { Host } from "../core/host.ts";
import { ApiError } from "./api-error.ts";

interface KeptPage<T> {
  readonly page: Promise<T>;
  /** Infinity while it is made. */
  freshUntilMs: number;
}

/** Pages of one kind. */
export class KeptPages<T> {
  readonly #host: Pick<Host, "nowMs">;
  readonly #pagesMax: number;
  /** In the order in which they were begun. */
  readonly #kept = new Map<string, KeptPage<T>>();

  /** @param pagesMax pages that are made or kept at the same time */
  constructor(host: Pick<Host, "nowMs">, pagesMax: number) {
    this.#host = host;
    this.#pagesMax = pagesMax;
  }

  /**
   * The page of this key, else a new one from `make`, good for `freshMs` once it is made. Throws an ApiError when as many others
   * are being made as may be.
   */
  take(key: string, make: () => Promise<T>, freshMs: () => number): Promise<T> {
    this.#dropStale();
    const known = this.#kept.get(key);
    if (known !== undefined) return known.page;
    if (this.#kept.size >= this.#pagesMax && !this.#dropOldest()) {
      throw new ApiError(503, "BUSY", "Too many lists of queues are being made, try again.");
    }
    const kept = { page: make(), freshUntilMs: Number.POSITIVE_INFINITY };
    this.#kept.set(key, kept);
    kept.page.then(
      () => {
        kept.freshUntilMs = this.#host.nowMs + freshMs();
      },
      () => {
        kept.freshUntilMs = 0;
      },
    );
    return kept.page;
  }

  #dropStale(): void {
    for (const [key, { freshUntilMs }] of this.#kept) {
      if (freshUntilMs <= this.#host.nowMs) this.#kept.delete(key);
    }
  }

  /** False when all of them are still being made. */
  #dropOldest(): boolean {
    for (const [key, { freshUntilMs }] of this.#kept) {
      if (freshUntilMs < Number.POSITIVE_INFINITY) return this.#kept.delete(key);
    }
    return false;
  }
}
