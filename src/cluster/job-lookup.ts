/**
 * Whom to ask about a job that is not here: the nodes that probably have a copy.
 *
 * That is the node named by the id's first eight digits, and those next to it on the walk, one more
 * than the id says there are other copies: two nodes whose member sets differ by one node predict
 * sets that differ by one. If the id was made under an older view that is remembered, that view's
 * nodes are asked as well. When none of them knows the job, the caller asks everybody.
 */
import { Chooser, type Pass } from "./chooser.ts";
import { LOOKUP_COPIES_MAX, lookupCopies, viewHint } from "./id-hints.ts";
import { NO_NODE } from "./ring.ts";
import type { RingHash } from "./ring-hash.ts";
import { ANY_STANDING, type Standings } from "./standings.ts";
import type { View, Views } from "./views.ts";

/** Nodes asked beyond those that are expected to have a copy. */
const SLACK = 1;
/** Nodes whose ids start alike that are asked. */
const ORIGINS_MAX = 4;
/** Most nodes a lookup names. */
export const LOOKUP_TARGETS_MAX = ORIGINS_MAX + 2 * (LOOKUP_COPIES_MAX + SLACK);

/** As placement chooses when all is well; who is well now says little about when the job came. */
const passes: readonly Pass[] = [
  { standings: ANY_STANDING, onlyNewZones: true },
  { standings: ANY_STANDING, onlyNewZones: false },
];

/** Predicts holders. */
export class JobLookup {
  readonly #hash: RingHash;
  readonly #views: Views;
  readonly #standings: Standings;
  readonly #chooser: Chooser;
  readonly #origins = new Int32Array(ORIGINS_MAX);
  #originCount = 0;
  #targetCount = 0;

  constructor(hash: RingHash, views: Views, standings: Standings) {
    this.#hash = hash;
    this.#views = views;
    this.#standings = standings;
    this.#chooser = new Chooser(standings, passes);
  }

  /**
   * Writes the nodes to ask to `out` (LOOKUP_TARGETS_MAX of them at most), the likely origin first,
   * and returns how many. `self` is never one of them. Nodes that cannot be reached may be.
   */
  targets(id: Int32Array, self: number, out: Int32Array): number {
    this.#targetCount = 0;
    this.#findOrigins(id[0] as number);
    for (let i = 0; i < this.#originCount; i++) this.#add(this.#origins[i] as number, self, out);
    this.#addPredicted(this.#views.current, id, self, out);
    const older = this.#views.older(viewHint(id));
    if (older !== undefined) this.#addPredicted(older, id, self, out);
    return this.#targetCount;
  }

  #findOrigins(prefix: number): void {
    this.#originCount = 0;
    let node = this.#standings.nextWithPrefix(prefix, 0);
    while (node < this.#standings.size && this.#originCount < ORIGINS_MAX) {
      this.#origins[this.#originCount++] = node;
      node = this.#standings.nextWithPrefix(prefix, node + 1);
    }
  }

  /** An origin that is known has one of the copies. */
  #addPredicted(view: View, id: Int32Array, self: number, out: Int32Array): void {
    this.#chooser.start(view.ring, this.#hash.ofJob(id));
    for (let i = 0; i < this.#originCount; i++) this.#chooser.take(this.#origins[i] as number);
    const others = lookupCopies(id) - (this.#originCount > 0 ? 1 : 0);
    for (let count = 0; count < others + SLACK; count++) {
      const node = this.#chooser.next();
      if (node === NO_NODE) return;
      this.#add(node, self, out);
    }
  }

  #add(node: number, self: number, out: Int32Array): void {
    if (node === self) return;
    for (let i = 0; i < this.#targetCount; i++) if (out[i] === node) return;
    out[this.#targetCount++] = node;
  }
}
