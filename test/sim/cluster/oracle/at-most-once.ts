/**
 * 2. RETRY-0 jobs are handed to clients at most once in any run; and exactly once in failure-free runs
 *    with a consumer.
 */
import type { ClusterWorld } from "../cluster-world.ts";
import type { DeliveryNote, Story } from "../story.ts";
import { type Checker, Violation } from "./checker.ts";

/** Counts deliveries of jobs that may be delivered once. */
export class AtMostOnce implements Checker {
  readonly name = "2 at most once";
  readonly #cluster: ClusterWorld;
  readonly #once: Story[] = [];

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  added(story: Story): void {
    if (story.retryMs === 0) this.#once.push(story);
  }

  delivered(story: Story, _delivery: DeliveryNote): void {
    if (story.retryMs > 0) return;
    this.#cluster.world.mark(`checked: ${this.name}`);
    const before = story.deliveries.find(({ isReturned }) => !isReturned);
    if (before === undefined) return;
    throw new Violation(this.name, `delivered again, first on ${before.process.name}`, story.id);
  }

  ended(): void {
    const { world, weather } = this.#cluster;
    for (const story of this.#once) {
      const isFree = weather.isCalmSince(story.addedAtMs);
      if (!isFree || story.isMeddledWith || story.expiresAtMs <= world.nowMs) continue;
      if (story.replicatedAtMs === undefined) continue;
      world.mark(`checked: ${this.name}, exactly`);
      // It may be acknowledged by somebody who knows its id from before.
      const isDone = story.ackedAtMs !== undefined;
      if (isDone || story.deliveries.some(({ isReturned }) => !isReturned)) continue;
      throw new Violation(this.name, "never delivered", story.id);
    }
  }
}
