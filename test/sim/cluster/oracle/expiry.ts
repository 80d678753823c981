/**
 * 16. No delivery later than TTL + clock bound after creation; ids reused never.
 *
 * What is left of a life travels as a span of time, so every way adds to it; how long a way may take is
 * only known when nothing is wrong. That no id is given twice is seen by the ledger.
 */
import type { ClusterWorld } from "../cluster-world.ts";
import type { DeliveryNote, Story } from "../story.ts";
import { driftMs, roundTripMs } from "./bounds.ts";
import type { SeenJob } from "./checker.ts";
import { type Checker, Violation } from "./checker.ts";

/** A job changes hands so often at most before a life ends. */
const HANDS = 10;

/** Looks at the age and the contents of every delivered job. */
export class Expiry implements Checker {
  readonly name = "16 expiry";
  readonly #cluster: ClusterWorld;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  delivered(story: Story, _delivery: DeliveryNote, seen: SeenJob): void {
    const { weather, world } = this.#cluster;
    if (seen.queue !== story.queue || seen.body !== story.body) {
      throw new Violation(this.name, "delivered with another body or queue", story.id);
    }
    if (!weather.isCalmSince(story.addedAtMs)) return;
    world.mark(`checked: ${this.name}`);
    const lateMs = world.nowMs - story.expiresAtMs;
    const boundMs = driftMs(story.expiresAtMs - story.addedAtMs);
    if (lateMs <= boundMs + HANDS * roundTripMs(world.config)) return;
    throw new Violation(this.name, `delivered ${lateMs.toFixed(0)} ms after its TTL`, story.id);
  }
}
