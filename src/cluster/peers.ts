/**
 * The members as jobs see them: by index, with what decides whether they get copies.
 *
 * Membership says who is there and alive, the bus who can be spoken to; this keeps the tables by which
 * holders are chosen in step with both, and is the one way by which anything about jobs leaves this
 * node. It judges nothing but this: a node without a link, or one that lets requests for copies go
 * unanswered or does not get rid of what is sent to it, comes last; one that is dead or leaving gets none.
 */
import type { JobMessage } from "./job-messages.ts";
import type { Member } from "./members/member.ts";
import type { Membership } from "./members/membership.ts";
import { Nodes, OWN_INDEX } from "./nodes.ts";
import { Standing, Standings } from "./standings.ts";

/** Round-trip time that is assumed before the first measurement. */
const ROUND_TRIP_GUESS_MS = 10;

/** The way to members. */
export interface PeerTransport {
  /** To a member, linked or not; false: lost. */
  sendToPeer(nodeId: string, message: JobMessage): boolean;
  /** More is on its way to it than the soft limit. */
  isCongested(nodeId: string): boolean;
}

/** Everybody's tables. */
export class Peers {
  readonly nodes = new Nodes();
  readonly standings = new Standings();
  readonly #membership: Membership;
  readonly #transport: PeerTransport;
  /** By index. */
  readonly #members: (Member | undefined)[] = [];
  /** Others that can be expected to take copies; `cluster_reachable_nodes`. */
  reachableCount = 0;
  /** All who are not leaving, dead ones and this node included. */
  stayingCount = 0;
  readonly #slow = new Set<number>();
  readonly #pressured = new Set<number>();

  constructor(membership: Membership, transport: PeerTransport) {
    this.#membership = membership;
    this.#transport = transport;
    this.refreshOwn();
    for (const member of membership.members()) this.refresh(member);
  }

  /** The member with this index, or undefined for this node and for one that is not known any more. */
  member(index: number): Member | undefined {
    return this.#members[index];
  }

  /** Something about a member has changed. */
  refresh(member: Member): void {
    const { id, index, isLeaving, zone, link } = member;
    const isLive = !member.isSuspected && !member.isFailed;
    this.#members[index] = member;
    this.nodes.set(index, { id, isLinked: link !== undefined, isLive, isLeaving });
    const standing = this.#standingOf(member, isLive);
    this.standings.set(index, { id, standing, isLive, zone });
    this.#recount();
  }

  /** Something about this node has changed. */
  refreshOwn(): void {
    const { nodeId: id, isLeaving, profile } = this.#membership;
    const usable = this.#pressured.has(OWN_INDEX) ? Standing.pressured : Standing.preferred;
    const standing = isLeaving ? Standing.barred : usable;
    this.nodes.set(OWN_INDEX, { id, isLinked: true, isLive: true, isLeaving });
    this.standings.set(OWN_INDEX, { id, standing, isLive: !isLeaving, zone: profile.zone });
    this.#recount();
  }

  /** It is no member any more. */
  remove(member: Member): void {
    this.#members[member.index] = undefined;
    this.#slow.delete(member.index);
    this.#pressured.delete(member.index);
    this.nodes.remove(member.index);
    this.standings.remove(member.index);
    this.#recount();
  }

  setSlow(index: number, isSlow: boolean): void {
    this.#set(this.#slow, index, isSlow);
  }

  isSlow(index: number): boolean {
    return this.#slow.has(index);
  }

  /** That node, or this one, is short of memory: others get copies first. */
  setPressured(index: number, isPressured: boolean): void {
    this.#set(this.#pressured, index, isPressured);
  }

  /** Control messages wait for a member that is away. */
  tell(index: number, message: JobMessage): void {
    const member = this.#members[index];
    if (member !== undefined) this.#transport.sendToPeer(member.id, message);
  }

  /** As of now, in the middle of a turn too. */
  isCongested(index: number): boolean {
    const member = this.#members[index];
    return member !== undefined && this.#transport.isCongested(member.id);
  }

  roundTripMs(index: number): number {
    return this.#members[index]?.roundTripMs ?? ROUND_TRIP_GUESS_MS;
  }

  heardAtMs(index: number): number {
    const member = this.#members[index];
    if (member === undefined) return Number.NEGATIVE_INFINITY;
    // What it may have said before this process could hear it tells nothing of a silence.
    return Math.max(member.heardAtMs, member.audibleSinceMs);
  }

  #set(set: Set<number>, index: number, isIn: boolean): void {
    const member = this.#members[index];
    const isKnown = index === OWN_INDEX || member !== undefined;
    if (!isKnown || set.has(index) === isIn) return;
    if (isIn) set.add(index);
    else set.delete(index);
    if (member === undefined) this.refreshOwn();
    else this.refresh(member);
  }

  #recount(): void {
    this.reachableCount = 0;
    this.stayingCount = this.#membership.isLeaving ? 0 : 1;
    for (const member of this.#members) {
      if (member?.isReachable) this.reachableCount++;
      if (member?.isLeaving === false) this.stayingCount++;
    }
  }

  #standingOf({ id, index, isOnRing, link }: Member, isLive: boolean): Standing {
    if (!isLive || !isOnRing) return Standing.barred;
    if (link === undefined || this.#slow.has(index)) return Standing.slow;
    if (this.#transport.isCongested(id)) return Standing.slow;
    return this.#pressured.has(index) ? Standing.pressured : Standing.preferred;
  }
}
