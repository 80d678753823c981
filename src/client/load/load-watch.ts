/**
 * Looking at a load while it runs, and ending it before its time.
 *
 * For those who show progress; a load that nobody watches pays nothing for it.
 */

/** One load, from outside. */
export class LoadWatch {
  #done: () => number = () => 0;
  #fail: (error: Error) => void = () => undefined;
  #isStopped = false;

  /** Jobs done so far. */
  get done(): number {
    return this.#done();
  }

  /** Ends the load: it rejects, and closes its connections. */
  stop(): void {
    this.#isStopped = true;
    this.#fail(stopped());
  }

  /** The load says how far it is, and how to make it fail. */
  begin(done: () => number, fail: (error: Error) => void): void {
    this.#done = done;
    this.#fail = fail;
    if (this.#isStopped) fail(stopped());
  }
}

function stopped(): Error {
  return new Error("the load was stopped");
}
