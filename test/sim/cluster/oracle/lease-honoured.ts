/**
 * 4. Without failures no redelivery earlier than RETRY after the last delivery/WORKING; none at all if
 *    acked before. Nor is a job delivered before its DELAY.
 */
import type { ClusterWorld } from "../cluster-world.ts";
import type { Story } from "../story.ts";
import { driftMs, roundTripMs } from "./bounds.ts";
import { type Checker, Violation } from "./checker.ts";

/** Looks at the moment of every delivery. */
export class LeaseHonoured implements Checker {
  readonly name = "4 lease honoured";
  readonly #cluster: ClusterWorld;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  delivered(story: Story): void {
    const { weather, world } = this.#cluster;
    // DELJOB takes the keeper's lease away with its copy.
    if (!weather.isCalmSince(story.addedAtMs) || story.isMeddledWith) return;
    const wayMs = roundTripMs(world.config);
    world.mark(`checked: ${this.name}`);
    // Nobody looks everywhere for a job that may be delivered once.
    const isAcked = story.ackedAtMs !== undefined && (story.hasSureAck || story.retryMs > 0);
    if (isAcked && world.nowMs > (story.ackedAtMs ?? 0) + wayMs) {
      throw new Violation(this.name, "delivered after it was acknowledged", story.id);
    }
    if (story.retryMs === 0) return;
    const earlyMs = this.#notBeforeMs(story) - world.nowMs;
    if (earlyMs <= driftMs(story.retryMs + story.delayMs)) return;
    const what = story.deliveries.length === 0 ? "its DELAY, or RETRY after WORKING" : "RETRY";
    throw new Violation(this.name, `delivered ${earlyMs.toFixed(0)} ms before ${what}`, story.id);
  }

  /**
   * WORKING postpones nothing before it is heard. Said at a node that is not the keeper it is on its way to that
   * one, and then to whoever has borrowed the job; what is handed out there meanwhile was not taken from anybody.
   */
  #notBeforeMs({ notBeforeMs, worked }: Story): number {
    const { world } = this.#cluster;
    const isUnheard = worked !== undefined && world.nowMs - worked.atMs < roundTripMs(world.config);
    return isUnheard ? Math.min(notBeforeMs, worked.notBeforeMs) : notBeforeMs;
  }
}
