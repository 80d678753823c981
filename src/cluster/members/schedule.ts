/**
 * What membership has to do later, earliest first.
 *
 * Heartbeats, verdicts, dials and expiries are chores in one heap, so that the node sleeps until the
 * first of them is due and nothing is polled. A chore is due once; it schedules itself again if it
 * wants to.
 */
import { Heap } from "../../util/heap.ts";

/** Something to do at a time; in a schedule at most once. */
export class Chore {
  readonly run: () => void;
  /** Monotonic ms; Infinity while not scheduled. */
  dueAtMs = Number.POSITIVE_INFINITY;
  heapIndex = -1;

  constructor(run: () => void) {
    this.run = run;
  }

  get isScheduled(): boolean {
    return this.heapIndex >= 0;
  }
}

/** Chores by time. */
export class Schedule {
  readonly #heap = new Heap<Chore>((a, b) => a.dueAtMs - b.dueAtMs);

  /** Monotonic ms of the first chore; Infinity when there is none. */
  get nextAtMs(): number {
    return this.#heap.peek()?.dueAtMs ?? Number.POSITIVE_INFINITY;
  }

  /** Schedules a chore, or moves it. */
  at(chore: Chore, atMs: number): void {
    this.cancel(chore);
    chore.dueAtMs = atMs;
    this.#heap.push(chore);
  }

  /** Takes a chore out; no harm if it is not in. */
  cancel(chore: Chore): void {
    this.#heap.remove(chore);
    chore.dueAtMs = Number.POSITIVE_INFINITY;
  }

  /** Does what is due, and also what becomes due at once by that; each chore at most twice. */
  runDue(nowMs: number): void {
    for (let left = 2 * this.#heap.size + 1; left > 0 && this.nextAtMs <= nowMs; left--) {
      const chore = this.#heap.pop();
      if (chore === undefined) return;
      chore.dueAtMs = Number.POSITIVE_INFINITY;
      chore.run();
    }
  }
}
