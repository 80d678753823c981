/**
 * 3, 7, 8. Where nothing has happened for long, nodes agree on every job, though some are away or leave: one
 *    that has a copy keeps it, all others take that one for the keeper and have all copies in their lists, and
 *    there are no more than asked for.
 *
 * Other checkers look at this in a cluster that is whole. There nodes have started again or were forgotten, and
 * have asked each other about all that they have: a fault that only time would have to mend is mended by that.
 */
import type { ClusterWorld } from "../cluster-world.ts";
import { type Copy, holdersOf, type Story } from "../story.ts";
import { type Checker, Violation } from "./checker.ts";
import { isOver } from "./no-loss.ts";

/** Compares what holders think with what there is. */
export class Settled implements Checker {
  readonly name = "settled";
  readonly #cluster: ClusterWorld;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  settled(): void {
    const { ledger, world } = this.#cluster;
    for (const story of ledger.open) {
      if (story.replicatedAtMs === undefined || isOver(this.#cluster, story)) continue;
      // It moves to whoever waits for it, and is with nobody on its way.
      if (story.retryMs === 0) continue;
      const holders = holdersOf(story).filter(({ process }) => process.isAlive);
      if (holders.length === 0) continue;
      world.mark(`checked: ${this.name}`);
      this.#judgeKeepers(story, holders);
      this.#judgeLists(story, holders);
      this.#judgeCount(story, holders);
    }
  }

  #judgeKeepers(story: Story, holders: readonly Copy[]): void {
    const keepers = holders.filter(({ role }) => role === "own");
    if (keepers.length !== 1) {
      const names = keepers.map(({ process }) => process.name).join(", ");
      throw new Violation(this.name, `${keepers.length} keepers: ${names}`, story.id);
    }
    const keeperId = keepers[0]?.process.nodeId;
    for (const { process, holders: listed } of holders) {
      if (listed[0] === keeperId) continue;
      const facts = `${process.name} takes ${this.#cluster.nameOf(listed[0] ?? "")} for the keeper`;
      throw new Violation(this.name, facts, story.id);
    }
  }

  #judgeLists(story: Story, holders: readonly Copy[]): void {
    for (const { process, holders: listed } of holders) {
      for (const other of holders) {
        if (listed.includes(other.process.nodeId)) continue;
        const facts = `${process.name} does not list ${other.process.name}`;
        throw new Violation(this.name, facts, story.id);
      }
    }
  }

  /** Too few are a matter of repair.ts: who had no memory for one is asked again in a minute. */
  #judgeCount(story: Story, holders: readonly Copy[]): void {
    const staying = holders.filter(({ process }) => !process.broker.isLeaving).length;
    if (staying <= story.replicate) return;
    throw new Violation(this.name, `${staying} copies instead of ${story.replicate}`, story.id);
  }
}
