/**
 * Membership: which nodes are in the cluster, where they are, and which of them are alive.
 *
 * A state machine without sockets, clocks or timers. Calls of the transport and of operators come in,
 * messages and dials go out through MembershipLinks, events through MembershipListener; `tick` does
 * what is due at `nextWakeAtMs`, and before that there is nothing to do. What happens:
 *
 *   greeter.ts      links and who is at their other end     dialer.ts, seeds.ts, introductions.ts,
 *                                                           answers.ts
 *   gossip.ts       who knows whom                          exclusions.ts
 *   heartbeats.ts   silence                                 verdicts.ts
 *
 * What a member holds, and what follows when it is gone, is the business of the listener.
 */
import { unreachable } from "../../util/assert.ts";
import type { MembershipMessage } from "../messages.ts";
import type { Hash64 } from "../ring-hash.ts";
import { type ForgetOutcome, forgetNode } from "./forget.ts";
import { Gossip } from "./gossip.ts";
import { Greeter } from "./greeter.ts";
import { Heartbeats } from "./heartbeats.ts";
import type { Introduction, MeetAddress } from "./introductions.ts";
import type { FailedDial, PeerAddress, PeerLink } from "./links.ts";
import type { Member } from "./member.ts";
import { isSameProfile, OwnNode, type OwnProfile } from "./own-node.ts";
import { resetMembership } from "./reset.ts";
import { restoreMembers } from "./restore.ts";
import { type MembershipSnapshot, snapshotOf } from "./snapshot.ts";
import { MembershipState, type MembershipWorld } from "./state.ts";
import { Verdicts } from "./verdicts.ts";

/** How this node starts. */
export interface MembershipStart {
  readonly profile: OwnProfile;
  /** `cluster-node-timeout`, at least 1. */
  readonly nodeTimeoutMs: number;
  /** What was saved last; a new node has its id, incarnation 0 and no members. */
  readonly saved: MembershipSnapshot;
}

/** Messages that only members send. */
type MemberMessage = Exclude<MembershipMessage, { type: "hello" | "forgotten" | "departed" }>;

/** One node's membership in its cluster. */
export class Membership {
  readonly #state: MembershipState;
  readonly #greeter: Greeter;
  readonly #gossip: Gossip;
  readonly #heartbeats: Heartbeats;
  readonly #verdicts: Verdicts;

  /**
   * The incarnation is the saved one plus 1: save `snapshot` before the transport opens. Nothing is
   * sent before the first `tick`. The listener is told of restored members from in here.
   */
  constructor(world: MembershipWorld, { profile, nodeTimeoutMs, saved }: MembershipStart) {
    const { nodeId, incarnation, isLeaving } = saved;
    const own = new OwnNode(nodeId, incarnation + 1, isLeaving, profile, world.memberHash);
    const state = new MembershipState(world, own, nodeTimeoutMs);
    this.#state = state;
    this.#verdicts = new Verdicts(state);
    this.#heartbeats = new Heartbeats(state, {
      suspected: (member) => this.#verdicts.judge(member),
      linkSilent: (member) => member.link && this.#greeter.hangUp(member.link),
    });
    this.#gossip = new Gossip(state, { addressNew: (member) => this.#seek(member) });
    this.#greeter = new Greeter(state, this.#gossip, this.#heartbeats);
    state.work = {
      beat: (member) => this.#heartbeats.beat(member),
      watch: (member) => this.#heartbeats.watch(member),
    };
    restoreMembers(state, saved, (member) => this.#seek(member));
  }

  get nodeId(): string {
    return this.#state.own.id;
  }

  /** Goes up with every restart and reset; part of what the transport authenticates. */
  get incarnation(): number {
    return this.#state.own.incarnation;
  }

  /** The incarnation in which began what this node has in memory. */
  get memoryIncarnation(): number {
    return this.#state.own.memoryIncarnation;
  }

  get isLeaving(): boolean {
    return this.#state.own.isOnItsWayOut;
  }

  get profile(): OwnProfile {
    return this.#state.own.profile;
  }

  /** XOR of the hashes of all members on the ring, this node included. */
  get fingerprint(): Hash64 {
    return this.#state.fingerprint;
  }

  /** `cluster_reachable_nodes`: others that are neither leaving nor silent nor still strangers. */
  get reachableCount(): number {
    return this.#state.table.reachableCount;
  }

  /** `cluster_size`: all members, this node and dead ones included. */
  get size(): number {
    return this.#state.table.count + 1;
  }

  /** `cluster_known_nodes`: also those that are being introduced. */
  get knownCount(): number {
    return this.size + this.#state.introductions.count;
  }

  /** `cluster-node-timeout`. */
  get nodeTimeoutMs(): number {
    return this.#state.nodeTimeoutMs;
  }

  /** Links refused for a wall clock that is too far off. */
  get clockRefusals(): number {
    return this.#state.clocks.refusals;
  }

  /** Membership messages since the start. */
  get traffic(): { readonly sent: number; readonly received: number } {
    const { messagesSent: sent, messagesReceived: received } = this.#state;
    return { sent, received };
  }

  /** What to save whenever the listener hears `snapshotChanged`. */
  get snapshot(): MembershipSnapshot {
    return snapshotOf(this.#state.own, this.#state.table.values());
  }

  /** Monotonic ms of the next thing to do; Infinity when there is none. */
  get nextWakeAtMs(): number {
    return this.#state.schedule.nextAtMs;
  }

  /** Other members, in the order in which they became known. */
  members(): IterableIterator<Member> {
    return this.#state.table.values();
  }

  /** Nodes that do not count as members yet; only CLUSTER NODES shows them. */
  introductions(): IterableIterator<Introduction> {
    return this.#state.introductions.values();
  }

  member(id: string): Member | undefined {
    return this.#state.table.get(id);
  }

  /** Who sends on this link; undefined before it has greeted, and everything else is to be ignored then. */
  memberOn(link: PeerLink): Member | undefined {
    return this.#greeter.memberOn(link);
  }

  /** Before the first link: this node has all that it had, as of a memory that began then. */
  keepMemory(memoryIncarnation: number): void {
    this.#state.own.memoryIncarnation = memoryIncarnation;
    this.#state.listener.snapshotChanged();
  }

  /** This node can reach others, and be reached, from now on. */
  begin(): void {
    this.#heartbeats.begin();
  }

  /** Does what is due. Has this process just stood still for long (standstill.ts), all links end. */
  tick(hasStoodStill = false): void {
    this.#heartbeats.noticeStall(hasStoodStill);
    this.#state.schedule.runDue(this.#state.host.nowMs);
  }

  linkUp(link: PeerLink): void {
    this.#greeter.linkUp(link);
  }

  /** Also for a link that was hung up; a link not known is ignored. */
  linkDown(link: PeerLink): void {
    this.#greeter.linkDown(link);
  }

  dialFailed(address: PeerAddress, failure: FailedDial): void {
    this.#greeter.dialFailed(address, failure);
  }

  /** A message came; nothing but a greeting or a farewell is taken from who has not greeted. */
  received(link: PeerLink, message: MembershipMessage): void {
    const { exclusions, host } = this.#state;
    this.#state.messagesReceived++;
    switch (message.type) {
      case "hello":
        this.#greeter.greeted(link, message);
        return;
      case "forgotten":
        exclusions.wasForgottenBy(link.remoteId);
        this.#greeter.leftBy(link);
        return;
      case "departed":
        exclusions.hasDeparted(link.remoteId, message.incarnation);
        this.#greeter.leftBy(link);
        return;
      default: {
        const member = this.#greeter.memberOn(link);
        if (member === undefined) return;
        member.heardAtMs = host.nowMs;
        this.#receivedFrom(member, link, message);
      }
    }
  }

  /** CLUSTER MEET: dials until the node there answers or the handshake timeout is over. */
  meet(address: MeetAddress): void {
    this.#state.introductions.meet(address, this.#state.introductionMs);
  }

  /** Addresses at which members are to be found; replaces those of before. */
  setSeeds(addresses: readonly PeerAddress[]): void {
    this.#state.seeds.set(addresses);
  }

  /** CLUSTER FORGET: the node is told, and for a minute nobody can bring it back but an operator. */
  forget(id: string): ForgetOutcome {
    return forgetNode(this.#state, id);
  }

  /** CLUSTER RESET: knows nobody any more, and all others are told. `newId` for a hard one. */
  reset(newId: string | undefined): void {
    resetMembership(this.#state, this.#greeter, newId);
  }

  /** CLUSTER LEAVING: all are told at once. */
  setLeaving(isLeaving: boolean): void {
    const { own } = this.#state;
    if (own.isLeaving === isLeaving) return;
    own.isLeaving = isLeaving;
    this.#ownChanged();
    this.#state.listener.snapshotChanged();
  }

  /** This process is about to end: all are told as if it were leaving, but only until it is back. */
  sayGoodbye(): void {
    const { own } = this.#state;
    if (own.isGoing) return;
    own.isGoing = true;
    this.#ownChanged();
  }

  /** What this node announces; the others are told if it is something else than before. */
  setProfile(profile: OwnProfile): void {
    const { own } = this.#state;
    if (isSameProfile(own.profile, profile)) return;
    own.profile = profile;
    this.#ownChanged();
  }

  setNodeTimeout(nodeTimeoutMs: number): void {
    this.#state.nodeTimeoutMs = nodeTimeoutMs;
    this.#heartbeats.timeoutChanged();
  }

  #receivedFrom(member: Member, link: PeerLink, message: MemberMessage): void {
    switch (message.type) {
      case "members":
        this.#gossip.received(member, message, this.#greeter.takesAll(link));
        return;
      case "heartbeat":
        this.#state.send(link, { type: "heard", sequence: message.sequence });
        this.#verdicts.reported(member, message.suspects);
        this.#gossip.compare(member, message.fingerprintHigh, message.fingerprintLow);
        return;
      case "heard":
        this.#heartbeats.heard(member, message.sequence);
        return;
      case "failed":
        this.#verdicts.told(message.nodeId, message.incarnation);
        return;
      default:
        unreachable(message);
    }
  }

  #ownChanged(): void {
    const { own, listener } = this.#state;
    own.version++;
    this.#gossip.spread(own.id);
    listener.membersChanged();
  }

  /** Dials a member that is not linked and starts its clock. */
  #seek(member: Member): void {
    this.#heartbeats.unlinked(member);
    this.#state.dialer.start(member.dial, this.#state.headStartMs(member.id));
  }
}
