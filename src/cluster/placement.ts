/**
 * Placement: which nodes get the copies of a job, and which look after a queue.
 *
 * Holders are chosen along the walk of the job's id, so that a node without a copy can guess them
 * later (job-lookup.ts), unless all nodes are to have one. A guess is all it is: the list stored with each copy is what counts, and
 * nothing is lost when two nodes compute different walks.
 */
import { Chooser, type Pass } from "./chooser.ts";
import { NO_NODE, type Ring } from "./ring.ts";
import type { RingHash } from "./ring-hash.ts";
import { Walk } from "./ring-walk.ts";
import { Standing, type Standings } from "./standings.ts";
import type { Views } from "./views.ts";

/** Nodes that bring a queue's waiters and its jobs together. */
export const QUEUE_OWNERS = 2;
/** A word of a job id of which all bits are random (core/job-id.ts). */
const RANDOM_WORD = 2;

/**
 * Losing a whole zone must not lose a job, so another zone is worth more than another node's
 * memory. Only a slow peer is not: each job sent there would wait in vain.
 */
const passes: readonly Pass[] = [
  { standings: Standing.preferred, onlyNewZones: true },
  { standings: Standing.pressured, onlyNewZones: true },
  { standings: Standing.preferred, onlyNewZones: false },
  { standings: Standing.pressured, onlyNewZones: false },
  { standings: Standing.slow, onlyNewZones: true },
  { standings: Standing.slow, onlyNewZones: false },
];

/** Chooses nodes by the present view and the present standings. */
export class Placement {
  readonly #hash: RingHash;
  readonly #views: Views;
  readonly #standings: Standings;
  readonly #chooser: Chooser;
  readonly #walk = new Walk();

  constructor(hash: RingHash, views: Views, standings: Standings) {
    this.#hash = hash;
    this.#views = views;
    this.#standings = standings;
    this.#chooser = new Chooser(standings, passes);
  }

  /**
   * Writes the holders of a new job to the front of `out` and returns how many there are: `copies`,
   * or fewer when not enough nodes are eligible. The origin comes first whatever its standing; with
   * NO_NODE the job is placed on others, or here if this node's own standing allows it.
   */
  newHolders(id: Int32Array, origin: number, copies: number, out: Int32Array): number {
    const { ring } = this.#views.current;
    const all = origin === NO_NODE ? 0 : this.#everybody(ring, id, origin, copies, out);
    if (all > 0) return all;
    this.#chooser.start(ring, this.#hash.ofJob(id));
    if (origin === NO_NODE) return this.#fill(0, copies, out);
    this.#chooser.take(origin);
    out[0] = origin;
    return this.#fill(1, copies, out);
  }

  /**
   * Where there are no more nodes than copies, and nothing is against any of them, there is nothing to
   * choose, and the walk, whose hash costs as much as the rest of the choice, is not needed: random bits
   * of the id say who comes first, and so who takes over first. 0: it must be chosen.
   */
  #everybody(
    { nodes }: Ring,
    id: Int32Array,
    origin: number,
    copies: number,
    out: Int32Array,
  ): number {
    const count = nodes.length;
    const own = copies < count || count < 2 ? -1 : nodes.indexOf(origin);
    if (own < 0) return 0;
    // Not of all slots: who comes behind the origin would be first twice as often. 31 bits: V8
    // computes a remainder of 32 with floating-point numbers.
    let slot = own + 1 + (((id[RANDOM_WORD] as number) >>> 1) % (count - 1));
    let found = 0;
    out[found++] = origin;
    while (found < count) {
      const node = nodes[slot % count] as number;
      slot++;
      if (node === origin) continue;
      if (this.#standings.standing(node) !== Standing.preferred) return 0;
      out[found++] = node;
    }
    return found;
  }

  /**
   * Writes up to `count` further nodes for a job to the front of `out` and returns how many: none of
   * `holders`, whose zones count as used, and none of `avoided`, who were asked and failed.
   */
  moreHolders(
    id: Int32Array,
    holders: readonly number[] | Int32Array,
    avoided: readonly number[] | Int32Array,
    count: number,
    out: Int32Array,
  ): number {
    this.#chooser.start(this.#views.current.ring, this.#hash.ofJob(id));
    for (const node of holders) this.#chooser.take(node);
    for (const node of avoided) this.#chooser.avoid(node);
    return this.#fill(0, count, out);
  }

  /** Writes the owners of a queue to `out`, first one first, and returns how many are alive. */
  queueOwners(name: Uint8Array, out: Int32Array): number {
    this.#walk.start(this.#views.current.ring, this.#hash.ofQueue(name));
    let found = 0;
    for (let rank = 0; found < QUEUE_OWNERS; rank++) {
      const node = this.#walk.at(rank);
      if (node === NO_NODE) break;
      if (this.#standings.isLive(node)) out[found++] = node;
    }
    return found;
  }

  #fill(from: number, to: number, out: Int32Array): number {
    for (let at = from; at < to; at++) {
      const node = this.#chooser.next();
      if (node === NO_NODE) return at;
      out[at] = node;
    }
    return to;
  }
}
