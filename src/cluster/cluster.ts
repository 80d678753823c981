/**
 * One node's part in its cluster: who the members are, and the ring they make.
 *
 * The broker keeps jobs and knows no other node; this knows the other nodes and tells the broker what
 * it must know of them. Pure like the broker: messages come in through `membership`, leave through the
 * links it is made with, and time passes when `tick` is called.
 */
import type { Broker } from "../core/broker.ts";
import type { Host } from "../core/host.ts";
import { clusterListener } from "./cluster-listener.ts";
import { type JobSettings, JobSurroundings, PossibleCopies } from "./job-surroundings.ts";
import { Jobs } from "./jobs/jobs.ts";
import type { MembershipLinks, PeerLink } from "./members/links.ts";
import type { MembershipListener } from "./members/listener.ts";
import type { Member } from "./members/member.ts";
import { Membership, type MembershipStart } from "./members/membership.ts";
import { ringMembersOf } from "./members/ring-members.ts";
import type { MembershipSnapshot } from "./members/snapshot.ts";
import { isJobMessage, isMembershipMessage, isTotalsMessage, type Message } from "./messages.ts";
import { type Nodes, OWN_INDEX } from "./nodes.ts";
import { Pauses } from "./pauses.ts";
import { Peers } from "./peers.ts";
import { Pressure } from "./pressure.ts";
import { RingHash, type Xxh64 } from "./ring-hash.ts";
import { TokenCache } from "./ring-tokens.ts";
import { Standstill } from "./standstill.ts";
import { Totals } from "./totals.ts";
import { type BusFigures, MessageCounts, NO_FIGURES } from "./traffic.ts";
import { type View, Views } from "./views.ts";

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
  /**
   * To a member, linked or not: control messages wait for one that is away. False: lost, or all that
   * waited was dropped (`Cluster.streamBroken` follows).
   */
  sendToPeer(nodeId: string, message: Message): boolean;
  /** More is on its way to a node than the soft limit (`Cluster.congestionChanged` follows). */
  isCongested(nodeId: string): boolean;
}

/** What a cluster is made with. */
export interface ClusterParts {
  readonly host: Host;
  readonly broker: Broker;
  readonly links: ClusterLinks;
  readonly xxh64: Xxh64;
  /** Shared with other nodes of this process. */
  readonly tokens?: TokenCache;
  readonly start: MembershipStart;
  readonly events: ClusterEvents;
  readonly settings: JobSettings;
}

/** The cluster as one node sees it. */
export class Cluster {
  readonly membership: Membership;
  readonly hash: RingHash;
  readonly pauses: Pauses;
  readonly jobs: Jobs;
  readonly totals: Totals;
  readonly standstill: Standstill;
  /** Whether other nodes can be spoken to: not when there is no port for them. */
  hasBus = false;
  /** Messages since the start. */
  readonly messagesSent = new MessageCounts();
  readonly messagesReceived = new MessageCounts();
  bytes: BusFigures = NO_FIGURES;
  readonly #host: Host;
  readonly #broker: Broker;
  /** Of the start before, as the nodes file has it. */
  readonly #saved: MembershipSnapshot;
  readonly #events: ClusterEvents;
  readonly #links: ClusterLinks;
  readonly #views: Views;
  readonly #peers: Peers;
  readonly #pressure: Pressure;
  #isViewOutdated = true;
  /** Membership tells of members from inside its constructor, before there is anything else. */
  #isComplete = false;

  /** The incarnation is a new one: have the snapshot saved before any other node is spoken to. */
  constructor({ host, broker, links, xxh64, tokens, start, events, settings }: ClusterParts) {
    this.#host = host;
    this.#broker = broker;
    this.#saved = start.saved;
    this.#events = events;
    this.#links = links;
    this.hash = new RingHash(xxh64);
    this.#views = new Views(this.hash, tokens ?? new TokenCache(this.hash));
    const memberHash = (id: string) => this.hash.ofMember(id);
    const world = { host, links, listener: this.#listener(), memberHash };
    this.membership = new Membership(world, start);
    this.standstill = new Standstill(host, this.membership, broker);
    this.pauses = new Pauses({
      host,
      broker,
      ownId: () => broker.nodeId,
      broadcast: (news) => this.#broadcast({ type: "pauses", news }),
      changed: () => events.snapshotChanged(),
    });
    broker.isLeaving = this.membership.isLeaving;
    this.#pressure = new Pressure(host, broker);
    this.#peers = new Peers(this.membership, links);
    const { membership, hash } = this;
    const parts = { host, broker, membership, hash, views: this.#views, peers: this.#peers };
    this.jobs = new Jobs(
      new JobSurroundings({
        ...parts,
        log: events.log.bind(events),
        settings,
        untoldChanged: () => events.snapshotChanged(),
      }),
      new PossibleCopies(this.#peers, settings),
    );
    this.totals = new Totals({ host, broker, jobs: this.jobs, membership, links });
    this.#isComplete = true;
  }

  /** The members on the ring now, and the ring they make. */
  get view(): View {
    this.#renewView();
    return this.#views.current;
  }

  /** All members, this node included, by index and by id. */
  get nodes(): Pick<Nodes, "id" | "findId"> {
    return this.#peers.nodes;
  }

  /**
   * Jobs of before the start were loaded into the broker, each in its role; once, before any other node
   * is spoken to. "kept": nothing is missing of what was ever said to others, who go on counting on it.
   * "empty": something is, and they count this node's copies as lost.
   */
  resume(memory: "kept" | "empty"): void {
    const { memoryIncarnation, isUntold, untoldIds = [] } = this.#saved;
    if (memory === "kept") this.membership.keepMemory(memoryIncarnation);
    this.jobs.resume(memory === "kept" && isUntold !== true, untoldIds);
  }

  /** What to save whenever somebody hears `snapshotChanged`. */
  get snapshot(): MembershipSnapshot {
    const { isUntold, untoldIds } = this.jobs;
    return { ...this.membership.snapshot, isUntold, untoldIds };
  }

  /** Monotonic ms at which `tick` has work. */
  get nextWakeAtMs(): number {
    const { membership, jobs, totals } = this;
    return Math.min(membership.nextWakeAtMs, jobs.nextWakeAtMs, totals.nextWakeAtMs);
  }

  /** The clock was read, at the beginning of a turn or for its end, and nothing was done since. */
  timePassed(): void {
    this.standstill.notice();
  }

  /** Does what is due; at the end of every turn. */
  tick(): void {
    this.membership.tick(this.standstill.isOver);
    this.standstill.turnEnded();
    this.#renewView();
    this.#sayPressure();
    this.jobs.tick();
    this.totals.tick();
  }

  /** Another node says something. Only members are listened to, but for what makes somebody a member. */
  received(link: PeerLink, message: Message): void {
    this.messagesReceived.add(message.type);
    if (isMembershipMessage(message)) {
      this.membership.received(link, message);
      return;
    }
    const member = this.membership.memberOn(link);
    if (member === undefined) return;
    member.heardAtMs = this.#host.nowMs;
    if (isJobMessage(message)) {
      if (this.standstill.isOver) this.jobs.linkIsStale(member.index);
      this.jobs.received(member.index, message);
    } else if (isTotalsMessage(message)) this.totals.received(member, message);
    else if (message.type === "pauses") this.pauses.received(message.news);
    else this.#peers.setPressured(member.index, message.isPressured);
  }

  /** What waited for this node was dropped, though it may not have started again. */
  streamBroken(nodeId: string): void {
    const member = this.membership.member(nodeId);
    if (member !== undefined) this.jobs.streamBroken(member.index);
  }

  /** What was on its way from this node was dropped, though it has not started again. */
  answersLost(nodeId: string): void {
    const member = this.membership.member(nodeId);
    if (member !== undefined) this.jobs.answersLost(member.index);
  }

  /** What waits for this node has passed the soft limit, or is below it again. */
  congestionChanged(nodeId: string): void {
    const member = this.membership.member(nodeId);
    if (member !== undefined) this.#peers.refresh(member);
  }

  /** Takes this node out of service, or back into it; the others are told. */
  setLeaving(isLeaving: boolean): void {
    if (isLeaving !== this.#broker.isLeaving) {
      this.#events.log("notice", isLeaving ? "this node leaves" : "this node stays after all");
    }
    this.#broker.isLeaving = isLeaving;
    this.membership.setLeaving(isLeaving);
    this.#peers.refreshOwn();
    this.jobs.examineAll();
  }

  /** This process is about to end: its jobs are to be elsewhere by then. */
  sayGoodbye(): void {
    this.#broker.isLeaving = true;
    this.membership.sayGoodbye();
    this.#peers.refreshOwn();
    this.jobs.examineAll();
  }

  /** Forgets all jobs, queues and pauses of this node. */
  flush(): void {
    this.jobs.flush();
    this.pauses.clear();
  }

  /** Forgets all nodes, jobs and queues; a new id makes it another node. */
  reset(newId: string | undefined): void {
    this.flush();
    this.membership.reset(newId);
    if (newId !== undefined) this.#broker.nodeId = newId;
    this.#peers.refreshOwn();
    const { nodeId } = this.#broker;
    this.#events.log("notice", "this node was reset: it has no jobs and knows nobody", { nodeId });
    this.#events.identityChanged();
  }

  /** The member with this index, or undefined for this node and for one that is not known any more. */
  memberAt(index: number): Member | undefined {
    return this.#peers.member(index);
  }

  #broadcast(message: Message): void {
    for (const { link } of this.membership.members())
      if (link !== undefined) this.#links.send(link, message);
  }

  #renewView(): void {
    if (!this.#isViewOutdated) return;
    this.#isViewOutdated = false;
    this.#views.change(ringMembersOf(this.membership));
    this.#broker.viewHint = this.#views.current.hint;
  }

  #sayPressure(): void {
    if (!this.#pressure.changes()) return;
    const { isPressured } = this.#pressure;
    this.#peers.setPressured(OWN_INDEX, isPressured);
    this.#broadcast({ type: "pressure", isPressured });
  }

  #connected(member: Member): void {
    const { link } = member;
    if (link !== undefined) {
      for (const news of this.pauses.all()) this.#links.send(link, { type: "pauses", news });
      const { isPressured } = this.#pressure;
      if (isPressured) this.#links.send(link, { type: "pressure", isPressured });
    }
    this.jobs.peerUp(member.index);
  }

  /** Membership calls it from inside its constructor too: before all is there, nothing is passed on. */
  #listener(): MembershipListener {
    return clusterListener({
      log: (level, message, data) => this.#events.log(level, message, data),
      snapshotChanged: () => this.#events.snapshotChanged(),
      membersChanged: () => {
        this.#isViewOutdated = true;
        if (!this.#isComplete) return;
        for (const member of this.membership.members()) this.#peers.refresh(member);
        this.jobs.examineAll();
      },
      connected: (member) => this.#connected(member),
      parts: () => (this.#isComplete ? { peers: this.#peers, jobs: this.jobs } : undefined),
    });
  }
}
