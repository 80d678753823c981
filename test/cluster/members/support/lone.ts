/**
 * One membership with a transport that only takes notes: what it wants to say and whom it wants to
 * call, without anybody there to answer.
 */
import type { PeerAddress, PeerLink } from "../../../../src/cluster/members/links.ts";
import { Membership } from "../../../../src/cluster/members/membership.ts";
import type { MembershipMessage } from "../../../../src/cluster/messages.ts";
import { idOf } from "./process.ts";

/** The node timeout of a lone node. */
export const TIMEOUT_MS = 3000;
/** What nodes say of themselves here. */
export const profile = {
  memoryIncarnation: 0,
  version: 0,
  host: "",
  port: 7711,
  busPort: 17_711,
  zone: "",
  isLeaving: false,
};
/** The first message of a link. */
export const hello: MembershipMessage = { type: "hello", isMeeting: false, wallMs: 0, ...profile };

/** One membership with a transport that only takes notes. */
export class Lone {
  readonly host = { nowMs: 0, wallMs: 0, randomWord: () => 0 };
  readonly said: string[] = [];
  readonly dialled: PeerAddress[] = [];
  readonly unanswered: string[] = [];
  readonly membership: Membership;

  constructor() {
    const nothing = (): void => {};
    const links = {
      dial: (address: PeerAddress) => {
        this.said.push("dial");
        this.dialled.push(address);
      },
      hangUp: () => this.said.push("hang up"),
      send: (_link: PeerLink, { type }: MembershipMessage) => this.said.push(type),
    };
    const listener = {
      membersChanged: nothing,
      snapshotChanged: nothing,
      memberConnected: nothing,
      memberDisconnected: nothing,
      memberRestarted: nothing,
      memberReturned: nothing,
      memberSuspected: nothing,
      memberFailed: nothing,
      memberBack: nothing,
      memberSteady: nothing,
      memberRemoved: nothing,
      clockRefused: nothing,
      seedUnanswered: ({ host }: PeerAddress, reason: string) =>
        this.unanswered.push(`${host}: ${reason}`),
    };
    this.membership = new Membership(
      { host: this.host, links, listener, memberHash: () => ({ hi: 1, lo: 2 }) },
      {
        profile,
        nodeTimeoutMs: TIMEOUT_MS,
        saved: {
          nodeId: idOf(1),
          incarnation: 0,
          memoryIncarnation: 0,
          isLeaving: false,
          members: [],
        },
      },
    );
  }

  /** Time goes by, and everything happens when it is due. */
  pass(ms: number): void {
    const endMs = this.host.nowMs + ms;
    for (; this.host.nowMs < endMs; this.host.nowMs += 10) this.membership.tick();
  }

  /** Somebody calls from 10.0.0.2. */
  accept(remoteId = idOf(2)): PeerLink {
    const link = { remoteId, incarnation: 1, remoteIp: "10.0.0.2", dialled: undefined };
    this.membership.linkUp(link);
    return link;
  }
}
