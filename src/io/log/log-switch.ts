/**
 * The switch of a log while the server runs: what the disk has to be told when it goes off or on.
 *
 * Off must be known before on begins, or a start would take the old log for current until the first pass of the
 * new one has ended. So both are here, and in this order.
 */
import { SwitchOff, type SwitchOffParts } from "./switch-off.ts";
import { SwitchOn, type SwitchOnParts } from "./switch-on.ts";

/** Of one log. */
export class LogSwitch {
  readonly #parts: SwitchOffParts;
  /** Until the disk knows that the log is off. */
  #off: SwitchOff | undefined;
  /** Until the first segment can be written. */
  #on: SwitchOn | undefined;

  /** @param parts may be those of anything larger */
  constructor({ folder, log, touch }: Omit<SwitchOffParts, "clock">, clock: { nowMs: number }) {
    this.#parts = { folder, log, touch, clock };
  }

  /** What is said must wait until the disk knows that the log is off. */
  get isHolding(): boolean {
    return this.#off?.isHolding === true;
  }

  /** It goes on, and nothing can be written yet. */
  get goingOn(): { readonly trouble: string } | undefined {
    return this.#on;
  }

  get isIdle(): boolean {
    return this.#off === undefined && this.#on === undefined;
  }

  /** @param isBroken the disk has failed already: nobody waits for it */
  turnOff(isBroken: boolean): void {
    this.#off = new SwitchOff(this.#parts, isBroken);
  }

  /** `open` begins to write when the folder is ready. Throws the reason why that cannot be. */
  turnOn(open: SwitchOnParts["open"]): void {
    if (this.#off?.isOver === false && !this.#off.isHolding) {
      throw new Error("the disk does not know yet that it was switched off");
    }
    this.#on = new SwitchOn({ ...this.#parts, open });
  }

  /** Nobody wants it on any more. */
  stopTurningOn(): void {
    this.#on?.stop();
    this.#on = undefined;
  }

  /** The end of a turn. Returns when the next one is needed (monotonic ms). */
  endTurn(): number {
    if (this.isIdle) return Number.POSITIVE_INFINITY;
    const offAtMs = this.#off?.endTurn() ?? Number.POSITIVE_INFINITY;
    if (this.#off?.isOver) this.#off = undefined;
    const onAtMs = this.#on?.endTurn(this.#off === undefined) ?? Number.POSITIVE_INFINITY;
    if (this.#on?.isOver) this.#on = undefined;
    return Math.min(offAtMs, onAtMs);
  }

  /** Does it all at once, and waits for the disk. Throws the system's error. */
  finishNow(): void {
    this.#off?.finishNow();
    this.#off = undefined;
    this.#on?.finishNow();
    this.#on = undefined;
  }
}
