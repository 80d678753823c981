/** Seeds that are names: a cluster that is complete is not dialled any more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PeerAddress, PeerLink } from "../../../src/cluster/members/links.ts";
import { Membership } from "../../../src/cluster/members/membership.ts";
import type { MembershipMessage } from "../../../src/cluster/messages.ts";

const OWN = "a".repeat(40);
const OTHER = "b".repeat(40);
const NAMED: PeerAddress = { host: "ringq-1.ringq", port: 17_711 };
const HELLO: MembershipMessage = {
  type: "hello",
  isMeeting: false,
  version: 0,
  host: "",
  port: 7711,
  busPort: 17_711,
  zone: "",
  isLeaving: false,
};

/** A node whose dials are written down and end as the test says. */
function lonelyNode() {
  const host = { nowMs: 1000, wallMs: 1000, randomWord: () => 12_345 };
  const dialled: PeerAddress[] = [];
  const nothing = () => undefined;
  const listener = {
    membersChanged: nothing,
    snapshotChanged: nothing,
    memberConnected: nothing,
    memberDisconnected: nothing,
    memberRestarted: nothing,
    memberSuspected: nothing,
    memberFailed: nothing,
    memberBack: nothing,
    memberSteady: nothing,
    memberRemoved: nothing,
  };
  const links = {
    dial: (address: PeerAddress) => void dialled.push(address),
    hangUp: nothing,
    send: nothing,
  };
  const membership = new Membership(
    { host, links, listener, memberHash: () => ({ hi: 1, lo: 2 }) },
    {
      profile: { host: "", port: 7711, busPort: 17_711, zone: "" },
      nodeTimeoutMs: 15_000,
      saved: { nodeId: OWN, incarnation: 0, isLeaving: false, members: [] },
    },
  );
  const pass = (ms: number): void => {
    for (const endMs = host.nowMs + ms; host.nowMs < endMs; host.nowMs += 10) membership.tick();
  };
  return { membership, dialled, pass };
}

/** The other node calls, under its address and not under its name. */
function called(membership: Membership): void {
  const link: PeerLink = {
    remoteId: OTHER,
    incarnation: 1,
    remoteIp: "10.0.0.2",
    dialled: undefined,
  };
  membership.linkUp(link);
  membership.received(link, HELLO);
  assert.equal(membership.size, 2);
}

test("a seed that refuses because there is a link already is left alone", () => {
  const { membership, dialled, pass } = lonelyNode();
  called(membership);
  membership.setSeeds([NAMED]);
  pass(100);
  assert.equal(dialled.length, 1, "a name tells nothing before it was dialled");
  membership.dialFailed(NAMED, { remoteId: OTHER, isProven: false });
  pass(4000);
  assert.equal(dialled.filter(({ host }) => host === NAMED.host).length, 1);
});

test("a seed that is this node itself is left alone", () => {
  const { membership, dialled, pass } = lonelyNode();
  membership.setSeeds([NAMED]);
  pass(100);
  membership.dialFailed(NAMED, { remoteId: OWN, isProven: false });
  pass(10_000);
  assert.equal(dialled.length, 1);
});

test("a seed that does not answer is dialled again and again", () => {
  const { membership, dialled, pass } = lonelyNode();
  membership.setSeeds([NAMED]);
  for (let i = 0; i < 5; i++) {
    pass(5000);
    membership.dialFailed(NAMED, { remoteId: undefined, isProven: false });
  }
  assert.equal(dialled.length, 5);
});
