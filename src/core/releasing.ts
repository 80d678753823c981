/**
 * Queues whose pause in input has ended while jobs were held back.
 *
 * The jobs enter their queues in batches, a batch a turn: a pause that lasted for hours must not
 * stop everything else when it ends.
 */
import type { Lifecycle } from "./lifecycle.ts";
import type { Queue } from "./queue.ts";

/** Lets held jobs enter, oldest first. */
export class Releasing {
  readonly #queues = new Set<Queue>();

  get isIdle(): boolean {
    return this.#queues.size === 0;
  }

  has(queue: Queue): boolean {
    return this.#queues.has(queue);
  }

  /** The pause of the queue has ended. */
  begin(queue: Queue): void {
    if (queue.held.length > 0) this.#queues.add(queue);
  }

  /** The queue is paused again: what is still held stays. */
  stop(queue: Queue): void {
    this.#queues.delete(queue);
  }

  /** Lets at most that many jobs enter. */
  proceed(lifecycle: Lifecycle, jobsMax: number): void {
    let left = jobsMax;
    for (const queue of this.#queues) {
      for (; left > 0 && queue.held.length > 0; left--) {
        lifecycle.release(queue.held.first(), queue);
      }
      if (queue.held.length > 0) return;
      this.#queues.delete(queue);
    }
  }

  clear(): void {
    this.#queues.clear();
  }
}
