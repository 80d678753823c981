/**
 * 5. After ACKJOB returned and all members were mutually connected for T = 5 s, no copy, borrowed entry,
 *    tombstone or dummy exists anywhere; no delivery happens after every holder processed the ack.
 *
 * Nor does a record that says "acknowledged" ever become one that can be delivered.
 */
import type { ClusterWorld } from "../cluster-world.ts";
import type { SimProcess } from "../process.ts";
import type { Copy, DeliveryNote, Story } from "../story.ts";
import { type Checker, Violation } from "./checker.ts";

const CALM_MS = 5000;

/** Looks for what is left of acknowledged jobs. */
export class AckFinal implements Checker {
  readonly name = "5 ack final";
  readonly #cluster: ClusterWorld;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  copyChanged(story: Story, copy: Copy, before: Copy["role"] | undefined): void {
    if (before !== "tombstone" && before !== "dummy") return;
    if (copy.role === "tombstone" || copy.role === "dummy") return;
    throw new Violation(this.name, `${copy.process.name} knew it as acknowledged`, story.id);
  }

  /** Those that are gone have passed, too. */
  copyGone(story: Story): void {
    if (story.ackedAtMs === undefined || story.copies.size > 0) return;
    const { world, weather } = this.#cluster;
    if (weather.isCalmSince(story.ackedAtMs)) world.mark(`checked: ${this.name}`);
  }

  delivered(story: Story, { process }: DeliveryNote): void {
    const { ledger, world } = this.#cluster;
    if (story.deadSinceMs === undefined || !story.hasSureAck) return;
    world.mark(`checked: ${this.name}, no delivery`);
    if (story.isAckExcused || ledger.membersForgotten > 0) return;
    if (this.#isRecallUnderWay(story, process)) return;
    throw new Violation(this.name, "delivered though all memory of it was gone", story.id);
  }

  /**
   * It was pushed before, and its recall is still behind it: a gap that is known (ARCHITECTURE.md). Who had lent it
   * has said that before it forgot the job, over a link that ends when nothing comes for as long as the timeout.
   */
  #isRecallUnderWay({ copies, addedAtMs, deadSinceMs = 0 }: Story, process: SimProcess): boolean {
    const { weather, world } = this.#cluster;
    if (weather.isCalmSince(addedAtMs)) return false;
    const copy = copies.get(process);
    if (copy === undefined) return true;
    return copy.role === "borrowed" && world.nowMs < deadSinceMs + world.config.nodeTimeoutMs;
  }

  lookedClosely(): void {
    const { ledger, weather, world } = this.#cluster;
    if (weather.calmForMs < CALM_MS) return;
    for (const story of ledger.open) {
      const { ackedAtMs } = story;
      if (ackedAtMs === undefined || !story.hasSureAck) continue;
      if (world.nowMs - story.lastAckAtMs < CALM_MS) continue;
      const isCalmAck = weather.isCalmSince(ackedAtMs);
      if (isCalmAck) world.mark(`checked: ${this.name}`);
      const [copy] = [...story.copies.values()].filter(
        ({ role }) => isCalmAck || role === "tombstone" || role === "dummy",
      );
      if (copy === undefined) continue;
      throw new Violation(this.name, `${copy.role} left on ${copy.process.name}`, story.id);
    }
  }
}
