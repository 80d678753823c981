/**
 * Which nodes are asked for copies: what placement says, less those who cannot be asked now.
 *
 * A request is lost on a node without a link, so such a node is passed over, whatever its place on the
 * walk. The nodes chosen are the first `count` of `nodes` until the next choice.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import { OWN_INDEX } from "../../nodes.ts";
import { NO_NODE } from "../../ring.ts";
import type { JobsWorld } from "../jobs-world.ts";
import { CopyState, type Replication } from "./replication.ts";

/** Chooses nodes for replications. */
export class CopyTargets {
  /** The nodes chosen last, best one first; never shortened, as a place is needed for every job. */
  readonly nodes: number[] = [];
  count = 0;
  readonly #world: JobsWorld;
  readonly #holders: number[] = [];
  readonly #avoided: number[] = [];
  #out = new Int32Array(0);

  constructor(world: JobsWorld) {
    this.#world = world;
  }

  /** Chooses all that a new job needs, if there are as many. */
  first(replication: Replication): void {
    const { placement, nodes } = this.#world;
    this.count = 0;
    const out = this.#room();
    const origin = replication.isExternal ? NO_NODE : OWN_INDEX;
    const copies = replication.wanted + (replication.isExternal ? 0 : 1);
    const found = placement.newHolders(replication.id, origin, Math.min(copies, out.length), out);
    for (let i = 0; i < found; i++) {
      const node = out[i] as number;
      if (node !== OWN_INDEX && nodes.isLinked(node)) this.nodes[this.count++] = node;
    }
    if (this.count < replication.wanted) this.more(replication, [OWN_INDEX]);
  }

  /** Chooses as many further nodes as a replication lacks, if there are as many. */
  more(replication: Replication, list: readonly number[]): void {
    const { placement, nodes } = this.#world;
    const out = this.#room();
    this.#sortOut(replication, list);
    this.count = 0;
    // Each round takes nodes out of the choice, so that there are no more rounds than nodes.
    while (this.count < replication.lacking) {
      const count = Math.min(replication.lacking - this.count, out.length);
      const { id } = replication;
      const found = placement.moreHolders(id, this.#holders, this.#avoided, count, out);
      if (found === 0) return;
      for (let i = 0; i < found; i++) {
        const node = out[i] as number;
        if (nodes.isLinked(node)) {
          this.nodes[this.count++] = node;
          this.#holders.push(node);
        } else {
          this.#avoided.push(node);
        }
      }
    }
  }

  /** Who has a copy or will soon, and who is out of the question. */
  #sortOut(replication: Replication, list: readonly number[]): void {
    this.#holders.length = 0;
    this.#avoided.length = 0;
    const own = replication.isExternal ? this.#avoided : this.#holders;
    own.push(OWN_INDEX);
    for (const element of list) {
      const isHopeless = element >= LOAN || replication.isOverdue(element);
      if (element !== OWN_INDEX) (isHopeless ? this.#avoided : this.#holders).push(element % LOAN);
    }
    for (const node of replication.nodes) {
      if (replication.stateOf(node) === CopyState.refused) this.#avoided.push(node);
    }
  }

  /** Room for all nodes. */
  #room(): Int32Array {
    const { limit } = this.#world.nodes;
    if (this.#out.length < limit) this.#out = new Int32Array(2 * limit);
    return this.#out;
  }
}
