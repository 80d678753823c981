/**
 * What follows from who answers where somebody was dialled.
 *
 * An address tells where a node was. When another one answers there, this decides who is believed, who
 * is looked for elsewhere, and who is a member no more; nobody else takes a member off the ring but
 * an operator. What is not proven has no consequence but another try.
 */
import type { Dial } from "./dialer.ts";
import type { FailedDial, PeerAddress } from "./links.ts";
import type { Member } from "./member.ts";
import type { MembershipState } from "./state.ts";

/** Draws the conclusions. */
export class Answers {
  readonly #state: MembershipState;

  constructor(state: MembershipState) {
    this.#state = state;
  }

  /** The dials that are to be tried again after one to that address came to nothing. */
  wantedAfter(dials: readonly Dial[], address: PeerAddress, failure: FailedDial): readonly Dial[] {
    const { remoteId, isProven } = failure;
    if (remoteId === undefined) return dials;
    const { own, table, introductions } = this.#state;
    const speaker = table.get(remoteId);
    const isLinked = speaker?.link !== undefined;
    // A member that says so itself, over its own link, needs no other proof of where it is.
    const isCertain = isProven || (isLinked && isAt(speaker, address));
    const isSelf = remoteId === own.id;
    const left = dials.filter((dial) => {
      const { owner } = dial;
      // Refused because there is a link already. That is enough to leave a seed alone, whose name is
      // another one than the address of the member.
      if (owner.kind === "seed" && isLinked) owner.seed.nodeId = remoteId;
      // Enough to leave the own entry in a list alone; nothing else follows from an id alone.
      return this.isExpected(dial, remoteId, isCertain || (isSelf && owner.kind !== "member"));
    });
    for (const { owner } of left) {
      if (owner.kind === "introduction" && isLinked) introductions.drop(owner.introduction);
    }
    return left;
  }

  /** Whether the right node answered; if not, draws the conclusions (only from what is certain). */
  isExpected(dial: Dial, id: string, isCertain: boolean): boolean {
    const { owner } = dial;
    const isSelf = id === this.#state.own.id;
    if (owner.kind === "seed") {
      if (isCertain) owner.seed.nodeId = id;
      return !isSelf;
    }
    const expectedId =
      owner.kind === "member" ? owner.member.id : (owner.introduction.nodeId ?? id);
    if (!isCertain || (expectedId === id && !isSelf)) return true;
    if (owner.kind === "introduction") this.#state.introductions.drop(owner.introduction);
    else this.#displaced(owner.member, id);
    return false;
  }

  /**
   * Another node is where a member was. One that nobody knew while the member was there has taken its
   * place: the member was reset, or lost its disk, and is gone. One that was there beside it has only
   * got its address, as happens where addresses are handed out: the member has to call. If it is this
   * node that has taken its place, it has only heard of the member.
   */
  #displaced(member: Member, id: string): void {
    const { table, own, listener } = this.#state;
    const other = table.get(id);
    const wasBeside =
      id === own.id ? member.hasAnswered : other && other.knownSinceMs <= lastSeenMs(member);
    if (!wasBeside) {
      this.#state.removeMember(member);
      return;
    }
    member.lostAddress = member.busAddress;
    member.record = { ...member.record, host: "" };
    listener.membersChanged();
    listener.snapshotChanged();
  }
}

function isAt(member: Member, address: PeerAddress): boolean {
  const { busAddress } = member;
  return busAddress?.host === address.host && busAddress.port === address.port;
}

/** When it was last heard by this process, or became known to it. */
function lastSeenMs(member: Member): number {
  return Math.max(member.heardAtMs, member.knownSinceMs);
}
