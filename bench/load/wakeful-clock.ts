/**
 * A clock that stands still while this process does.
 *
 * On a virtual or shared machine a process may lose its core for milliseconds, and the stall of a
 * load generator looks exactly like a stall of the server it watches. A process that spins reads the
 * clock every few microseconds: a long gap between two readings is its own, and is left out.
 */
import { performance } from "node:perf_hooks";

/** Longer than any turn of a load process that is not disturbed. */
const STALL_MS = 0.25;

/** Milliseconds during which this process ran; to be read at every turn of the loop. */
export class WakefulClock {
  #stalledMs = 0;
  #lastMs = performance.now();

  /** The time. Only differences mean something. */
  now(): number {
    const nowMs = performance.now();
    const gapMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (gapMs > STALL_MS) this.#stalledMs += gapMs;
    return nowMs - this.#stalledMs;
  }
}
