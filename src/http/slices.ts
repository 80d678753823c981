/**
 * Long work beside clients: it is cut into slices, and one slice runs a turn, whoever it belongs to.
 *
 * A walk over all queues takes many turns. If every walk took a slice in every turn, a scrape and a few
 * viewers would together make a long one; so all of them wait in one line. What a slice may take is the
 * business of its owner: less than a millisecond.
 */

/** The line. */
export class Slices {
  readonly #touch: () => void;
  #waiting: (() => void)[] = [];
  #isScheduled = false;

  /** @param touch a turn goes on: clocks are read */
  constructor(touch: () => void) {
    this.#touch = touch;
  }

  /** Ends when the caller may run its next slice; everything else has had its turn before. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#run);
  }

  readonly #run = (): void => {
    this.#isScheduled = false;
    this.#touch();
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) this.#schedule();
  };
}
