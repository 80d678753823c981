/**
 * Heartbeats: asking every member whether it is there, and noticing when it does not answer.
 *
 * A heartbeat that stays unanswered starts a clock; so does a link that breaks. A link that brings
 * nothing for half the node timeout is given up and dialled anew, as its other end may have vanished
 * without a word. After the whole timeout the member is suspected. The clock goes on over new links
 * and only an answer stops it. The rules are those of the reference, except that nobody is picked at
 * random: every pair talks.
 */
import type { MembershipMessage } from "../messages.ts";
import { type Member, STEADY_ANSWERS } from "./member.ts";
import type { MembershipState } from "./state.ts";

/** Weight of a new measurement of the round-trip time, as TCP has it. */
const ROUND_TRIP_WEIGHT = 1 / 8;

/** What others want to know of it. */
export interface HeartbeatNews {
  suspected(member: Member): void;
  /** Ends the link as if it had broken. */
  linkSilent(member: Member): void;
}

/** Asks, and keeps the time. */
export class Heartbeats {
  readonly #state: MembershipState;
  readonly #news: HeartbeatNews;
  #sequence = 0;
  #verdictsNotBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(state: MembershipState, news: HeartbeatNews) {
    this.#state = state;
    this.#news = news;
  }

  /** A new link, over which it has greeted. */
  linked(member: Member): void {
    this.answered(member);
    this.beat(member);
  }

  /** No link: it has until the timeout to come back. Also for one that was never linked. */
  unlinked(member: Member): void {
    this.#state.schedule.cancel(member.beat);
    this.#startClock(member, -1);
    this.watch(member);
  }

  /** Others can be heard from now on: their time begins, however long ago they were remembered, or heard. */
  begin(): void {
    for (const member of this.#state.table.values()) {
      if (member.link !== undefined) continue;
      member.audibleSinceMs = this.#state.host.nowMs;
      member.pingSentAtMs = undefined;
      this.unlinked(member);
    }
  }

  /** Everybody is asked now, because what heartbeats carry has changed. */
  beatAll(): void {
    const { schedule, table, host } = this.#state;
    for (const member of table.values()) {
      if (member.link !== undefined) schedule.at(member.beat, host.nowMs);
    }
  }

  /**
   * If this process stood still, so did the answers that wait for it: one more round for all. Over new links, if it
   * was for long: what others have to say of that time is behind all that has waited. What they did not answer
   * in that time tells nothing of them, and a link may need longer than a round.
   */
  noticeStall(wasForLong: boolean): void {
    const { host, heartbeatMs, schedule, table } = this.#state;
    if (!wasForLong && host.nowMs - schedule.nextAtMs < heartbeatMs / 2) return;
    this.#verdictsNotBeforeMs = host.nowMs + heartbeatMs;
    if (wasForLong) {
      for (const member of table.values()) this.#news.linkSilent(member);
      this.begin();
    }
    this.beatAll();
  }

  /** The node timeout is another one. */
  timeoutChanged(): void {
    for (const member of this.#state.table.values()) this.watch(member);
    this.beatAll();
  }

  /** Sends a heartbeat, and the next one later. */
  beat(member: Member): void {
    const { link } = member;
    const state = this.#state;
    if (link === undefined) return;
    const sequence = ++this.#sequence;
    state.send(link, this.#heartbeat(sequence));
    if (this.#startClock(member, sequence)) this.watch(member);
    state.schedule.at(member.beat, state.host.nowMs + state.heartbeatMs);
  }

  /** A heartbeat was answered. */
  heard(member: Member, sequence: number): void {
    // Answers come in order: an older one is to a heartbeat from before the clock started.
    if (sequence < member.pingSequence) return;
    if (sequence === member.pingSequence && member.pingSentAtMs !== undefined) {
      this.#measured(member, this.#state.host.nowMs - member.pingSentAtMs);
    }
    this.answered(member);
  }

  /** It is there. */
  answered(member: Member): void {
    const { host, schedule, listener } = this.#state;
    member.pingSentAtMs = undefined;
    member.pingSequence = -1;
    member.pongAtMs = host.nowMs;
    member.pongWallMs = host.wallMs;
    member.heardAtMs = host.nowMs;
    member.hasAnswered = true;
    schedule.cancel(member.watch);
    if (member.isSuspected || member.isFailed) this.#back(member);
    if (member.answersInRow >= STEADY_ANSWERS) return;
    member.answersInRow++;
    if (member.isSteady) listener.memberSteady(member);
  }

  /** Judges a silence, and looks again when the next judgement is due. */
  watch(member: Member): void {
    const { host, schedule, nodeTimeoutMs } = this.#state;
    const { pingSentAtMs } = member;
    if (pingSentAtMs === undefined) return;
    if (host.nowMs < this.#verdictsNotBeforeMs) {
      schedule.at(member.watch, this.#verdictsNotBeforeMs);
      return;
    }
    const quietSinceMs = Math.max(pingSentAtMs, member.heardAtMs);
    const silentAtMs = quietSinceMs + Math.max(1, Math.floor(nodeTimeoutMs / 2));
    const suspectAtMs = pingSentAtMs + nodeTimeoutMs;
    if (!member.isSuspected && host.nowMs >= suspectAtMs) this.#suspect(member);
    if (member.link !== undefined && host.nowMs >= silentAtMs) {
      this.#news.linkSilent(member);
      return;
    }
    const nextAtMs = Math.min(
      member.isSuspected ? Number.POSITIVE_INFINITY : suspectAtMs,
      member.link === undefined ? Number.POSITIVE_INFINITY : silentAtMs,
    );
    if (nextAtMs === Number.POSITIVE_INFINITY) schedule.cancel(member.watch);
    else schedule.at(member.watch, nextAtMs);
  }

  /** Returns false when the clock was running. */
  #startClock(member: Member, sequence: number): boolean {
    if (member.pingSentAtMs !== undefined) return false;
    const { host } = this.#state;
    member.pingSentAtMs = host.nowMs;
    member.pingSentWallMs = host.wallMs;
    member.pingSequence = sequence;
    return true;
  }

  #suspect(member: Member): void {
    member.isSuspected = true;
    member.answersInRow = 0;
    this.#state.listener.memberSuspected(member);
    this.beatAll();
    this.#news.suspected(member);
  }

  #back(member: Member): void {
    const { listener } = this.#state;
    const wasFailed = member.isFailed;
    member.isSuspected = false;
    member.isFailed = false;
    member.answersInRow = 0;
    listener.memberBack(member);
    if (wasFailed) listener.snapshotChanged();
  }

  #measured(member: Member, sampleMs: number): void {
    const { roundTripMs } = member;
    member.roundTripMs =
      roundTripMs === undefined
        ? sampleMs
        : roundTripMs + (sampleMs - roundTripMs) * ROUND_TRIP_WEIGHT;
  }

  #heartbeat(sequence: number): MembershipMessage {
    const { hi, lo } = this.#state.fingerprint;
    const suspects: string[] = [];
    for (const { id, isSuspected, isFailed } of this.#state.table.values()) {
      if (isSuspected || isFailed) suspects.push(id);
    }
    return {
      type: "heartbeat",
      sequence,
      fingerprintHigh: hi,
      fingerprintLow: lo,
      suspects,
    };
  }
}
