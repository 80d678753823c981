/**
 * 13. A leaving node drains to zero registered jobs without consumers, copies per job never below R on
 *     the others.
 *
 * That it comes to an end is seen to by whoever waits for it (operations.ts). Here: whenever it gives a
 * copy away with nothing else going on, the others have R. Who has just begun to leave has what was on its way
 * there, and gives it away as well.
 */
import type { ClusterWorld } from "../cluster-world.ts";
import type { SimProcess } from "../process.ts";
import { type Copy, holdersOf, isHoldingRole, type Story } from "../story.ts";
import { type Checker, Violation } from "./checker.ts";
import { isOver } from "./no-loss.ts";

/** Nothing else has happened for so long. */
const QUIET_MS = 1000;

/** Counts the copies of others when a leaving node drops its own. */
export class Leaving implements Checker {
  readonly name = "13 leaving";
  readonly #cluster: ClusterWorld;
  readonly #sinceMs = new Map<SimProcess, number>();

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  turnEnded(process: SimProcess): void {
    if (!process.broker.isLeaving) this.#sinceMs.delete(process);
    else if (!this.#sinceMs.has(process)) this.#sinceMs.set(process, this.#cluster.world.nowMs);
  }

  copyGone(story: Story, copy: Copy, isLost: boolean): void {
    const { weather, world, running } = this.#cluster;
    if (isLost || !copy.process.broker.isLeaving || !isHoldingRole(copy.role)) return;
    if (story.replicatedAtMs === undefined || isOver(this.#cluster, story)) return;
    if (weather.calmButLeavingForMs < QUIET_MS || story.losses > 0) return;
    // It counts as delivered, and nobody needs it any more.
    if (story.retryMs === 0 && story.isTorn) return;
    // Nodes that never met are other clusters.
    const { membership } = copy.process.cluster;
    const staying = running.filter(
      ({ broker }) => !broker.isLeaving && membership.member(broker.nodeId) !== undefined,
    ).length;
    const others = holdersOf(story).filter(
      ({ process }) => process !== copy.process && !this.#isLongLeaving(process),
    ).length;
    world.mark(`checked: ${this.name}`);
    if (others >= Math.min(story.replicate, staying)) return;
    throw new Violation(this.name, `${others} copies are left on others`, story.id);
  }

  #isLongLeaving(process: SimProcess): boolean {
    const sinceMs = this.#sinceMs.get(process) ?? this.#cluster.world.nowMs;
    return process.broker.isLeaving && this.#cluster.world.nowMs - sinceMs >= QUIET_MS;
  }
}
