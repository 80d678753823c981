/**
 * A walk: the members of a ring in the order in which their tokens follow a key, each once.
 *
 * Every new job asks for its first two or three of perhaps fifty nodes. So a walk goes only as far
 * as it is asked to, remembers what it found, and is used again for the next key without allocating.
 */
import { NO_NODE, type Ring } from "./ring.ts";
import type { Hash64 } from "./ring-hash.ts";

/** A reusable walk; `start` comes before anything else. */
export class Walk {
  #ring: Ring | undefined;
  #position = 0;
  /** Slots found so far, in order. */
  #found = new Uint16Array(0);
  #foundCount = 0;
  /** By slot: the number of the last walk that met it. A double, so that it never comes round. */
  #metIn = new Float64Array(0);
  #walkNumber = 0;

  /** Begins at a key of a ring. */
  start(ring: Ring, key: Hash64): void {
    if (this.#found.length < ring.count) {
      this.#found = new Uint16Array(ring.count);
      this.#metIn = new Float64Array(ring.count);
    }
    this.#ring = ring;
    this.#position = ring.positionOf(key);
    this.#foundCount = 0;
    this.#walkNumber++;
  }

  /** The member that comes at `rank`, 0 for the first; NO_NODE beyond the last. */
  at(rank: number): number {
    const ring = this.#ring;
    if (ring === undefined || rank >= ring.count) return NO_NODE;
    while (this.#foundCount <= rank) this.#findNext(ring);
    return ring.nodes[this.#found[rank] as number] as number;
  }

  /** Ends, because every slot owns tokens and one is not met yet. */
  #findNext(ring: Ring): void {
    for (;;) {
      const slot = ring.owners[this.#position] as number;
      this.#position = this.#position + 1 === ring.owners.length ? 0 : this.#position + 1;
      if (this.#metIn[slot] === this.#walkNumber) continue;
      this.#metIn[slot] = this.#walkNumber;
      this.#found[this.#foundCount++] = slot;
      return;
    }
  }
}
