/**
 * This node as a member: who it is and what it tells the others of itself.
 *
 * The id ends with a hard reset, the incarnation with every reset or restart: whoever knows an older
 * one knows that what was under way then is lost. What this node held is only lost if its memory began
 * later, too: a node with a log may come back with all of it.
 */
import type { MemberRecord } from "../messages.ts";
import type { Hash64 } from "../ring-hash.ts";

/** What the configuration says of this node. */
export interface OwnProfile {
  /** Announced address; "": others use what they see. */
  readonly host: string;
  /** Announced or real client port. */
  readonly port: number;
  /** Announced or real bus port. */
  readonly busPort: number;
  readonly zone: string;
}

/** Whether others need not be told. */
export function isSameProfile(a: OwnProfile, b: OwnProfile): boolean {
  return a.host === b.host && a.port === b.port && a.busPort === b.busPort && a.zone === b.zone;
}

/** This node. */
export class OwnNode {
  id: string;
  incarnation: number;
  /** The incarnation in which began what this node has in memory. */
  memoryIncarnation: number;
  /** Until an operator says otherwise, over restarts. */
  isLeaving: boolean;
  /** This process is about to end: for the others that is the same, but it is not remembered. */
  isGoing = false;
  /** Goes up with every change to the profile or to leaving. */
  version = 0;
  profile: OwnProfile;
  readonly #hash: (id: string) => Hash64;

  constructor(
    id: string,
    incarnation: number,
    isLeaving: boolean,
    profile: OwnProfile,
    hash: (id: string) => Hash64,
  ) {
    this.id = id;
    this.incarnation = incarnation;
    this.memoryIncarnation = incarnation;
    this.isLeaving = isLeaving;
    this.profile = profile;
    this.#hash = hash;
  }

  /** It gets no new copies, and what it has is to be elsewhere. */
  get isOnItsWayOut(): boolean {
    return this.isLeaving || this.isGoing;
  }

  /** What others are told. */
  get record(): MemberRecord {
    const { id, incarnation, memoryIncarnation, version, isOnItsWayOut, profile } = this;
    const life = { nodeId: id, incarnation, memoryIncarnation, version };
    return { ...life, isLeaving: isOnItsWayOut, ...profile };
  }

  /** Its part of the fingerprint; undefined while it is leaving and so not on the ring. */
  get hash(): Hash64 | undefined {
    return this.isOnItsWayOut ? undefined : this.#hash(this.id);
  }
}
