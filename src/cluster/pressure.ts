/**
 * Tells the others when this node is short of memory, so that new copies go elsewhere first.
 *
 * Above 75 % of maxmemory a node comes last in every choice of holders, its own included (architecture,
 * "memory"). A node at the border would cross it with every job, so that it is said at most once a
 * second; what is said last is true.
 */
import type { Broker } from "../core/broker.ts";
import type { Host } from "../core/host.ts";

const SAID_EVERY_MS = 1000;
/** From this level of memory on (core/memory.ts). */
const PRESSURE_LEVEL = 1;

/** Whether this node is short of memory, as the others know it. */
export class Pressure {
  /** What was said last. */
  isPressured = false;
  readonly #host: Host;
  readonly #broker: Broker;
  #saidAtMs = Number.NEGATIVE_INFINITY;

  constructor(host: Host, broker: Broker) {
    this.#host = host;
    this.#broker = broker;
  }

  /** True when it is something else than what was said last, and may be said now. */
  changes(): boolean {
    const { memory } = this.#broker;
    const isPressured = memory.maxBytes > 0 && memory.level >= PRESSURE_LEVEL;
    if (isPressured === this.isPressured) return false;
    if (this.#host.nowMs - this.#saidAtMs < SAID_EVERY_MS) return false;
    this.isPressured = isPressured;
    this.#saidAtMs = this.#host.nowMs;
    return true;
  }
}
