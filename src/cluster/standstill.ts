/**
 * A process that stood still: stopped by a signal, with its container, or by work of its own. One that starts again
 * with jobs from its log has stood still since the one before it ended.
 *
 * When it goes on the others have given it up, or are about to: its jobs were taken over, handed out and acknowledged,
 * and what it was sent before waits in front of the news of that. So what comes in this turn is old, all links end with
 * it, and for a moment, in which others are linked anew and say what has happened, nothing is handed out and no lease
 * ends here. Who is alone waits that moment, too, and no longer: a node that is cut off serves what it has.
 */
import type { Broker } from "../core/broker.ts";
import type { Host } from "../core/host.ts";
import type { Membership } from "./members/membership.ts";

/** The moment: so long, or a quarter of the node timeout. */
const CLOSED_MS_MAX = 1000;

type Watched = Pick<Membership, "nodeTimeoutMs" | "nextWakeAtMs" | "size" | "begin">;

/** Notices it. */
export class Standstill {
  #isOver = false;
  /** Before the first turn a node was loading what it had. */
  #hasBegun = false;
  readonly #host: Host;
  readonly #membership: Watched;
  readonly #broker: Broker;

  constructor(host: Host, membership: Watched, broker: Broker) {
    this.#host = host;
    this.#membership = membership;
    this.#broker = broker;
  }

  /** It was noticed in this turn. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Others can be heard from now on, and are before what was loaded is handed out. */
  processBegan(): void {
    this.#membership.begin();
    if (this.#membership.size > 1 && this.#broker.jobs.count > 0) this.#close();
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
    this.#close();
  }

  #close(): void {
    const closedMs = Math.min(CLOSED_MS_MAX, this.#membership.nodeTimeoutMs / 4);
    this.#broker.serving.close(this.#host.nowMs + closedMs);
  }
}
