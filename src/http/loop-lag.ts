/**
 * How late the event loop is: a timer notes by how much it was called later than it should.
 *
 * What keeps the loop busy keeps every client waiting, so this is what to look at first when ringq is
 * slow. Ten looks a second see every pause of 100 ms and one in ten of 10 ms.
 */
import { performance } from "node:perf_hooks";
import { LogHistogram } from "../util/log-histogram.ts";

const LOOK_MS = 100;

/** Looks while HTTP is served. */
export class LoopLag {
  readonly micros = new LogHistogram();
  #timer: NodeJS.Timeout | undefined;
  #expectedMs = 0;

  start(): void {
    this.#expectedMs = performance.now() + LOOK_MS;
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    this.micros.record((nowMs - this.#expectedMs) * 1000);
    this.#expectedMs = nowMs + LOOK_MS;
  }
}
