/**
 * The nodes of a cluster by the small numbers under which jobs know them, and by their ids.
 *
 * Jobs name their holders by index, messages by id: this is where one becomes the other, without a
 * string in between. An index is a node's as long as it is a member; whether it is alive, linked, or
 * leaving is noted beside it, because that is asked for every job. Who decides it is membership.
 */

/** Index of this node. */
export const OWN_INDEX = 0;
/** No node: what an id that is not known stands for. */
export const NO_INDEX = -1;
/** Bytes of a node id in packed messages. */
export const NODE_ID_BYTES = 20;

/** What is known of one node. */
export interface NodeFacts {
  /** 40 lower-case hex digits. */
  readonly id: string;
  /** It can be spoken to now. */
  readonly isLinked: boolean;
  /** Neither suspected nor failed. */
  readonly isLive: boolean;
  readonly isLeaving: boolean;
}

interface Row extends NodeFacts {
  readonly bytes: Buffer;
  readonly prefix: number;
  readonly hash: number;
}

/** All members, this node included. */
export class Nodes {
  readonly #rows: (Row | undefined)[] = [];

  /** Indexes are below this. */
  get limit(): number {
    return this.#rows.length;
  }

  /** Sets all that is known of a node. */
  set(index: number, facts: NodeFacts): void {
    const known = this.#rows[index];
    const bytes = known?.id === facts.id ? known.bytes : Buffer.from(facts.id, "hex");
    const prefix = bytes.readInt32BE(0);
    this.#rows[index] = { ...facts, bytes, prefix, hash: spread(bytes) };
  }

  /** Forgets a node. */
  remove(index: number): void {
    this.#rows[index] = undefined;
  }

  isMember(index: number): boolean {
    return this.#rows[index] !== undefined;
  }

  isLinked(index: number): boolean {
    return this.#rows[index]?.isLinked ?? false;
  }

  isLive(index: number): boolean {
    return this.#rows[index]?.isLive ?? false;
  }

  isLeaving(index: number): boolean {
    return this.#rows[index]?.isLeaving ?? false;
  }

  /** 40 lower-case hex digits; "" for a node that is not known. */
  id(index: number): string {
    return this.#rows[index]?.id ?? "";
  }

  /** The 20 bytes of the id of a member; must not be changed. */
  bytes(index: number): Buffer {
    const row = this.#rows[index];
    if (row === undefined) throw new Error(`no node ${index}`);
    return row.bytes;
  }

  /** 32 bits that differ between nodes, the same everywhere; the XOR of a list's tells it from others. */
  hash(index: number): number {
    return this.#rows[index]?.hash ?? 0;
  }

  /** The member whose id stands at buffer[at, at + 20), or NO_INDEX. */
  find(buffer: Buffer, at: number): number {
    const prefix = buffer.readInt32BE(at);
    for (let index = 0; index < this.#rows.length; index++) {
      const row = this.#rows[index];
      if (row === undefined || row.prefix !== prefix) continue;
      if (row.bytes.compare(buffer, at, at + NODE_ID_BYTES) === 0) return index;
    }
    return NO_INDEX;
  }

  /** The member with this id, or NO_INDEX. */
  findId(id: string): number {
    for (let index = 0; index < this.#rows.length; index++) {
      if (this.#rows[index]?.id === id) return index;
    }
    return NO_INDEX;
  }

  /** Indexes of all other members. */
  *others(): Generator<number> {
    for (let index = OWN_INDEX + 1; index < this.#rows.length; index++) {
      if (this.#rows[index] !== undefined) yield index;
    }
  }
}

function spread(bytes: Buffer): number {
  let hash = 0;
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    hash = Math.imul(hash ^ bytes.readInt32BE(at), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
