/** Two nodes end with one link, on real sockets, although both dial or one has lost the link unseen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { RawPeer } from "./raw-peer.ts";
import { idOf, TestBus } from "./test-bus.ts";

test("when both dial at once there is one link, and nobody hears of another", async (t) => {
  for (let round = 0; round < 10; round++) {
    const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
    for (let i = 0; i < 3; i++) {
      one.bus.dial(two.address, idOf("2"));
      two.bus.dial(one.address, idOf("1"));
    }
    await eventually(() => one.failures.length + two.failures.length === 5, {
      what: "all other dials are over",
    });
    await Promise.all([one.until("up 2"), two.until("up 1")]);
    assert.deepEqual([one.peers, two.peers], [["2"], ["1"]]);
    for (const { reason } of [...one.failures, ...two.failures]) {
      assert.equal(reason, "already-linked");
    }
    one.note("2", "hello");
    two.note("1", "hello");
    await Promise.all([one.until("got hello"), two.until("got hello")]);
    for (const { story } of [one, two]) {
      const links = story.filter((line) => /^(?:up|down)/.test(line));
      assert.equal(links.length, 1);
    }
    const [facts, otherFacts] = [one.linkWith("2").facts, two.linkWith("1").facts];
    assert.notEqual(facts.isInitiator, otherFacts.isInitiator);
    assert.deepEqual([...one.lines, ...two.lines], []);
  }
});

test("a dial to a peer that is linked already changes nothing", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  const before = one.linkWith("2");
  for (const [from, to] of [[one, two] as const, [two, one] as const]) {
    const failure = await from.dialInVain(to.address);
    assert.equal(failure.reason, "already-linked");
  }
  assert.equal(one.linkWith("2"), before);
  assert.equal(
    two.story.some((line) => line.startsWith("down")),
    false,
  );
});

test("a peer that connects again has lost its link, so the old one gives way", async (t) => {
  const one = await TestBus.start(t, "1");
  const first = await RawPeer.join(t, one, "2");
  const { linkId } = one.linkWith("2").facts;
  await RawPeer.join(t, one, "2");
  await first.closed();
  assert.deepEqual(one.story, ["up 2", "down 2 replaced", "up 2"]);
  assert.notEqual(one.linkWith("2").facts.linkId, linkId);
  assert.deepEqual(one.peers, ["2"]);
});
