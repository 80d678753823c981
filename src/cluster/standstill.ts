/**
 * A process that stood still: stopped by a signal, with its machine, or by work of its own.
 *
 * When it goes on the others have given it up, or are about to: its jobs were taken over, handed out and acknowledged,
 * and what it was sent before waits in front of the news of that. So what comes in this turn is old, all links end with
 * it, and for a moment, in which others are linked anew and say what has happened, nothing is handed out and no lease
 * ends here. Who is alone waits that moment, too, and no longer: a node that is cut off serves what it has.
 */
import type { Host } from "../core/host.ts";
import type { Serving } from "../core/serving.ts";
import type { Membership } from "./members/membership.ts";

/** The moment: so long, or a quarter of the node timeout. */
const CLOSED_MS_MAX = 1000;

/** Notices it. */
export class Standstill {
  #isOver = false;
  /** Before the first turn a node was loading what it had. */
  #hasBegun = false;
  readonly #host: Host;
  readonly #membership: Pick<Membership, "nodeTimeoutMs" | "nextWakeAtMs" | "size">;
  readonly #serving: Serving;

  constructor(
    host: Host,
    membership: Pick<Membership, "nodeTimeoutMs" | "nextWakeAtMs" | "size">,
    serving: Serving,
  ) {
    this.#host = host;
    this.#membership = membership;
    this.#serving = serving;
  }

  /** It was noticed in this turn. */
  get isOver(): boolean {
    return this.#isOver;
  }

  turnEnded(): void {
    this.#isOver = false;
    this.#hasBegun = true;
  }

  /** The clock was read, and nothing was done since. */
  notice(): void {
    const { nodeTimeoutMs, nextWakeAtMs, size } = this.#membership;
    const { nowMs } = this.#host;
    // Heartbeats are due all the time: nothing but a process that does not run makes them late.
    const isLate = nowMs - nextWakeAtMs >= nodeTimeoutMs / 2;
    if (!this.#hasBegun || size === 1 || !isLate) return;
    this.#isOver = true;
    this.#serving.close(nowMs + Math.min(CLOSED_MS_MAX, nodeTimeoutMs / 4));
  }
}
