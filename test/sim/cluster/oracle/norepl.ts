/**
 * 11. After a NOREPL reply and heal, no copy survives past one reconnect; deliveries of such jobs happen
 *     only if a holder was cut off the whole time.
 *
 * Nothing can be done when the node that has promised it loses its memory first, nor when a job
 * that was gone is back with a log that has lost its end: for all that the node can know, it was accepted.
 */
import type { ClusterWorld } from "../cluster-world.ts";
import type { Story } from "../story.ts";
import { type Checker, Violation } from "./checker.ts";

const CALM_MS = 5000;

/** Looks for what is left of jobs that were refused to their producers. */
export class NoReplMeansNo implements Checker {
  readonly name = "11 NOREPL means no";
  readonly #cluster: ClusterWorld;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  delivered(story: Story): void {
    if (story.failedAtMs === undefined) return;
    const { weather, world } = this.#cluster;
    world.mark("delivered after NOREPL");
    if (!weather.isCalmSince(story.addedAtMs)) return;
    throw new Violation(this.name, "delivered though nobody was cut off", story.id);
  }

  lookedClosely(): void {
    const { ledger, weather, world } = this.#cluster;
    if (weather.calmForMs < CALM_MS) return;
    for (const story of ledger.open) {
      const isBack = story.isTorn && story.isMeddledWith;
      if (story.failedAtMs === undefined || story.isOriginLost || isBack) continue;
      if (world.nowMs - story.failedAtMs < CALM_MS || ledger.membersForgotten > 0) continue;
      world.mark(`checked: ${this.name}`);
      // An ACKJOB of its id is looked for like that of any other job that is not known.
      const copy = [...story.copies.values()].find(
        ({ sinceMs }) => world.nowMs - sinceMs >= CALM_MS,
      );
      if (copy === undefined) continue;
      throw new Violation(this.name, `${copy.role} left on ${copy.process.name}`, story.id);
    }
  }

  /** Those that are gone have passed, too. */
  copyGone(story: Story): void {
    if (story.failedAtMs === undefined || story.copies.size > 0) return;
    this.#cluster.world.mark(`checked: ${this.name}`);
  }
}
