/** A peer that takes nothing: what waits for it is bounded, and others do not notice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { RawPeer } from "./raw-peer.ts";
import { idOf, TestBus } from "./test-bus.ts";

const MB = 1024 * 1024;
const load = { type: "load", body: Buffer.alloc(MB) } as const;

test("a peer that does not read is congested, then closed, and others are served", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  const slow = await RawPeer.join(t, one, "5");
  slow.socket.pause();
  await one.join(two);
  const link = one.linkWith("5");
  let sentMegabytes = 0;
  while (!link.isCongested) {
    assert.ok(one.send("5", load));
    sentMegabytes++;
  }
  assert.ok(sentMegabytes > 15 && sentMegabytes < 19, `${sentMegabytes} MB`);
  let mostBytes = 0;
  while (one.bus.linkWith(link.facts.remoteId) !== undefined) {
    one.bus.send(link.facts.linkId, load);
    mostBytes = Math.max(mostBytes, link.outstandingBytes);
    sentMegabytes++;
    assert.ok(sentMegabytes < 200, "there is an end");
    if (sentMegabytes % 8 === 0) await one.turn();
  }
  assert.ok(one.story.includes("congested"));
  assert.ok(mostBytes > 60 * MB && mostBytes < 67 * MB, `${mostBytes} bytes`);
  assert.equal(one.story.at(-1), "down 5 overflow");
  assert.deepEqual(
    one.lines.map(({ reason }) => reason),
    ["overflow"],
  );
  one.note("2", "are you well?");
  await two.until("got are you well?");
});

test("after an overflow the peer is told nothing of what waited", async (t) => {
  const one = await TestBus.start(t, "1");
  const slow = await RawPeer.join(t, one, "5");
  slow.socket.pause();
  one.note("5", "waited");
  for (let i = 0; i < 70; i++) one.send("5", load);
  one.bus.sendToPeer(idOf("5"), { type: "note", text: "refused" });
  await one.until("down 5 overflow");
  // The same process as before, as far as one can tell: another one would not be told even that.
  const five = await TestBus.start(t, "5", { incarnation: 7 });
  one.bus.sendToPeer(idOf("5"), { type: "note", text: "while away" });
  await one.join(five);
  await five.until("got while away");
  assert.deepEqual(five.story, ["up 1", "new stream 1", "got while away"]);
});

test("within one turn no more is queued than the limit allows", async (t) => {
  const one = await TestBus.start(t, "1");
  const slow = await RawPeer.join(t, one, "5");
  slow.socket.pause();
  const link = one.linkWith("5");
  let refused = 0;
  for (let i = 0; i < 100; i++) if (!one.send("5", load)) refused++;
  assert.ok(refused > 30, `${refused} refused`);
  assert.ok(link.outstandingBytes < 67 * MB);
  await one.until("down 5 overflow");
});

test("a peer that reads again is relieved", async (t) => {
  const one = await TestBus.start(t, "1");
  const slow = await RawPeer.join(t, one, "5");
  slow.socket.pause();
  for (let i = 0; i < 30; i++) one.send("5", load);
  await one.until("congested");
  slow.socket.resume();
  await one.until("relieved");
  await eventually(() => one.linkWith("5").outstandingBytes === 0, { what: "all is sent" });
  assert.equal(one.story.filter((line) => /congested|relieved/.test(line)).length, 2);
});

test("what was said before hanging up reaches a peer that reads late", async (t) => {
  const one = await TestBus.start(t, "1");
  const slow = await RawPeer.join(t, one, "5");
  slow.socket.pause();
  one.send("5", { type: "load", body: Buffer.alloc(900_000) });
  one.bus.hangUp(one.linkWith("5").facts.linkId);
  await one.until("down 5 hung-up");
  slow.socket.resume();
  await slow.closed();
  const bytes = slow.received.reduce((sum, { length }) => sum + length, 0);
  assert.ok(bytes > 900_000, `${bytes} bytes`);
});

test("a peer that never reads is not waited for after hanging up", async (t) => {
  const one = await TestBus.start(t, "1");
  const slow = await RawPeer.join(t, one, "5");
  slow.socket.pause();
  for (let i = 0; i < 30; i++) one.send("5", load);
  await one.turn();
  one.bus.hangUp(one.linkWith("5").facts.linkId);
  // Its own writes fail once nobody is there any more.
  await eventually(() => slow.isClosed || !slow.socket.write("x"), { what: "it is gone" });
});

test("stopping does not wait for a peer that takes nothing", async (t) => {
  const one = await TestBus.start(t, "1", { stopMs: 50 });
  const slow = await RawPeer.join(t, one, "5");
  slow.socket.pause();
  for (let i = 0; i < 30; i++) one.send("5", load);
  await one.bus.stop();
  assert.deepEqual(one.peers, []);
  assert.equal(one.story.at(-1), "down 5 hung-up");
});
