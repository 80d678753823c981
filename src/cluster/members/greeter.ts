/**
 * Links: who is at the other end, is it who was expected, and may it be a member?
 *
 * The transport vouches for the id. Both sides then say hello, and whoever has accepted the other's
 * hello is linked. A stranger that calls is accepted: to call at all it must belong to the cluster's
 * owner and know this node by name. A node that only turned up at the address of another one is not;
 * what follows from that stands in answers.ts.
 */
import type { MemberRecord, MembershipMessage } from "../messages.ts";
import { Answers } from "./answers.ts";
import type { Dial } from "./dialer.ts";
import type { Gossip } from "./gossip.ts";
import type { Heartbeats } from "./heartbeats.ts";
import type { FailedDial, PeerAddress, PeerLink } from "./links.ts";
import type { Member } from "./member.ts";
import { isSound } from "./record-check.ts";
import { Chore } from "./schedule.ts";
import type { MembershipState } from "./state.ts";

type Hello = Extract<MembershipMessage, { type: "hello" }>;

/** A link that has lived for so long was a good one. */
const LASTING_MS = 1000;
/** Dials of a seed in a row that fail before the operator is told: some seven seconds of them. */
const SEED_FAILURES_TOLD = 8;

/** A link from its first moment to its last. */
interface Conversation {
  readonly link: PeerLink;
  /** Why it was dialled; empty for accepted ones. */
  readonly dials: readonly Dial[];
  /** Ends it when no hello comes. */
  readonly expiry: Chore;
  /** Since it has greeted. */
  member: Member | undefined;
  /** The next list is taken over as it is. */
  takesAll: boolean;
  greetedAtMs: number;
}

/** Makes links into members and members into links. */
export class Greeter {
  readonly #state: MembershipState;
  readonly #gossip: Gossip;
  readonly #heartbeats: Heartbeats;
  readonly #answers: Answers;
  readonly #conversations = new Map<PeerLink, Conversation>();

  constructor(state: MembershipState, gossip: Gossip, heartbeats: Heartbeats) {
    this.#state = state;
    this.#gossip = gossip;
    this.#heartbeats = heartbeats;
    this.#answers = new Answers(state);
  }

  /** The member that has greeted on this link, unless it uses another one now. */
  memberOn(link: PeerLink): Member | undefined {
    return this.#conversations.get(link)?.member;
  }

  /** Whether the next list on this link is to be taken over; asked once. */
  takesAll(link: PeerLink): boolean {
    const conversation = this.#conversations.get(link);
    const takesAll = conversation?.takesAll ?? false;
    if (conversation !== undefined) conversation.takesAll = false;
    return takesAll;
  }

  /** The transport has a new link. */
  linkUp(link: PeerLink): void {
    const { table, introductions, exclusions, schedule, host } = this.#state;
    const id = link.remoteId;
    const dials = link.dialled === undefined ? [] : this.#state.dialer.take(link.dialled);
    const wanted = dials.filter((dial) => this.#answers.isExpected(dial, id, true));
    const isKnown = table.has(id) || introductions.has(id);
    if (id === this.#state.own.id || (link.dialled && wanted.length === 0 && !isKnown)) {
      this.#state.links.hangUp(link);
      return;
    }
    const isMeeting = wanted.some(isMeetingDial);
    if (isMeeting) exclusions.end(id);
    const conversation: Conversation = {
      link,
      dials: wanted,
      // No hello came.
      expiry: new Chore(() => this.hangUp(link)),
      member: undefined,
      takesAll: false,
      greetedAtMs: host.nowMs,
    };
    this.#conversations.set(link, conversation);
    schedule.at(conversation.expiry, host.nowMs + this.#state.introductionMs);
    const { nodeId: _id, incarnation: _incarnation, ...profile } = this.#state.own.record;
    this.#state.send(link, { type: "hello", isMeeting, wallMs: host.wallMs, ...profile });
  }

  /** The transport has lost a link. */
  linkDown(link: PeerLink): void {
    const conversation = this.#conversations.get(link);
    if (conversation === undefined) return;
    this.#end(conversation);
    const { member } = conversation;
    if (member?.link === link) this.#unlinked(member, conversation.greetedAtMs);
    if (member === undefined) this.#retry(conversation.dials);
  }

  /** A link that is given up. */
  hangUp(link: PeerLink): void {
    this.#state.links.hangUp(link);
    this.linkDown(link);
  }

  /** This node is somebody else now: nobody is to greet the one it was. */
  hangUpStrangers(): void {
    for (const { link, member } of [...this.#conversations.values()]) {
      if (member === undefined) this.hangUp(link);
    }
  }

  /** A dial that came to nothing; it may still tell who is there. */
  dialFailed(address: PeerAddress, failure: FailedDial): void {
    const { dialer, listener } = this.#state;
    const wanted = this.#answers.wantedAfter(dialer.take(address), address, failure);
    this.#retry(wanted);
    for (const { owner, failures } of wanted) {
      if (owner.kind !== "seed" || failures !== SEED_FAILURES_TOLD) continue;
      listener.seedUnanswered(address, failure.text ?? "no answer");
    }
  }

  /** The first message on a link. */
  greeted(link: PeerLink, hello: Hello): void {
    const conversation = this.#conversations.get(link);
    if (conversation === undefined || conversation.member !== undefined) return;
    const { exclusions, table } = this.#state;
    const id = link.remoteId;
    if (hello.isMeeting) exclusions.end(id);
    if (this.#isClockOff(link, hello)) {
      this.hangUp(link);
      return;
    }
    const refusal = exclusions.refusalOf(id, link.incarnation);
    if (refusal !== undefined) {
      if (refusal.answer !== undefined) this.#state.send(link, refusal.answer);
      this.hangUp(link);
      return;
    }
    const record = recordOf(link, hello);
    const wasAlone = table.count === 0;
    const known = table.get(id);
    const member = isSound(record) ? (known ?? this.#state.addMember(record)) : undefined;
    if (member === undefined) {
      this.hangUp(link);
      return;
    }
    conversation.takesAll = wasAlone;
    if (member.link !== undefined) this.linkDown(member.link);
    this.#linked(conversation, member, record);
  }

  /** It does not know this node any more, or is not what it was. */
  leftBy(link: PeerLink): void {
    const member = this.#state.table.get(link.remoteId);
    this.#state.introductions.dropId(link.remoteId);
    const conversation = this.#conversations.get(link);
    if (conversation !== undefined) this.#end(conversation);
    this.#state.links.hangUp(link);
    if (member !== undefined) this.#state.removeMember(member);
    for (const { owner } of conversation?.dials ?? []) {
      if (owner.kind === "seed") this.#state.dialer.retry(owner.seed.dial);
    }
  }

  #linked(conversation: Conversation, member: Member, record: MemberRecord): void {
    const { link } = conversation;
    const { schedule, introductions, dialer, listener, host } = this.#state;
    const isNew = !member.hasAnswered && member.record === record;
    const { memoryIncarnation } = member.record;
    conversation.member = member;
    conversation.greetedAtMs = host.nowMs;
    schedule.cancel(conversation.expiry);
    dialer.stop(member.dial);
    for (const { owner } of conversation.dials) {
      if (owner.kind === "introduction") introductions.drop(owner.introduction);
      if (owner.kind === "seed") owner.seed.nodeId = member.id;
    }
    introductions.dropId(member.id);
    member.link = link;
    member.mismatches = 0;
    if (isNew) this.#gossip.spread(member.id);
    else this.#gossip.accept(member, record);
    const hasMemory = memoryIncarnation === record.memoryIncarnation;
    if (hasMemory && isOtherProcess(member, link)) listener.memberReturned(member);
    member.linkedIncarnation = link.incarnation;
    this.#gossip.sendAll(link, false);
    this.#heartbeats.linked(member);
    listener.memberConnected(member);
    this.#askOthersAt(member);
  }

  /** Somebody else is said to be where this one is: whether it still answers there is soon known. */
  #askOthersAt(member: Member): void {
    const { busAddress } = member;
    if (busAddress === undefined) return;
    for (const other of this.#state.table.at(busAddress)) {
      if (other !== member && other.link === undefined) this.#state.dialer.start(other.dial, 0);
    }
  }

  #unlinked(member: Member, sinceMs: number): void {
    const { table, dialer, listener, host } = this.#state;
    member.link = undefined;
    if (table.get(member.id) !== member) return;
    this.#heartbeats.unlinked(member);
    // A link that never lasts must not be dialled as fast as it breaks.
    const hasLasted = host.nowMs - sinceMs >= LASTING_MS;
    if (hasLasted) dialer.start(member.dial, this.#state.headStartMs(member.id));
    else dialer.retry(member.dial);
    listener.memberDisconnected(member);
  }

  #isClockOff({ remoteId }: PeerLink, { wallMs }: Hello): boolean {
    const { clocks, listener } = this.#state;
    const skewMs = clocks.skewOf(remoteId, wallMs);
    if (skewMs === 0) return false;
    if (clocks.isNews(remoteId)) listener.clockRefused(remoteId, skewMs);
    return true;
  }

  #end(conversation: Conversation): void {
    this.#conversations.delete(conversation.link);
    this.#state.schedule.cancel(conversation.expiry);
  }

  #retry(dials: readonly Dial[]): void {
    for (const dial of dials) {
      if (dial.target() !== undefined) this.#state.dialer.retry(dial);
    }
  }
}

function isMeetingDial({ owner }: Dial): boolean {
  return owner.kind === "introduction" && owner.introduction.nodeId === undefined;
}

function isOtherProcess({ linkedIncarnation }: Member, { incarnation }: PeerLink): boolean {
  return linkedIncarnation !== undefined && linkedIncarnation !== incarnation;
}

/** What a node says of itself, with its address as seen from here if it announces none. */
function recordOf(link: PeerLink, hello: Hello): MemberRecord {
  const { memoryIncarnation, version, host, port, busPort, zone, isLeaving } = hello;
  return {
    nodeId: link.remoteId,
    incarnation: link.incarnation,
    memoryIncarnation,
    version,
    host: host === "" ? link.remoteIp : host,
    port,
    busPort,
    zone,
    isLeaving,
  };
}
