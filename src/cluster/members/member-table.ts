/**
 * The members this node knows, by id and by index.
 *
 * Indexes stand for nodes in job records, so they are small, stable while the node is known, and not
 * given away again soon. The node itself has index 0 and is not in the table. Counts and fingerprint
 * are computed when asked for: there are few members, and few changes.
 */
import { MEMBERS_MAX, type MemberRecord } from "../messages.ts";
import type { Hash64 } from "../ring-hash.ts";
import type { PeerAddress } from "./links.ts";
import type { Member } from "./member.ts";

/** A freed index is used again when this many others were freed after it. */
const FREE_INDEXES_KEPT = 64;

/** Other members of the cluster. */
export class MemberTable {
  readonly #byId = new Map<string, Member>();
  readonly #freeIndexes: number[] = [];
  #nextIndex = 1;

  /** Other members, the silent ones included. */
  get count(): number {
    return this.#byId.size;
  }

  get isFull(): boolean {
    return this.count >= MEMBERS_MAX - 1;
  }

  /** Members that count as reachable. */
  get reachableCount(): number {
    let count = 0;
    for (const member of this.values()) if (member.isReachable) count++;
    return count;
  }

  get(id: string): Member | undefined {
    return this.#byId.get(id);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** In the order in which they became known. */
  values(): IterableIterator<Member> {
    return this.#byId.values();
  }

  /** Members at an address. */
  *at(address: PeerAddress): Generator<Member> {
    for (const member of this.values()) {
      const { host, busPort } = member.record;
      if (busPort === address.port && host === address.host) yield member;
    }
  }

  /** An index for a member that is about to be added. */
  takeIndex(): number {
    const [oldest] = this.#freeIndexes;
    if (oldest === undefined || this.#freeIndexes.length <= FREE_INDEXES_KEPT) {
      return this.#nextIndex++;
    }
    this.#freeIndexes.shift();
    return oldest;
  }

  add(member: Member): void {
    this.#byId.set(member.id, member);
  }

  /** Forgets a member and whom it suspected. Returns false when it was not known. */
  remove(member: Member): boolean {
    if (this.get(member.id) !== member) return false;
    this.#byId.delete(member.id);
    this.#freeIndexes.push(member.index);
    for (const other of this.values()) other.reports.delete(member);
    return true;
  }

  /** XOR of the hashes of all on the ring; `own` is undefined when this node is not on it. */
  fingerprint(own: Hash64 | undefined): Hash64 {
    let hi = own?.hi ?? 0;
    let lo = own?.lo ?? 0;
    for (const member of this.values()) {
      if (!member.isOnRing) continue;
      hi ^= member.hash.hi;
      lo ^= member.hash.lo;
    }
    return { hi: hi >>> 0, lo: lo >>> 0 };
  }
}

/** Whether `a` is what its node said after `b`. */
export function isNewer(a: MemberRecord, b: MemberRecord): boolean {
  if (a.incarnation !== b.incarnation) return a.incarnation > b.incarnation;
  return a.version > b.version;
}
