/**
 * Another member of the cluster, as this node sees it.
 *
 * Facts only: who it is, where, since when it has been silent. Others read them; only the files of
 * this folder write them. How they become judgements stands in heartbeats.ts and verdicts.ts.
 */
import type { MemberRecord } from "../messages.ts";
import type { Hash64 } from "../ring-hash.ts";
import type { Dial } from "./dialer.ts";
import type { PeerAddress, PeerLink } from "./links.ts";
import type { Chore } from "./schedule.ts";

/** Answers in a row after which a node that had been silent is trusted with duties again. */
export const STEADY_ANSWERS = 2;

/** What membership does for a member at its time. */
export interface MemberChores {
  readonly dial: Dial;
  /** Sends a heartbeat. */
  readonly beat: Chore;
  /** Looks whether it has been silent for too long. */
  readonly watch: Chore;
}

/** A node known by its real id. */
export class Member {
  readonly id: string;
  /** Small number that is this node's while it is known; 0 is this node itself. */
  readonly index: number;
  readonly hash: Hash64;
  /** Monotonic ms. */
  readonly knownSinceMs: number;
  /** Where it is and what it says of itself; `host` is "" while its address is not known. */
  record: MemberRecord;
  /** It has greeted on this link, and this node on it. */
  link: PeerLink | undefined;
  /** Which of its processes this one was linked with last; undefined: none yet. */
  linkedIncarnation: number | undefined;
  /** Where somebody else was found, until a better address is known. */
  lostAddress: PeerAddress | undefined;
  /** It has been heard by this process, or was a member before this process. */
  hasAnswered = false;
  /** Silent for longer than the node timeout: `fail?`. */
  isSuspected = false;
  /** Silent for most nodes: `fail`. */
  isFailed = false;
  /** Since it was last suspected; up to STEADY_ANSWERS. */
  answersInRow = 0;
  /** The oldest unanswered heartbeat, or since when there is no link; undefined: nothing is open. */
  pingSentAtMs: number | undefined;
  pingSentWallMs = 0;
  /** Sequence number of that heartbeat; -1 when it could not be sent. */
  pingSequence = -1;
  /** 0: never. */
  pongWallMs = 0;
  pongAtMs = Number.NEGATIVE_INFINITY;
  /** When anything came from it. */
  heardAtMs = Number.NEGATIVE_INFINITY;
  /** Since when this process could hear it: it was loading before that, or stood still. */
  audibleSinceMs: number;
  /** Smoothed round-trip time; undefined before the first measurement. */
  roundTripMs: number | undefined;
  /** Its last heartbeats in a row that had another fingerprint. */
  mismatches = 0;
  /** Who reports it as silent, and when it last did so. */
  readonly reports = new Map<Member, number>();
  /** It reports somebody. */
  isReporting = false;
  readonly #chores: MemberChores;

  constructor(
    index: number,
    record: MemberRecord,
    hash: Hash64,
    nowMs: number,
    makeChores: (member: Member) => MemberChores,
  ) {
    this.id = record.nodeId;
    this.index = index;
    this.record = record;
    this.hash = hash;
    this.knownSinceMs = nowMs;
    this.audibleSinceMs = nowMs;
    this.#chores = makeChores(this);
  }

  get dial(): Dial {
    return this.#chores.dial;
  }

  get beat(): Chore {
    return this.#chores.beat;
  }

  get watch(): Chore {
    return this.#chores.watch;
  }

  get incarnation(): number {
    return this.record.incarnation;
  }

  get isLeaving(): boolean {
    return this.record.isLeaving;
  }

  get zone(): string {
    return this.record.zone;
  }

  /** Whether it can be dialled: `noaddr` otherwise. */
  get isAddressKnown(): boolean {
    return this.record.host !== "";
  }

  /** Where to dial it; undefined while not known. */
  get busAddress(): PeerAddress | undefined {
    const { host, busPort } = this.record;
    return host === "" ? undefined : { host, port: busPort };
  }

  /** Belongs to the ring, alive or not: failures must not move keys. */
  get isOnRing(): boolean {
    return this.isAddressKnown && !this.isLeaving;
  }

  /**
   * Counts for ADDJOB and `cluster_reachable_nodes`. A link that has just broken changes nothing: a
   * node is only not counted once it has been silent for the node timeout.
   */
  get isReachable(): boolean {
    return this.isOnRing && this.hasAnswered && !this.isSuspected && !this.isFailed;
  }

  /** Not silent, and not only just back: may be given duties that others would have to hand over. */
  get isSteady(): boolean {
    return !this.isSuspected && !this.isFailed && this.answersInRow >= STEADY_ANSWERS;
  }
}
