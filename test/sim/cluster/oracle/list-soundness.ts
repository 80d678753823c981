/**
 * 8. Every node holding a copy is in the list of every reachable holder within one round trip after
 *    quiescence.
 */
import type { ClusterWorld } from "../cluster-world.ts";
import { holdersOf, type Story } from "../story.ts";
import { roundTripMs } from "./bounds.ts";
import { type Checker, Violation } from "./checker.ts";

/** Links that are back have something to tell first. */
const QUIET_MS = 2000;

/** Compares lists with copies. */
export class ListSoundness implements Checker {
  readonly name = "8 list soundness";
  readonly #cluster: ClusterWorld;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  lookedClosely(): void {
    const { ledger, weather, world } = this.#cluster;
    const quietMs = QUIET_MS + 3 * roundTripMs(world.config);
    if (weather.calmForMs < quietMs) return;
    for (const story of ledger.open) {
      const isDone = story.ackedAtMs !== undefined || story.failedAtMs !== undefined;
      if (isDone || story.isMeddledWith || story.replicatedAtMs === undefined) continue;
      if (story.expiresAtMs - world.nowMs < QUIET_MS) continue;
      if (world.nowMs - story.replicatedAtMs < quietMs) continue;
      this.#judge(story, quietMs);
    }
  }

  #judge(story: Story, quietMs: number): void {
    const { world } = this.#cluster;
    const holders = holdersOf(story);
    // Repair and takeovers change lists in any weather.
    if (holders.some(({ changedAtMs }) => world.nowMs - changedAtMs < quietMs)) return;
    world.mark(`checked: ${this.name}`);
    for (const { process, holders: listed } of holders) {
      for (const other of holders) {
        if (listed.includes(other.process.nodeId)) continue;
        const facts = `${process.name} does not list ${other.process.name}`;
        throw new Violation(this.name, facts, story.id);
      }
    }
  }
}
