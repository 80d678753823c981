/**
 * 1. A job acknowledged by ADDJOB with factor R is deliverable until acked, expired or deleted, in every
 *    run in which fewer than R of its holders lose their memory before repair restored R.
 *
 * The census counts the memories that were lost while there were fewer than R copies. When the last
 * copy is gone and too few were lost, somebody has dropped it. An id is only answered when R copies are
 * there, those counted that were lost meanwhile.
 */
import type { Message } from "../../../../src/cluster/messages.ts";
import type { ClusterWorld } from "../cluster-world.ts";
import type { SimProcess } from "../process.ts";
import { type Copy, hasLiveCopy, holdersOf, type Story } from "../story.ts";
import { driftMs } from "./bounds.ts";
import { type Checker, Violation } from "./checker.ts";

/** Watches the copies of acknowledged jobs. */
export class NoLoss implements Checker {
  readonly name = "1 no loss";
  readonly #cluster: ClusterWorld;
  #answered: Story[] = [];
  /** Who has sent jobs to others in this turn, which no census has seen yet. */
  #sender: SimProcess | undefined;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  addEnded(story: Story): void {
    if (story.failedAtMs === undefined && !story.isAsync) this.#answered.push(story);
  }

  sent(process: SimProcess, { type }: Message): void {
    if (type === "push" || type === "keep") this.#sender = process;
  }

  /** The origin's own copy is in the census only now. */
  turnEnded(process: SimProcess): void {
    this.#sender = undefined;
    if (this.#answered.length === 0) return;
    for (const story of this.#answered) if (story.origin === process) this.#countCopies(story);
    this.#answered = this.#answered.filter((story) => story.origin !== process);
  }

  copyGone(story: Story, copy: Copy): void {
    if (story.replicatedAtMs === undefined || hasLiveCopy(story) || isOver(this.#cluster, story))
      return;
    const isLossPossible = story.isLossExcused || (story.isAsync && story.losses > 0);
    if (isLossPossible) {
      this.#cluster.world.mark("lost with all its copies");
      return;
    }
    // On its way to another node it is only ever in one memory, and rather lost than given out twice.
    const { weather } = this.#cluster;
    const isOnItsWay = copy.isLent || this.#sender === copy.process;
    if (story.retryMs === 0 && isOnItsWay && !weather.isCalmSince(copy.changedAtMs)) return;
    throw new Violation(this.name, `gone, with ${story.losses} holders lost`, story.id);
  }

  #countCopies(story: Story): void {
    const { world } = this.#cluster;
    if (isOver(this.#cluster, story) || story.isLossExcused) return;
    world.mark(`checked: ${this.name}`);
    const copies = holdersOf(story).length;
    if (copies + story.losses >= story.replicate) return;
    throw new Violation(this.name, `answered with ${copies} copies`, story.id);
  }
}

/** Whether nobody has a right to the job any more. */
export function isOver({ world }: ClusterWorld, story: Story): boolean {
  const { ackedAtMs, failedAtMs, isMeddledWith } = story;
  const isSpent = story.retryMs === 0 && story.deliveries.length > 0;
  const isDone = ackedAtMs !== undefined || failedAtMs !== undefined;
  return isDone || isMeddledWith || isSpent || mayBeExpired(story, world.nowMs);
}

/** Whether its TTL is over on some clock. */
export function mayBeExpired({ expiresAtMs, addedAtMs }: Story, nowMs: number): boolean {
  return nowMs >= expiresAtMs - driftMs(expiresAtMs - addedAtMs);
}
