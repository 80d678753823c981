/**
 * One node's part in its cluster: who the members are, and the ring they make.
 *
 * The broker keeps jobs and knows no other node; this knows the other nodes and tells the broker what
 * it must know of them. Pure like the broker: messages come in through `membership`, leave through the
 * links it is made with, and time passes when `tick` is called.
 */
import type { Broker } from "../core/broker.ts";
import type { Host } from "../core/host.ts";
import type { MembershipLinks, PeerLink } from "./members/links.ts";
import type { MembershipListener } from "./members/listener.ts";
import type { Member } from "./members/member.ts";
import { Membership, type MembershipStart } from "./members/membership.ts";
import { isMembershipMessage, type Message } from "./messages.ts";
import { Pauses } from "./pauses.ts";
import type { RingMember } from "./ring.ts";
import { RingHash, type Xxh64 } from "./ring-hash.ts";
import { TokenCache } from "./ring-tokens.ts";
import { type View, Views } from "./views.ts";

/** Index of this node where nodes are small numbers. */
export const OWN_INDEX = 0;

/** What the node hears of its cluster. */
export interface ClusterEvents {
  /** The nodes file must be written before anything else is said to anybody. */
  snapshotChanged(): void;
  /** This node goes by another id or incarnation from now on: no link of the old one may stay. */
  identityChanged(): void;
  log(level: "verbose" | "notice" | "warning", message: string, data?: object): void;
}

/** What the cluster asks of the transport. */
export interface ClusterLinks extends MembershipLinks {
  send(link: PeerLink, message: Message): void;
}

/** What has gone over all links since the start. */
export interface BusBytes {
  readonly linkBytesSent: number;
  readonly linkBytesReceived: number;
}

/** What a cluster is made with. */
export interface ClusterParts {
  readonly host: Host;
  readonly broker: Broker;
  readonly links: ClusterLinks;
  readonly xxh64: Xxh64;
  readonly start: MembershipStart;
  readonly events: ClusterEvents;
}

/** The cluster as one node sees it. */
export class Cluster {
  readonly membership: Membership;
  readonly hash: RingHash;
  readonly pauses: Pauses;
  /** Whether other nodes can be spoken to: not when there is no port for them. */
  hasBus = false;
  /** Messages since the start, of all kinds; counted by whoever carries them. */
  messagesSent = 0;
  messagesReceived = 0;
  bytes: BusBytes = { linkBytesSent: 0, linkBytesReceived: 0 };
  readonly #broker: Broker;
  readonly #events: ClusterEvents;
  readonly #links: ClusterLinks;
  readonly #tokens: TokenCache;
  readonly #views: Views;
  #isViewOutdated = true;

  /** The incarnation is a new one: have the snapshot saved before any other node is spoken to. */
  constructor({ host, broker, links, xxh64, start, events }: ClusterParts) {
    this.#broker = broker;
    this.#events = events;
    this.#links = links;
    this.hash = new RingHash(xxh64);
    this.#tokens = new TokenCache(this.hash);
    this.#views = new Views(this.hash, this.#tokens);
    const memberHash = (id: string) => this.hash.ofMember(id);
    const world = { host, links, listener: this.#listener(), memberHash };
    this.membership = new Membership(world, start);
    this.pauses = new Pauses({
      host,
      broker,
      ownId: () => broker.nodeId,
      broadcast: (news) => this.#broadcast({ type: "pauses", news }),
      changed: () => events.snapshotChanged(),
    });
    broker.isLeaving = this.membership.isLeaving;
  }

  /** The members on the ring now, and the ring they make. */
  get view(): View {
    this.#renewView();
    return this.#views.current;
  }

  /** Monotonic ms at which `tick` has work. */
  get nextWakeAtMs(): number {
    return this.membership.nextWakeAtMs;
  }

  /** Does what is due; at the end of every turn. */
  tick(): void {
    this.membership.tick();
    this.#renewView();
  }

  /** Another node says something. Only members are listened to, but for what makes somebody a member. */
  received(link: PeerLink, message: Message): void {
    this.messagesReceived++;
    if (isMembershipMessage(message)) this.membership.received(link, message);
    else if (this.membership.memberOn(link) !== undefined) this.pauses.received(message.news);
  }

  /** Takes this node out of service, or back into it; the others are told. */
  setLeaving(isLeaving: boolean): void {
    this.#broker.isLeaving = isLeaving;
    this.membership.setLeaving(isLeaving);
  }

  /** Forgets all jobs, queues and pauses of this node. */
  flush(): void {
    this.#broker.flush();
    this.pauses.clear();
  }

  /** Forgets all nodes, jobs and queues; a new id makes it another node. */
  reset(newId: string | undefined): void {
    this.flush();
    this.membership.reset(newId);
    if (newId !== undefined) this.#broker.nodeId = newId;
    this.#events.identityChanged();
  }

  /** The member with this index, or undefined for this node and for one that is not known any more. */
  memberAt(index: number): Member | undefined {
    for (const member of this.membership.members()) if (member.index === index) return member;
    return undefined;
  }

  #broadcast(message: Message): void {
    for (const { link } of this.membership.members())
      if (link !== undefined) this.#links.send(link, message);
  }

  #tellPauses({ link }: Member): void {
    if (link === undefined) return;
    for (const news of this.pauses.all()) this.#links.send(link, { type: "pauses", news });
  }

  #renewView(): void {
    if (!this.#isViewOutdated) return;
    this.#isViewOutdated = false;
    this.#views.change(this.#ringMembers());
    this.#broker.viewHint = this.#views.current.hint;
  }

  #ringMembers(): RingMember[] {
    const { membership } = this;
    const members: RingMember[] = [];
    if (!membership.isLeaving) members.push({ node: OWN_INDEX, id: membership.nodeId });
    for (const { index, id, isOnRing } of membership.members()) {
      if (isOnRing) members.push({ node: index, id });
    }
    return members;
  }

  /** Membership calls it from inside its constructor too, so it only takes notes. */
  #listener(): MembershipListener {
    const events = this.#events;
    const tell = (level: "notice" | "warning", message: string) => (member: Member) =>
      events.log(level, message, { nodeId: member.id, host: member.record.host });
    return {
      membersChanged: () => {
        this.#isViewOutdated = true;
      },
      snapshotChanged: () => events.snapshotChanged(),
      memberConnected: (member) => {
        tell("notice", "connected with a node")(member);
        this.#tellPauses(member);
      },
      memberDisconnected: tell("notice", "connection with a node lost"),
      memberRestarted: tell("notice", "a node has started again"),
      memberSuspected: tell("warning", "a node is silent, it may have failed"),
      memberFailed: tell("warning", "a node has failed: most nodes hear nothing of it"),
      memberBack: tell("notice", "a node is back"),
      memberSteady: () => {},
      memberRemoved: tell("notice", "a node is no member any more"),
    };
  }
}
