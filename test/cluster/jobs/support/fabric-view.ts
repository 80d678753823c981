/**
 * What a node of the fabric believes of the others, and the tables that follow from it.
 *
 * Indexes are as in a real node: 0 is the node itself, another one has its number plus 1 if it is
 * smaller than the node's own, else its number.
 */
import { JobLookup } from "../../../../src/cluster/job-lookup.ts";
import { Nodes, OWN_INDEX } from "../../../../src/cluster/nodes.ts";
import { Placement } from "../../../../src/cluster/placement.ts";
import { RingHash } from "../../../../src/cluster/ring-hash.ts";
import { Standing, Standings } from "../../../../src/cluster/standings.ts";
import { Views } from "../../../../src/cluster/views.ts";
import { sharedTokens, xxh64 } from "../../../support/xxh64.ts";

/** Id of a node by its number. */
export function idOf(number: number): string {
  return `${(number + 1) * 11}`.padEnd(40, `${number + 1}`);
}

/** The beliefs of one process. */
export class FabricView {
  readonly nodes = new Nodes();
  readonly placement: Placement;
  readonly lookup: JobLookup;
  readonly down = new Set<number>();
  readonly dead = new Set<number>();
  readonly leaving: ReadonlySet<number>;
  readonly removed: ReadonlySet<number>;
  readonly slow = new Set<number>();
  readonly #own: number;
  readonly #count: number;
  readonly #standings = new Standings();
  readonly #views: Views;

  /** `leaving` and `removed` outlive the process. */
  constructor(
    own: number,
    count: number,
    leaving: ReadonlySet<number>,
    removed: ReadonlySet<number>,
  ) {
    const hash = new RingHash(xxh64);
    this.#own = own;
    this.#count = count;
    this.leaving = leaving;
    this.removed = removed;
    this.#views = new Views(hash, sharedTokens);
    this.placement = new Placement(hash, this.#views, this.#standings);
    this.lookup = new JobLookup(hash, this.#views, this.#standings);
  }

  /** The part of the members' fingerprint that job ids carry. */
  get hint(): number {
    return this.#views.current.hint;
  }

  /** This node's index of another one. */
  indexOf(number: number): number {
    if (number === this.#own) return OWN_INDEX;
    return number < this.#own ? number + 1 : number;
  }

  /** The number of the node with that index. */
  numberOf(index: number): number {
    if (index === OWN_INDEX) return this.#own;
    return index <= this.#own ? index - 1 : index;
  }

  /** Beliefs have changed. */
  refresh(): void {
    const onRing: { node: number; id: string }[] = [];
    for (let number = 0; number < this.#count; number++) {
      const index = this.indexOf(number);
      if (this.removed.has(number)) {
        this.nodes.remove(index);
        this.#standings.remove(index);
        continue;
      }
      this.#refreshOne(number, index);
      if (!this.leaving.has(number)) onRing.push({ node: index, id: idOf(number) });
    }
    this.#views.change(onRing);
  }

  #refreshOne(number: number, index: number): void {
    const id = idOf(number);
    const isOwn = number === this.#own;
    const isLive = isOwn || !this.dead.has(number);
    const isLeaving = this.leaving.has(number);
    const isLinked = isOwn || !this.down.has(number);
    this.nodes.set(index, { id, isLinked, isLive, isLeaving });
    const usable = this.slow.has(number) || !isLinked ? Standing.slow : Standing.preferred;
    const standing = isLive && !isLeaving ? usable : Standing.barred;
    this.#standings.set(index, { id, standing, isLive, zone: "" });
  }
}
