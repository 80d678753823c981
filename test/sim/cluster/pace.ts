/**
 * How fast a simulated process takes its turns: as it likes, or slowly, or not at all for a while.
 *
 * Whoever was slow is a stranger for a moment longer: what others said meanwhile has piled up, and they
 * have not heard of it again. That moment counts as bad weather, too.
 */
import { roundTripMs } from "./oracle/bounds.ts";
import type { World } from "./world.ts";

/** What keeps a process from its turns. */
export class Pace {
  /** It takes no turn before that, true ms. */
  stoppedUntilMs = 0;
  /** Its next turn takes so long between what arrives and what is said. */
  slownessMs = 0;
  readonly #world: World;
  #sluggishUntilMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  get isStopped(): boolean {
    return this.stoppedUntilMs > this.#world.nowMs;
  }

  /** It is slow or stopped, or was so a moment ago. */
  get isSluggish(): boolean {
    return this.slownessMs > 0 || this.#world.nowMs < this.#sluggishUntilMs;
  }

  /** It takes no turns for so long. */
  stop(forMs: number): void {
    this.stoppedUntilMs = Math.max(this.stoppedUntilMs, this.#world.nowMs + forMs);
    this.#lag(forMs);
  }

  /** A turn begins: how long it is to take. */
  begin(): number {
    const { slownessMs } = this;
    this.slownessMs = 0;
    if (slownessMs > 0) this.#lag(slownessMs);
    return slownessMs;
  }

  #lag(forMs: number): void {
    const untilMs = this.#world.nowMs + forMs + roundTripMs(this.#world.config);
    this.#sluggishUntilMs = Math.max(this.#sluggishUntilMs, untilMs);
  }
}
