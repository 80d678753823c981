/**
 * 3. Without failures, at every instant at most one node holds the job deliverable (queued, or in a
 *    push, or in a borrowed queue); never queued and leased at the same time on different nodes with
 *    equal epoch.
 *
 * And when failures are over, holders agree again: exactly one of them is its keeper.
 */
import type { ClusterWorld } from "../cluster-world.ts";
import { type Copy, isLiveRole, type Story, settledHoldersOf } from "../story.ts";
import { driftMs, roundTripMs } from "./bounds.ts";
import { type Checker, Violation } from "./checker.ts";
import { mayBeExpired } from "./no-loss.ts";

/** Takeovers wait for silence, for RETRY, and for those before them. */
const AGREEMENT_MS = 5000;

/** Looks at who has a job to give away. */
export class SingleQueue implements Checker {
  readonly name = "3 single queue";
  readonly #cluster: ClusterWorld;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  copyChanged(story: Story): void {
    if (story.copies.size > 1) this.#judge(story);
  }

  looked(): void {
    for (const story of this.#cluster.ledger.open) if (story.copies.size > 1) this.#judge(story);
  }

  lookedClosely(): void {
    const { ledger, weather, world } = this.#cluster;
    for (const story of ledger.open) {
      const isDone = story.ackedAtMs !== undefined || story.failedAtMs !== undefined;
      if (isDone || story.isMeddledWith || mayBeExpired(story, world.nowMs)) continue;
      if (story.replicatedAtMs === undefined) continue;
      if (weather.calmForMs < AGREEMENT_MS + story.retryMs + world.config.nodeTimeoutMs) continue;
      const copies = [...story.copies.values()];
      const keepers = settledHoldersOf(story).filter(({ role }) => role === "own");
      // Whoever has just become keeper tells the others.
      const changedAtMs = Math.max(story.lastVerbAtMs, ...copies.map((copy) => copy.changedAtMs));
      if (keepers.length !== 1 && world.nowMs - changedAtMs < this.#verbMs) continue;
      world.mark(`checked: ${this.name}, one keeper`);
      const isMoving = keepers.length === 0 && story.retryMs === 0;
      if (keepers.length === 1 || story.copies.size === 0 || isMoving) continue;
      const names = keepers.map(({ process }) => process.name).join(", ");
      throw new Violation(this.name, `${keepers.length} keepers: ${names}`, story.id);
    }
  }

  get #verbMs(): number {
    return 2 * roundTripMs(this.#cluster.world.config);
  }

  #judge(story: Story): void {
    const { weather, world } = this.#cluster;
    if (!weather.isCalmSince(story.addedAtMs)) return;
    // What clients ask of others than the keeper has to get there.
    if (world.nowMs - story.lastVerbAtMs < this.#verbMs || story.ackedAtMs !== undefined) return;
    world.mark(`checked: ${this.name}`);
    const live = [...story.copies.values()].filter(({ role }) => isLiveRole(role));
    const queued = live.filter(({ isDeliverable }) => isDeliverable);
    if (queued.length > 1) {
      const names = queued.map(({ process }) => process.name).join(", ");
      throw new Violation(this.name, `queued on ${names}`, story.id);
    }
    const [first] = queued;
    if (first === undefined) return;
    for (const other of live) {
      if (other === first || other.epoch !== first.epoch || !isSurelyLeased(other)) continue;
      throw new Violation(
        this.name,
        `queued on ${first.process.name}, leased on ${other.process.name}`,
        story.id,
      );
    }
  }
}

/** Not only because its end has not been noticed yet. */
function isSurelyLeased({ isLeased, dueAtMs, process, changedAtMs }: Copy): boolean {
  const { config, nowMs } = process.world;
  const leftMs = dueAtMs - process.clock.monotonicMsAt(nowMs);
  const slackMs = driftMs(nowMs - changedAtMs) + roundTripMs(config);
  return isLeased && leftMs > slackMs && dueAtMs < Number.POSITIVE_INFINITY;
}
