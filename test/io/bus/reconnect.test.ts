/** What becomes of messages when a link ends and another one begins. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PEERS_MAX } from "../../../src/io/bus/bus-peers.ts";
import { eventually } from "../../support/eventually.ts";
import { idOf, TestBus } from "./test-bus.ts";

function notes(bus: TestBus): string[] {
  return bus.story.filter((line) => line.startsWith("got ")).map((line) => line.slice(4));
}

test("control messages arrive once each and in order, however often the link breaks", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  const said: string[] = [];
  for (let round = 0; round < 10; round++) {
    await one.join(two);
    for (let i = 0; i < 20; i++) {
      const words = `${round}.${i}`;
      said.push(words);
      assert.ok(one.note("2", words));
      if (i === round) two.note("1", `back ${round}`);
    }
    if (round % 3 !== 0) await two.until(`got ${round}.7`);
    // Some of it is on the way, some is not even written.
    const breaker = round % 2 === 0 ? one : two;
    breaker.bus.hangUp(breaker.linkWith(round % 2 === 0 ? "2" : "1").facts.linkId);
    await eventually(() => one.peers.length + two.peers.length === 0, { what: "it is down" });
  }
  await one.join(two);
  await eventually(() => notes(two).length >= said.length, { what: "all have arrived" });
  await eventually(() => notes(one).length >= 10, { what: "all have come back" });
  one.note("2", "the end");
  await two.until("got the end");
  assert.deepEqual(notes(two), [...said, "the end"]);
  assert.deepEqual(
    notes(one),
    said.filter((_, i) => i % 20 === 0).map((_, i) => `back ${i}`),
  );
});

test("the stream goes on after a break, and begins anew with a new process", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  await two.until("new stream 1");
  one.bus.hangUp(one.linkWith("2").facts.linkId);
  await two.until("down 1 lost");
  await one.join(two);
  await two.until("old stream 1");
  await one.bus.stop();
  await eventually(() => two.peers.length === 0, { what: "it is gone" });
  two.story.length = 0;
  const again = await TestBus.start(t, "1", { incarnation: 2 });
  await again.join(two);
  await two.until("new stream 1");
  assert.equal(two.linkWith("1").facts.incarnation, 2);
});

test("control messages for a peer that is away wait for it, others are lost", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  assert.equal(one.bus.sendToPeer(idOf("2"), { type: "note", text: "early" }), true);
  assert.equal(one.bus.sendToPeer(idOf("2"), { type: "beat", at: 1 }), false);
  await one.join(two);
  assert.equal(one.bus.sendToPeer(idOf("2"), { type: "beat", at: 2 }), true);
  await two.until("got early");
  await two.until("got beat");
  assert.equal(two.story.filter((line) => line === "got beat").length, 1);
});

test("too much for a peer that is away is dropped, and the peer learns that it was", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  await two.until("new stream 1");
  one.bus.hangUp(one.linkWith("2").facts.linkId);
  await two.until("down 1 lost");
  two.story.length = 0;
  const message = { type: "note", text: "x".repeat(1000) } as const;
  let sent = 0;
  while (one.bus.sendToPeer(idOf("2"), message)) {
    sent++;
    assert.ok(sent < 100_000, "there is a limit");
  }
  assert.ok(sent > 60_000);
  assert.equal(one.lines.length, 1);
  one.bus.sendToPeer(idOf("2"), { type: "note", text: "afterwards" });
  await one.join(two);
  await two.until("got afterwards");
  assert.deepEqual(two.story, ["up 1", "new stream 1", "got afterwards"]);
});

test("what waits for a node is dropped when the node is forgotten", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  one.bus.hangUp(one.linkWith("2").facts.linkId);
  await two.until("down 1 lost");
  one.bus.sendToPeer(idOf("2"), { type: "note", text: "never sent" });
  one.bus.forget(idOf("2"));
  await one.join(two);
  one.note("2", "hello");
  await two.until("got hello");
  assert.equal(two.story.includes("got never sent"), false);
});

test("only so many peers are remembered; those known longest give way, but none with a link", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  await two.until("new stream 1");
  one.bus.sendToPeer(idOf("3"), { type: "note", text: "forgotten" });
  for (let i = 0; i < PEERS_MAX - 1; i++) {
    const remoteId = i.toString(16).padStart(40, "0");
    assert.equal(one.bus.sendToPeer(remoteId, { type: "note", text: "kept" }), true);
  }
  const three = await TestBus.start(t, "3");
  three.bus.dial(one.address);
  await three.until("new stream 1");
  one.note("3", "remembered");
  await three.until("got remembered");
  assert.equal(three.story.includes("got forgotten"), false);
  one.note("2", "still here");
  await two.until("got still here");
});

test("a node of an id that is known to have started later is refused, and both sides say why", async (t) => {
  const one = await TestBus.start(t, "1");
  const later = await TestBus.start(t, "2", { incarnation: 5 });
  await later.join(one);
  const copy = await TestBus.start(t, "2", { incarnation: 4 });
  const failure = await copy.dialInVain(one.address);
  assert.equal(failure.reason, "outdated");
  assert.deepEqual([one.peers, copy.peers], [["2"], []]);
  for (const { lines } of [one, copy]) {
    assert.ok(lines.some(({ reason }) => reason === "outdated"));
  }
  assert.equal((await one.dialInVain(copy.address)).reason, "already-linked");
});

test("what waited for a process does not reach the next one of that node", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  await two.until("new stream 1");
  await two.bus.stop();
  await eventually(() => one.peers.length === 0, { what: "it is gone" });
  assert.equal(one.bus.sendToPeer(idOf("2"), { type: "note", text: "for the former one" }), true);
  const again = await TestBus.start(t, "2", { incarnation: 2 });
  await one.join(again);
  assert.equal(one.bus.sendToPeer(idOf("2"), { type: "note", text: "for this one" }), true);
  await again.until("got for this one");
  assert.ok(!again.story.includes("got for the former one"));
});
