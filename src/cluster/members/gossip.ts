/**
 * How everybody comes to know everybody: member lists at every greeting, and news to all at once.
 *
 * What is new here is passed on once to all linked members, so that a node that met one member is
 * known to all within two round trips. Heartbeats carry a fingerprint of the sender's members; if two
 * nodes disagree for some time, because news got lost with a link, they exchange all they know.
 */
import { MEMBERS_MAX, type MemberRecord, type MembershipMessage } from "../messages.ts";
import type { PeerLink } from "./links.ts";
import type { Member } from "./member.ts";
import { isNewer } from "./member-table.ts";
import { isSound } from "./record-check.ts";
import { Chore } from "./schedule.ts";
import type { MembershipState } from "./state.ts";

/** After more heartbeats than this in a row with another fingerprint, all is exchanged. */
const MISMATCHES_MAX = 3;

/** What others want to know of it. */
export interface GossipNews {
  /** A member without a link was added from a list, or has another address. */
  addressNew(member: Member): void;
}

/** Tells and listens. */
export class Gossip {
  readonly #state: MembershipState;
  readonly #news: GossipNews;
  /** Ids of those of whom all are to be told; this node's own too. */
  readonly #untold = new Set<string>();
  readonly #tellAll: Chore;

  constructor(state: MembershipState, news: GossipNews) {
    this.#state = state;
    this.#news = news;
    this.#tellAll = new Chore(() => this.#tell());
  }

  /** Something about this node or another member is new: all are told in this turn. */
  spread(id: string): void {
    this.#untold.add(id);
    this.#state.schedule.at(this.#tellAll, this.#state.host.nowMs);
  }

  /** Tells one node everything. */
  sendAll(link: PeerLink, wantsYours: boolean): void {
    const records = [this.#state.own.record];
    for (const { id, record } of this.#state.table.values()) {
      if (id !== link.remoteId && record.host !== "") records.push(record);
    }
    this.#state.send(link, { type: "members", records: records.slice(0, MEMBERS_MAX), wantsYours });
  }

  /**
   * A list came. A node that knew nobody takes over all of `takesAll`, dead members too: it has no
   * older knowledge to compare with, and the ring must become the same.
   */
  received(
    from: Member,
    { records, wantsYours }: Extract<MembershipMessage, { type: "members" }>,
    takesAll: boolean,
  ): void {
    for (const record of records) this.#learn(from, record, takesAll);
    if (wantsYours && from.link !== undefined) this.sendAll(from.link, false);
  }

  /** A heartbeat's fingerprint. */
  compare(from: Member, high: number, low: number): void {
    const { hi, lo } = this.#state.fingerprint;
    from.mismatches = high === hi && low === lo ? 0 : from.mismatches + 1;
    if (from.mismatches <= MISMATCHES_MAX || from.link === undefined) return;
    from.mismatches = 0;
    this.sendAll(from.link, true);
  }

  /** What a member said of itself, to this node or to others; the caller knows that it holds. */
  accept(member: Member, record: MemberRecord): void {
    const { incarnation, memoryIncarnation } = member.record;
    this.#replace(member, record);
    if (incarnation === record.incarnation) return;
    const hasMemory = memoryIncarnation === record.memoryIncarnation;
    this.#state.listener.memberRestarted(member, hasMemory);
  }

  #learn(from: Member, record: MemberRecord, takesAll: boolean): void {
    const { own, table, exclusions, introductions } = this.#state;
    if (record.nodeId === own.id) return;
    if (record.nodeId === from.id) {
      const seen = record.host === "" ? { ...record, host: from.record.host } : record;
      if (isSound(seen) && isNewer(seen, from.record)) this.accept(from, seen);
      return;
    }
    if (!isSound(record)) return;
    const member = table.get(record.nodeId);
    if (member !== undefined) {
      // Whoever is linked speaks for itself.
      if (member.link === undefined && isWelcome(member, record)) this.accept(member, record);
      return;
    }
    if (exclusions.refusesHearsay(record.nodeId, record.incarnation)) return;
    exclusions.end(record.nodeId);
    const added = takesAll ? this.#state.addMember(record) : undefined;
    if (added !== undefined) this.#news.addressNew(added);
    else {
      const { introductionMs } = this.#state;
      introductions.tell(record, introductionMs, this.#state.headStartMs(record.nodeId));
    }
  }

  #replace(member: Member, record: MemberRecord): void {
    const before = member.record;
    const isMoved = before.host !== record.host || before.busPort !== record.busPort;
    const isSame =
      !isMoved &&
      before.port === record.port &&
      before.zone === record.zone &&
      before.isLeaving === record.isLeaving;
    member.record = record;
    if (isMoved) member.lostAddress = undefined;
    if (isSame && before.incarnation === record.incarnation) return;
    if (!isSame) this.#state.listener.membersChanged();
    this.#state.listener.snapshotChanged();
    this.spread(member.id);
    if (isMoved && member.link === undefined) this.#news.addressNew(member);
  }

  #tell(): void {
    const { own, table } = this.#state;
    const records: MemberRecord[] = [];
    for (const id of this.#untold) {
      const record = id === own.id ? own.record : table.get(id)?.record;
      if (record !== undefined && (id === own.id || record.host !== "")) records.push(record);
    }
    this.#untold.clear();
    for (const { id, link } of table.values()) {
      const others = records.filter((record) => record.nodeId !== id);
      if (link === undefined || others.length === 0) continue;
      this.#state.send(link, { type: "members", records: others, wantsYours: false });
    }
  }
}

/** Whether what others say of a member is worth more than what is known. */
function isWelcome(member: Member, record: MemberRecord): boolean {
  if (isNewer(record, member.record)) return true;
  const { lostAddress } = member;
  if (lostAddress === undefined || isNewer(member.record, record)) return false;
  return lostAddress.host !== record.host || lostAddress.port !== record.busPort;
}
