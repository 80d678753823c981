/** Links and messages that do not fit: nothing comes of them, and nothing is left behind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MEMBERS_MAX, type MembershipMessage } from "../../../src/cluster/messages.ts";
import { hello, Lone, profile, TIMEOUT_MS } from "./support/lone.ts";
import { TestNetwork } from "./support/network.ts";
import { idOf } from "./support/process.ts";

const heartbeat: MembershipMessage = {
  type: "heartbeat",
  sequence: 1,
  fingerprintHigh: 0,
  fingerprintLow: 0,
  suspects: [],
};

test("nothing but a greeting is heard from who has not greeted", () => {
  const lone = new Lone();
  const link = lone.accept();
  lone.membership.received(link, heartbeat);
  lone.membership.received(link, { type: "failed", nodeId: idOf(1), incarnation: 1 });
  assert.deepEqual(lone.said, ["hello"]);
  assert.deepEqual(lone.membership.traffic, { sent: 1, received: 2 });
  assert.equal(lone.membership.memberOn(link), undefined);
  lone.membership.received(link, hello);
  assert.equal(lone.membership.memberOn(link)?.id, idOf(2));
  lone.membership.received(link, heartbeat);
  assert.equal(lone.said.at(-1), "heard");
});

test("messages on a link that is not known do nothing", () => {
  const lone = new Lone();
  const link = { remoteId: idOf(2), incarnation: 1, remoteIp: "10.0.0.2", dialled: undefined };
  lone.membership.received(link, hello);
  lone.membership.linkDown(link);
  assert.deepEqual(lone.said, []);
  assert.equal(lone.membership.size, 1);
});

test("who links and says nothing is hung up after the handshake timeout", () => {
  const lone = new Lone();
  lone.accept();
  assert.equal(lone.membership.nextWakeAtMs, TIMEOUT_MS);
  lone.host.nowMs = TIMEOUT_MS;
  lone.membership.tick();
  assert.deepEqual(lone.said, ["hello", "hang up"]);
  assert.equal(lone.membership.nextWakeAtMs, Number.POSITIVE_INFINITY);
});

test("a node is not linked with itself", () => {
  const lone = new Lone();
  lone.accept(idOf(1));
  assert.deepEqual(lone.said, ["hang up"]);
});

for (const [what, wrong] of [
  ["an address with spaces", { host: "a b 0 0 connected" }],
  ["a line break in its zone", { zone: "a\nb" }],
  ["no bus port", { busPort: 0 }],
  ["a port beyond all ports", { port: 65_536 }],
] as const) {
  test(`a node with ${what} is no member, whoever tells of it`, () => {
    const lone = new Lone();
    const bad = lone.accept();
    lone.membership.received(bad, { ...hello, ...wrong });
    assert.equal(lone.said.at(-1), "hang up");
    const good = lone.accept(idOf(3));
    lone.membership.received(good, hello);
    const record = { nodeId: idOf(4), incarnation: 1, ...profile, host: "10.0.0.4", ...wrong };
    lone.membership.received(good, { type: "members", records: [record], wantsYours: false });
    lone.membership.received(good, { type: "members", records: [record], wantsYours: false });
    assert.equal(lone.membership.knownCount, 2);
  });
}

test("neither members nor introductions grow without bound", () => {
  const lone = new Lone();
  const records = Array.from({ length: 3 * MEMBERS_MAX }, (_, i) => ({
    nodeId: (i + 1).toString(16).padStart(40, "0"),
    incarnation: 1,
    ...profile,
    host: `h${i}`,
  }));
  const link = lone.accept();
  lone.membership.received(link, hello);
  lone.membership.received(link, { type: "members", records, wantsYours: false });
  lone.membership.received(link, { type: "members", records, wantsYours: false });
  assert.equal(lone.membership.size, MEMBERS_MAX);
  assert.ok(lone.membership.knownCount <= 2 * MEMBERS_MAX);
});

test("who is told that it was forgotten, or that a node was reset, does not believe old hearsay", () => {
  const lone = new Lone();
  const [two, three, four] = [2, 3, 4].map((number) => lone.accept(idOf(number)));
  assert.ok(two && three && four);
  for (const link of [two, three, four]) lone.membership.received(link, hello);
  lone.membership.received(two, { type: "forgotten" });
  lone.membership.received(three, { type: "departed", incarnation: 7 });
  assert.equal(lone.membership.size, 2);
  const tell = (number: number, incarnation: number): number => {
    const record = { nodeId: idOf(number), incarnation, ...profile, host: "10.0.0.9" };
    lone.membership.received(four, { type: "members", records: [record], wantsYours: false });
    return lone.membership.knownCount;
  };
  assert.equal(tell(2, 8), 2);
  assert.equal(tell(3, 7), 2);
  assert.equal(tell(3, 8), 3);
  lone.host.nowMs = 60_000;
  assert.equal(tell(2, 1), 4);
});

test("links made before a reset are not greeted after it", () => {
  const lone = new Lone();
  const link = lone.accept();
  lone.membership.reset(idOf(1, 1));
  assert.equal(lone.said.at(-1), "hang up");
  lone.membership.received(link, hello);
  assert.equal(lone.membership.size, 1);
});

test("only the answer to the oldest open heartbeat, or to a later one, ends a silence", () => {
  const lone = new Lone();
  const link = lone.accept();
  lone.membership.received(link, hello);
  const member = lone.membership.memberOn(link);
  const beat = (): void => {
    lone.host.nowMs += TIMEOUT_MS / 4;
    lone.membership.tick();
  };
  beat();
  lone.membership.received(link, { type: "heard", sequence: 1 });
  assert.equal(member?.pingSentAtMs, undefined);
  beat();
  lone.membership.received(link, { type: "heard", sequence: 2 });
  assert.equal(member?.pingSentAtMs, lone.host.nowMs);
  lone.membership.received(link, { type: "heard", sequence: 3 });
  assert.equal(member?.pingSentAtMs, undefined);
});

test("announcing the same again is told to nobody", () => {
  const lone = new Lone();
  lone.membership.setProfile({ ...lone.membership.profile });
  assert.equal(lone.membership.nextWakeAtMs, Number.POSITIVE_INFINITY);
  lone.membership.setProfile({ ...lone.membership.profile, zone: "west" });
  assert.equal(lone.membership.nextWakeAtMs, 0);
});

test("nodes whose clocks are far apart are not linked, and both say so once", () => {
  const network = new TestNetwork(2);
  network.node(2).clockSkewMs = 3_600_000;
  network.node(1).meet(network.node(2));
  network.run(10_000);
  for (const [node, other] of [
    [1, 2],
    [2, 1],
  ] as const) {
    const { events, membership } = network.node(node);
    assert.equal(events.filter((event) => event === `clock refused ${other}`).length, 1);
    assert.equal(membership.size, 1);
    assert.ok(membership.clockRefusals > 1, "it is tried again");
  }
  network.node(2).clockSkewMs = 60_000;
  network.node(1).meet(network.node(2));
  network.run(5000);
  network.assertWhole();
});
