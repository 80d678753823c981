/**
 * The wait between two readings of the same thing, which can be cut short.
 *
 * Who asks for a reading while one is under way wants a newer one: the wait after it is left out. One wait
 * at a time.
 */

/** Waits of one reader. */
export class Rest {
  #isWanted = false;
  #end: () => void = () => {};

  /** Ends the wait that is under way, or the next one. */
  cutShort(): void {
    this.#isWanted = true;
    this.#end();
  }

  /** Waits so many ms, if nobody wants less. */
  async take(ms: number): Promise<void> {
    if (!this.#isWanted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isWanted = false;
  }
}
