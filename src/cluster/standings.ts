/**
 * What a node is good for at the moment, as seen from here: one row per known node, itself included.
 *
 * The ring says who is near a key; this table says who of them can be used. It is written when
 * something changes (a link, a heartbeat, the memory of a peer) and read for every job. It judges
 * nothing itself: what makes a peer slow or dead is membership's business.
 */

/** How much a node is wanted for new copies. Bits, so that a set of them is a number. */
export const Standing = {
  /** Not at all: failed, leaving, takes no copies. It can still have old ones. */
  barred: 1,
  preferred: 2,
  /** Short of memory: only when all preferred ones are used. */
  pressured: 4,
  /** Let a request for a copy go unanswered: after all others. */
  slow: 8,
} as const;
/** One of the standings. */
export type Standing = (typeof Standing)[keyof typeof Standing];

/** Every standing: what any known node has one of. */
export const ANY_STANDING =
  Standing.barred | Standing.preferred | Standing.pressured | Standing.slow;

/** The row of a node. */
export interface NodeStanding {
  /** 40 lower-case hex digits. */
  readonly id: string;
  readonly standing: Standing;
  /** Not suspected: it can own queues. */
  readonly isLive: boolean;
  /** Where it stands, as its operator named it; "" when it has no zone. */
  readonly zone: string;
}

/** A zone's number when there is none. */
export const NO_ZONE = 0;
const UNKNOWN = 0;

/** Rows by node index. Unknown nodes have no standing, no zone, and are not alive. */
export class Standings {
  readonly #rows: (NodeStanding | undefined)[] = [];
  #standings = new Uint8Array(0);
  #zones = new Uint32Array(0);
  #prefixes = new Int32Array(0);
  #zoneCount = 0;

  /** Node indexes are below this. */
  get size(): number {
    return this.#standings.length;
  }

  /** How many different zones there are. */
  get zoneCount(): number {
    return this.#zoneCount;
  }

  /** Sets all that is known of a node. */
  set(node: number, row: NodeStanding): void {
    this.remove(node);
    if (node >= this.size) this.#grow(node + 1);
    this.#zones[node] = this.#zoneNumber(row.zone);
    this.#rows[node] = row;
    this.#standings[node] = row.standing;
    this.#prefixes[node] = Number.parseInt(row.id.slice(0, 8), 16);
    this.#countZones();
  }

  /** Forgets a node. */
  remove(node: number): void {
    if (this.#rows[node] === undefined) return;
    this.#rows[node] = undefined;
    this.#standings[node] = UNKNOWN;
    this.#zones[node] = NO_ZONE;
    this.#countZones();
  }

  /** A node's standing; 0 for one not known. */
  standing(node: number): number {
    return this.#standings[node] ?? UNKNOWN;
  }

  /** Can this node own queues? */
  isLive(node: number): boolean {
    return this.#rows[node]?.isLive ?? false;
  }

  /** Number of a node's zone, 0 to `size`; NO_ZONE for none. Equal for nodes of equal zones. */
  zone(node: number): number {
    return this.#zones[node] ?? NO_ZONE;
  }

  /** The first node at or after `from` whose id starts with these 32 bits, or `size`. */
  nextWithPrefix(prefix: number, from: number): number {
    let node = from;
    while (node < this.size && !this.#hasPrefix(node, prefix | 0)) node++;
    return node;
  }

  #hasPrefix(node: number, prefix: number): boolean {
    return this.#prefixes[node] === prefix && this.#standings[node] !== UNKNOWN;
  }

  /** The number that other nodes of the zone have, or the smallest that nobody has. */
  #zoneNumber(zone: string): number {
    if (zone === "") return NO_ZONE;
    const known = this.#rows.findIndex((row) => row?.zone === zone);
    if (known >= 0) return this.zone(known);
    const used = new Set(this.#zones);
    let number = NO_ZONE + 1;
    while (used.has(number)) number++;
    return number;
  }

  #countZones(): void {
    const zones = new Set(this.#zones);
    zones.delete(NO_ZONE);
    this.#zoneCount = zones.size;
  }

  #grow(size: number): void {
    this.#standings = grown(new Uint8Array(size), this.#standings);
    this.#zones = grown(new Uint32Array(size), this.#zones);
    this.#prefixes = grown(new Int32Array(size), this.#prefixes);
  }
}

function grown<T extends { set(from: T): void }>(target: T, from: T): T {
  target.set(from);
  return target;
}
