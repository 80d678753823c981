/**
 * What the parts of membership share: the tables, the way out, and how a member comes and goes.
 *
 * The parts (greeter, gossip, heartbeats, verdicts) each hold one subject and meet here, so that none
 * of them needs the others for adding, removing or addressing a member.
 */
import type { Host } from "../../core/host.ts";
import type { MemberRecord, MembershipMessage } from "../messages.ts";
import type { Hash64 } from "../ring-hash.ts";
import { ClockCheck } from "./clock-check.ts";
import { Dialer } from "./dialer.ts";
import { Exclusions } from "./exclusions.ts";
import { Introductions } from "./introductions.ts";
import type { MembershipLinks, PeerLink } from "./links.ts";
import type { MembershipListener } from "./listener.ts";
import { Member } from "./member.ts";
import { MemberTable } from "./member-table.ts";
import type { OwnNode } from "./own-node.ts";
import { Chore, Schedule } from "./schedule.ts";
import { Seeds } from "./seeds.ts";

/** The node with the greater id lets the other one dial first: mostly one connection is enough. */
const HEAD_START_MS = 100;
const INTRODUCTION_MS_MIN = 1000;
/** Heartbeats between two nodes: this often, or four times in a node timeout. */
const HEARTBEAT_MS_MAX = 1000;
const HEARTBEAT_MS_MIN = 20;
const HEARTBEATS_IN_TIMEOUT = 4;

/** What a member needs to be done in time; the parts fill it in. */
export interface MemberWork {
  beat(member: Member): void;
  watch(member: Member): void;
}

/** What membership is made with. */
export interface MembershipWorld {
  readonly host: Host;
  readonly links: MembershipLinks;
  readonly listener: MembershipListener;
  /** A member's part of the fingerprint (ring-hash.ts). */
  readonly memberHash: (id: string) => Hash64;
}

/** The shared state of one node's membership. */
export class MembershipState {
  readonly host: Host;
  readonly links: MembershipLinks;
  readonly listener: MembershipListener;
  readonly own: OwnNode;
  readonly table = new MemberTable();
  readonly schedule = new Schedule();
  readonly dialer: Dialer;
  readonly exclusions: Exclusions;
  readonly introductions: Introductions;
  readonly seeds: Seeds;
  readonly clocks: ClockCheck;
  /** `cluster-node-timeout`. */
  nodeTimeoutMs: number;
  messagesSent = 0;
  messagesReceived = 0;
  /** Set once, before the first member. */
  work: MemberWork = { beat: () => {}, watch: () => {} };
  readonly #memberHash: (id: string) => Hash64;

  constructor(world: MembershipWorld, own: OwnNode, nodeTimeoutMs: number) {
    this.host = world.host;
    this.links = world.links;
    this.listener = world.listener;
    this.own = own;
    this.nodeTimeoutMs = nodeTimeoutMs;
    this.#memberHash = world.memberHash;
    this.dialer = new Dialer(this.host, this.links, this.schedule);
    this.exclusions = new Exclusions(this.host);
    this.introductions = new Introductions(this.host, this.schedule, this.dialer);
    this.seeds = new Seeds(this.table, this.dialer);
    this.clocks = new ClockCheck(this.host);
  }

  /** Time between two heartbeats to one member. */
  get heartbeatMs(): number {
    const share = Math.floor(this.nodeTimeoutMs / HEARTBEATS_IN_TIMEOUT);
    return Math.max(HEARTBEAT_MS_MIN, Math.min(HEARTBEAT_MS_MAX, share));
  }

  /** How long a stranger may take to answer; the reference's handshake timeout. */
  get introductionMs(): number {
    return Math.max(this.nodeTimeoutMs, INTRODUCTION_MS_MIN);
  }

  /** XOR of the hashes of everybody on the ring, this node included. */
  get fingerprint(): Hash64 {
    return this.table.fingerprint(this.own.hash);
  }

  send(link: PeerLink, message: MembershipMessage): void {
    this.messagesSent++;
    this.links.send(link, message);
  }

  /** To every member that is linked. */
  broadcast(message: MembershipMessage): void {
    for (const { link } of this.table.values()) if (link !== undefined) this.send(link, message);
  }

  /** How long to wait before dialling this node, which may dial just now. */
  headStartMs(id: string): number {
    return this.own.id < id ? 0 : HEAD_START_MS;
  }

  /** Makes somebody a member that nobody is linked with yet; undefined when there are too many. */
  addMember(record: MemberRecord): Member | undefined {
    const { host, table, dialer } = this;
    if (table.isFull) return undefined;
    const hash = this.#memberHash(record.nodeId);
    const member = new Member(table.takeIndex(), record, hash, host.nowMs, (made) => ({
      dial: dialer.make({ kind: "member", member: made }, () => this.#dialTarget(made)),
      beat: new Chore(() => this.work.beat(made)),
      watch: new Chore(() => this.work.watch(made)),
    }));
    table.add(member);
    this.introductions.dropId(member.id);
    this.exclusions.end(member.id);
    this.listener.membersChanged();
    this.listener.snapshotChanged();
    return member;
  }

  /** Ends a membership; `farewell` is said first if there is a link. */
  removeMember(member: Member, farewell?: MembershipMessage): void {
    const { link } = member;
    if (!this.table.remove(member)) return;
    for (const chore of [member.beat, member.watch]) this.schedule.cancel(chore);
    this.dialer.stop(member.dial);
    if (link !== undefined) {
      if (farewell !== undefined) this.send(link, farewell);
      this.links.hangUp(link);
      member.link = undefined;
      this.listener.memberDisconnected(member);
    }
    this.listener.memberRemoved(member);
    this.listener.membersChanged();
    this.listener.snapshotChanged();
    this.seeds.wake();
  }

  #dialTarget(member: Member): Member["busAddress"] {
    const isWanted = member.link === undefined && this.table.get(member.id) === member;
    return isWanted ? member.busAddress : undefined;
  }
}
