/**
 * 6. An ACK accepted anywhere while holders are unreachable is applied when they return before expiry
 *    (no dummy annihilation; two, three or all other nodes may have been told).
 *
 * It does not apply when everybody who knew of it has lost his memory first, when a member was
 * forgotten (that counts as its word), to RETRY-0 jobs acknowledged where they never were, or to others
 * acknowledged where they are not known by a node that knows nobody whom it could ask.
 */
import type { ClusterWorld } from "../cluster-world.ts";
import type { SimProcess } from "../process.ts";
import { hasLiveCopy, type Story } from "../story.ts";
import { type Checker, Violation } from "./checker.ts";

const CALM_MS = 5000;

/** Looks at jobs acknowledged in bad weather, when it is over. */
export class AckNotForgotten implements Checker {
  readonly name = "6 ack not forgotten";
  readonly #cluster: ClusterWorld;
  readonly #pending = new Set<Story>();

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  asked(story: Story, verb: string, { cluster }: SimProcess, answer: boolean): void {
    const { weather } = this.#cluster;
    if (!answer && cluster.membership.size === 1) return;
    const isAck = verb === "ack" || verb === "fastack";
    if (isAck && weather.calmSinceMs === Number.POSITIVE_INFINITY) this.#pending.add(story);
  }

  lookedClosely(): void {
    const { ledger, weather, world } = this.#cluster;
    if (weather.calmForMs < CALM_MS || this.#pending.size === 0) return;
    for (const story of this.#pending) {
      const isOnce = story.retryMs === 0;
      if (!story.hasSureAck || story.isAckExcused || isOnce || ledger.membersForgotten > 0)
        continue;
      world.mark(`checked: ${this.name}`);
      if (!hasLiveCopy(story)) continue;
      throw new Violation(this.name, "a copy outlives its acknowledgement", story.id);
    }
    this.#pending.clear();
  }
}
