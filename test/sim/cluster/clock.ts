/**
 * The clocks of one simulated process, and its chance.
 *
 * The world has one true time that nobody in it sees. A process counts whole milliseconds from a start
 * of its own, a little too fast or too slow; its wall clock is its machine's, and may be wrong by days.
 * Both only move when a turn begins or ends.
 */
import type { Host } from "../../../src/core/host.ts";
import type { Xorshift } from "../../../src/util/xorshift.ts";

const WALL_START_MS = 1_700_000_000_000;
const TINY_MS = 1e-6;

/** What a process sees of time and chance. */
export class NodeClock implements Host {
  nowMs: number;
  wallMs = WALL_START_MS;
  /** What the wall clock would show if it were right. */
  rightWallMs = WALL_START_MS;
  /** How far the wall clock is off. */
  wallErrorMs: number;
  readonly #random: Xorshift;
  readonly #bootMs: number;
  readonly #startMs: number;
  readonly #rate: number;

  /** @param rate monotonic ms a true ms, near 1 */
  constructor(random: Xorshift, bootMs: number, rate: number, wallErrorMs: number) {
    this.#random = random;
    this.#bootMs = bootMs;
    this.#startMs = 1000 + random.below(1_000_000);
    this.#rate = rate;
    this.wallErrorMs = wallErrorMs;
    this.nowMs = this.#startMs;
    this.refresh(bootMs);
  }

  randomWord(): number {
    return this.#random.word();
  }

  /** Reads the clocks at a moment of true time. */
  refresh(worldMs: number): void {
    this.nowMs = Math.max(this.nowMs, this.#at(worldMs));
    this.rightWallMs = Math.floor(WALL_START_MS + worldMs);
    this.wallMs = Math.floor(WALL_START_MS + this.wallErrorMs + worldMs);
  }

  /** What the monotonic clock would show at a moment of true time. */
  monotonicMsAt(worldMs: number): number {
    return this.#at(worldMs);
  }

  /** True time at which the monotonic clock shows at least that; Infinity for Infinity. */
  worldMsOf(nodeMs: number): number {
    if (nodeMs === Number.POSITIVE_INFINITY) return nodeMs;
    let worldMs = this.#bootMs + (nodeMs - this.#startMs) / this.#rate;
    while (this.#at(worldMs) < nodeMs) worldMs += TINY_MS;
    return worldMs;
  }

  #at(worldMs: number): number {
    return Math.floor(this.#startMs + (worldMs - this.#bootMs) * this.#rate);
  }
}
