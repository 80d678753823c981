/**
 * Which jobs this node has lately given to another one for good, and to whom.
 *
 * Somebody who looks for the job of an acknowledgement may have asked the new keeper just before it had
 * the job, and asks here just after it is gone. So ids are remembered for longer than messages travel.
 * A job that is delivered at most once may move on several times while an acknowledgement follows it.
 * Not all of them at all costs: who drains a million jobs remembers the last ones.
 */
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import type { JobsWorld } from "../jobs-world.ts";

const REMEMBERED_MS = 10_000;
const REMEMBERED_MAX = 20_000;
/** A random word of the id. */
const KEY_WORD = 3;

interface Gift {
  readonly id: Int32Array;
  readonly node: number;
  readonly atMs: number;
}

/** Remembers gifts. */
export class GivenAway {
  readonly #world: JobsWorld;
  /** Oldest first, by a word of the id. */
  readonly #gifts = new Map<number, Gift>();

  constructor(world: JobsWorld) {
    this.#world = world;
  }

  /** That node has the job now. */
  remember(id: Int32Array, node: number): void {
    const key = id[KEY_WORD] as number;
    this.#gifts.delete(key);
    this.#gifts.set(key, { id: id.slice(0, JOB_ID_WORDS), node, atMs: this.#world.host.nowMs });
    this.#forgetOld();
  }

  /** Who was given the job lately, or -1. */
  nodeOf(id: Int32Array): number {
    if (this.#gifts.size === 0) return -1;
    this.#forgetOld();
    const gift = this.#gifts.get(id[KEY_WORD] as number);
    return gift?.id.every((word, at) => word === id[at]) ? gift.node : -1;
  }

  /** Nothing that node was given is there any more. */
  forgetNode(node: number): void {
    for (const [key, gift] of this.#gifts) if (gift.node === node) this.#gifts.delete(key);
  }

  #forgetOld(): void {
    const oldestMs = this.#world.host.nowMs - REMEMBERED_MS;
    for (const [key, { atMs }] of this.#gifts) {
      if (atMs >= oldestMs && this.#gifts.size <= REMEMBERED_MAX) return;
      this.#gifts.delete(key);
    }
  }
}
