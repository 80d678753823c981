/**
 * Replications to be looked at again, because a node can be spoken to again or there may be more of them.
 *
 * There may be a replication for every client of this node, so that all of them in one turn would keep
 * everybody waiting: each reason is a walk over all, some thousands a turn. A walk begins anew when its
 * reason comes again, for those that it has passed.
 */
import { OWN_INDEX } from "../../nodes.ts";
import type { Replication, Replications } from "./replication.ts";

/** Replications visited in one turn, those not in use included. */
export const RETRY_VISITS_PER_TURN = 4096;
/** In place of a node: those replications are meant for which there are not enough nodes. */
export const ANY_NODE = OWN_INDEX;

/** The reason of a walk, and where it is. */
interface Walk {
  readonly node: number;
  /** The number of the next replication. */
  at: number;
}

/** All walks under way, one after the other. */
export class CopyRetries {
  #walks: Walk[] = [];

  get isIdle(): boolean {
    return this.#walks.length === 0;
  }

  /** All are to be looked at because of a node, or ANY_NODE. */
  begin(node: number): void {
    this.cancel(node);
    this.#walks.push({ node, at: 0 });
  }

  /** The reason is none any more. */
  cancel(node: number): void {
    this.#walks = this.#walks.filter((walk) => walk.node !== node);
  }

  /** Whether a walk because of it is not at its end. */
  isUnderWay(node: number): boolean {
    return this.#walks.some((walk) => walk.node === node);
  }

  /** Goes on; it may be told of no other reasons meanwhile. */
  proceed(all: Replications, visit: (replication: Replication, node: number) => void): void {
    let left = RETRY_VISITS_PER_TURN;
    while (left > 0) {
      const [walk] = this.#walks;
      if (walk === undefined) return;
      for (; left > 0 && walk.at < all.size; left--) {
        const replication = all.inUseAt(walk.at++);
        if (replication !== undefined) visit(replication, walk.node);
      }
      if (walk.at >= all.size) this.#walks.shift();
    }
  }

  clear(): void {
    this.#walks = [];
  }
}
