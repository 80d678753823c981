/**
 * A node of the simulated network and its processes, one after the other.
 *
 * A process is a membership with a transport around it; what it saves stays with the node, so that the
 * next process continues from there. The transport keeps one link for each pair as the bus does: a dial
 * to a peer that is linked fails, and a peer that dials has no link any more.
 */
import type { PeerAddress, PeerLink } from "../../../../src/cluster/members/links.ts";
import type { Member } from "../../../../src/cluster/members/member.ts";
import { Membership } from "../../../../src/cluster/members/membership.ts";
import type { MembershipSnapshot } from "../../../../src/cluster/members/snapshot.ts";
import type { MembershipMessage } from "../../../../src/cluster/messages.ts";
import { Xorshift } from "../../../../src/util/xorshift.ts";
import { End } from "./connection.ts";
import type { TestNetwork } from "./network.ts";

const BUS_PORT = 17_711;
const DIAL_TIMEOUT_MS = 1000;
const NO_ANSWER = { remoteId: undefined, isProven: false };

/** A 40-digit id that shows which node it belongs to. */
export function idOf(number: number, life = 0): string {
  return `${number}${life}`.padEnd(40, (number % 16).toString(16));
}

/** Any well spread 64 bits will do for a fingerprint. */
function memberHash(id: string): { hi: number; lo: number } {
  let seed = 7;
  for (const char of id) seed = (Math.imul(seed, 31) + char.charCodeAt(0)) | 0;
  const random = new Xorshift(seed);
  return { hi: random.word(), lo: random.word() };
}

/** One process from start to crash. */
export class TestProcess {
  readonly node: TestNode;
  readonly membership: Membership;
  /** What its listener heard, as "event n" with the number of the node it is about. */
  readonly events: string[] = [];
  readonly ends = new Set<End>();
  isDead = false;
  ticks = 0;
  readonly #byPeer = new Map<string, End>();

  constructor(node: TestNode) {
    this.node = node;
    const { network } = node;
    const random = new Xorshift(network.random.word());
    const bootMs = network.nowMs;
    const host = {
      get nowMs() {
        return network.nowMs - bootMs;
      },
      get wallMs() {
        return network.nowMs + node.clockSkewMs;
      },
      randomWord: () => random.word(),
    };
    this.bootMs = bootMs;
    this.membership = new Membership(
      { host, links: this.#links(), listener: this.#listener(), memberHash },
      {
        profile: { host: "", port: 7711, busPort: BUS_PORT, zone: "" },
        nodeTimeoutMs: network.nodeTimeoutMs,
        saved: node.saved,
      },
    );
    if (node.keepsMemory) this.membership.keepMemory(node.saved.memoryIncarnation);
    node.saved = this.membership.snapshot;
  }

  readonly bootMs: number;

  /** Network time of the next wake-up. */
  get wakeAtMs(): number {
    return Math.max(this.membership.nextWakeAtMs + this.bootMs, this.node.stalledUntilMs);
  }

  tick(): void {
    this.ticks++;
    this.membership.tick();
    this.#save();
  }

  linkDown(link: PeerLink): void {
    this.#enter(() => {
      const end = this.#endOf(link);
      if (end === undefined) return;
      this.ends.delete(end);
      if (this.#byPeer.get(link.remoteId) === end) this.#byPeer.delete(link.remoteId);
      this.membership.linkDown(link);
    });
  }

  received(link: PeerLink, message: MembershipMessage): void {
    this.#enter(() => {
      if (this.#endOf(link)?.isOpen) this.membership.received(link, message);
    });
  }

  /** The process ends; others hear of it at once only if its machine goes on. */
  die(isHeard: boolean): void {
    this.isDead = true;
    for (const end of this.ends) end.break(isHeard);
  }

  /** Makes both ends of a connection, the accepted one first. */
  #connect(address: PeerAddress): void {
    const { network } = this.node;
    const other = network.processAt(address);
    const fail = (failure: { remoteId: string | undefined; isProven: boolean }): void =>
      this.#enter(() => this.membership.dialFailed(address, failure));
    if (other !== undefined && network.isApart(this.node, other.node)) {
      network.after(DIAL_TIMEOUT_MS, () => fail(NO_ANSWER));
    } else if (other === undefined) fail(NO_ANSWER);
    else if (other === this) fail({ remoteId: this.membership.nodeId, isProven: true });
    else if (this.#byPeer.has(other.membership.nodeId)) {
      fail({ remoteId: other.membership.nodeId, isProven: false });
    } else {
      const here = this.#newEnd(other, address);
      const there = other.#newEnd(this, undefined);
      here.peer = there;
      there.peer = here;
      other.#up(there);
      this.#up(here);
    }
  }

  /** Its links were authenticated for who it was. */
  forgetLinks(): void {
    for (const end of [...this.ends]) end.close();
  }

  #newEnd(remote: TestProcess, dialled: PeerAddress | undefined): End {
    const { nodeId, incarnation } = remote.membership;
    return new End(this, { remoteId: nodeId, incarnation, remoteIp: remote.node.ip, dialled });
  }

  #up(end: End): void {
    const { remoteId } = end.link;
    const dead = this.#byPeer.get(remoteId);
    if (dead !== undefined) {
      dead.isOpen = false;
      this.linkDown(dead.link);
    }
    this.ends.add(end);
    this.#byPeer.set(remoteId, end);
    this.#enter(() => this.membership.linkUp(end.link));
  }

  #endOf(link: PeerLink): End | undefined {
    for (const end of this.ends) if (end.link === link) return end;
    return undefined;
  }

  /** A call into the membership: later if the process stands still, never if it has ended. */
  #enter(call: () => void): void {
    const { network, stalledUntilMs } = this.node;
    if (this.isDead) return;
    if (stalledUntilMs > network.nowMs) {
      network.after(stalledUntilMs - network.nowMs, () => this.#enter(call));
      return;
    }
    call();
    this.#save();
  }

  #save(): void {
    if (this.events.length > 0) this.node.saved = this.membership.snapshot;
  }

  #links() {
    const { network } = this.node;
    return {
      dial: (address: PeerAddress) =>
        network.afterDelay(() => this.isDead || this.#connect(address)),
      hangUp: (link: PeerLink) => {
        const end = this.#endOf(link);
        // Gone for the transport at once, for the other side when it hears of it.
        if (end !== undefined && this.#byPeer.get(link.remoteId) === end) {
          this.#byPeer.delete(link.remoteId);
        }
        end?.close();
      },
      send: (link: PeerLink, message: MembershipMessage) => this.#endOf(link)?.send(message),
    };
  }

  #listener() {
    const note = (event: string) => (member?: Member) => {
      this.events.push(
        member === undefined ? event : `${event} ${this.node.network.numberOf(member.id)}`,
      );
    };
    return {
      membersChanged: () => note("changed")(),
      snapshotChanged: () => note("snapshot")(),
      memberConnected: note("connected"),
      memberDisconnected: note("disconnected"),
      memberRestarted: (member: Member, hasMemory: boolean) =>
        note(hasMemory ? "restarted with memory" : "restarted")(member),
      memberReturned: note("returned"),
      memberSuspected: note("suspected"),
      memberFailed: note("failed"),
      memberBack: note("back"),
      memberSteady: note("steady"),
      memberRemoved: note("removed"),
      seedUnanswered: () => undefined,
      clockRefused: (id: string) =>
        this.events.push(`clock refused ${this.node.network.numberOf(id)}`),
    };
  }
}

/** A place for processes: an address and a disk. */
export class TestNode {
  readonly network: TestNetwork;
  readonly number: number;
  ip: string;
  saved: MembershipSnapshot;
  /** Its next process will have what this one has in memory. */
  keepsMemory = false;
  process: TestProcess | undefined;
  /** Network time; before that it neither hears nor does anything. */
  stalledUntilMs = 0;
  life = 0;
  /** How far its wall clock is ahead. */
  clockSkewMs = 0;

  constructor(network: TestNetwork, number: number) {
    this.network = network;
    this.number = number;
    this.ip = `10.0.0.${number}`;
    this.saved = {
      nodeId: idOf(number),
      incarnation: 0,
      memoryIncarnation: 0,
      isLeaving: false,
      members: [],
    };
  }

  /** The membership of the running process; throws when there is none. */
  get membership(): Membership {
    return this.running.membership;
  }

  get running(): TestProcess {
    if (this.process === undefined) throw new Error(`node ${this.number} does not run`);
    return this.process;
  }

  get events(): readonly string[] {
    return this.running.events;
  }

  get busAddress(): PeerAddress {
    return { host: this.ip, port: BUS_PORT };
  }

  /** How this node sees another one. */
  sees(other: TestNode): Member | undefined {
    return this.membership.member(other.membership.nodeId);
  }

  meet(other: TestNode): void {
    this.membership.meet({ host: other.ip, port: 7711, busPort: BUS_PORT });
  }

  start(): void {
    this.process = new TestProcess(this);
  }

  /** Ends the process; `isHeard` as for a killed process, not for a lost machine. */
  stop(isHeard = true): void {
    this.process?.die(isHeard);
    this.process = undefined;
  }

  restart(): void {
    this.stop();
    this.start();
  }

  /** CLUSTER RESET HARD. */
  resetHard(): void {
    this.life++;
    this.membership.reset(idOf(this.number, this.life));
    this.running.forgetLinks();
  }
}
