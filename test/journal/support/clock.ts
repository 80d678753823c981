/**
 * Two clocks and a source of chance for brokers whose log is tested: nothing moves by itself.
 *
 * A node that comes back has another monotonic clock, and a wall clock that went on or was set.
 */
import type { Host } from "../../../src/core/host.ts";
import { Xorshift } from "../../../src/util/xorshift.ts";

/** Wall clock at the start: 2026-01-01. */
export const START_WALL_MS = 1_767_225_600_000;

/** A world that stands still until a test moves it. */
export class FakeClock implements Host {
  nowMs: number;
  wallMs: number;
  readonly #random: Xorshift;

  constructor(seed = 1, nowMs = 1_000_000, wallMs = START_WALL_MS) {
    this.#random = new Xorshift(seed);
    this.nowMs = nowMs;
    this.wallMs = wallMs;
  }

  /** Both clocks go on. */
  pass(ms: number): void {
    this.nowMs += ms;
    this.wallMs += ms;
  }

  randomWord(): number {
    return this.#random.word();
  }
}
