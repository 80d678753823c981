/** Two or more buses on this machine: links, messages, and how both end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PROTOCOL_VERSION } from "../../../src/cluster/wire/frame-format.ts";
import { eventually } from "../../support/eventually.ts";
import { idOf, TestBus } from "./test-bus.ts";

test("two buses exchange messages in both directions", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  one.note("2", "hello");
  two.note("1", "hello yourself");
  await Promise.all([two.until("got hello"), one.until("got hello yourself")]);
  assert.deepEqual(one.story, ["up 2", "new stream 2", "got hello yourself"]);
  assert.deepEqual(two.story, ["up 1", "new stream 1", "got hello"]);
});

test("both know what there is to know of a link", async (t) => {
  const one = await TestBus.start(t, "1", { incarnation: 2 ** 50 });
  const two = await TestBus.start(t, "2");
  await one.join(two);
  const [dialled, accepted] = [one.linkWith("2").facts, two.linkWith("1").facts];
  assert.deepEqual(dialled, {
    linkId: 1,
    remoteId: idOf("2"),
    incarnation: 1,
    remoteIp: "127.0.0.1",
    localIp: "127.0.0.1",
    isInitiator: true,
    dialled: two.address,
    version: PROTOCOL_VERSION,
  });
  assert.equal(accepted.incarnation, 2 ** 50);
  assert.equal(accepted.isInitiator, false);
  assert.equal(accepted.dialled, undefined);
});

test("a large message arrives whole, and what is urgent need not wait for it", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  const body = Buffer.alloc(7_000_000, "abcdefg");
  const order: string[] = [];
  two.onMessage = (received) => {
    order.push(received.type);
    if (received.type === "load") assert.ok(received.body.equals(body));
  };
  one.send("2", { type: "load", body });
  one.send("2", { type: "beat", at: 5 });
  await eventually(() => order.length === 2, { what: "both" });
  assert.deepEqual(order, ["beat", "load"]);
});

test("a node has links with many", async (t) => {
  const hub = await TestBus.start(t, "f");
  const digits = [..."12345678"];
  const others = await Promise.all(digits.map((digit) => TestBus.start(t, digit)));
  for (const other of others) other.bus.dial(hub.address, idOf("f"));
  await eventually(() => hub.peers.length === 8, { what: "all links" });
  for (const digit of digits) hub.note(digit, `for ${digit}`);
  await Promise.all(others.map((other, i) => other.until(`got for ${digits[i]}`)));
  for (const other of others)
    assert.equal(other.story.filter((line) => /^got/.test(line)).length, 1);
});

test("what a turn says to a peer leaves at its end, in order", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  await two.until("new stream 1");
  one.isHeld = true;
  const before = one.bus.statistics.linkBytesSent;
  for (let i = 0; i < 100; i++) one.send("2", { type: "beat", at: i });
  assert.equal(one.bus.statistics.linkBytesSent, before);
  const seen: number[] = [];
  two.onMessage = (received) => {
    if (received.type === "beat") seen.push(received.at);
  };
  one.release();
  await eventually(() => seen.length === 100, { what: "all arrive" });
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
});

test("a link that is hung up ends on both sides, and says so once", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  const { linkId } = one.linkWith("2").facts;
  one.bus.hangUp(linkId);
  one.bus.hangUp(linkId);
  assert.equal(one.bus.send(linkId, { type: "beat", at: 1 }), false);
  await Promise.all([one.until("down 2 hung-up"), two.until("down 1 lost")]);
  assert.equal(one.story.filter((line) => line.startsWith("down")).length, 1);
  assert.deepEqual([one.peers, two.peers], [[], []]);
});

test("the last words before hanging up arrive, although the other side is talking", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  await two.until("new stream 1");
  one.onMessage = (_, link) => {
    one.send("2", { type: "load", body: Buffer.alloc(900_000) });
    one.bus.hangUp(link.facts.linkId);
  };
  two.note("1", "and another thing");
  for (let i = 0; i < 5; i++) two.send("1", { type: "load", body: Buffer.alloc(1_000_000) });
  await two.until("down 1 lost");
  assert.deepEqual(two.story, ["up 1", "new stream 1", "got load", "down 1 lost"]);
});

test("nothing is told from inside a call", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  const calls = [
    () => one.bus.hangUp(one.linkWith("2").facts.linkId),
    () => one.bus.forget(idOf("2")),
    () => one.bus.become({ nodeId: idOf("3"), incarnation: 2 }),
  ];
  for (const call of calls) {
    await one.join(two);
    one.story.length = 0;
    call();
    assert.deepEqual([one.story, one.peers], [[], []]);
    await one.until("down 2 hung-up");
    await eventually(() => two.peers.length === 0, { what: "the other end, too" });
  }
});

test("a node that hangs up while it reads is told nothing more of that link", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  const seen: string[] = [];
  two.onMessage = (received, link) => {
    seen.push(received.type === "note" ? received.text : received.type);
    two.bus.hangUp(link.facts.linkId);
  };
  for (const words of ["first", "second", "third"]) one.note("2", words);
  await one.until("down 2 lost");
  assert.deepEqual(seen, ["first"]);
});

test("when a peer was last heard is known", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  await two.until("new stream 1");
  two.nowMs = 77;
  one.note("2", "still here");
  await two.until("got still here");
  assert.equal(two.linkWith("1").lastHeardMs, 77);
});

test("messages and bytes are counted by type and direction", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  one.send("2", { type: "load", body: Buffer.alloc(1000) });
  one.note("2", "12345");
  one.note("2", "12345");
  await eventually(() => two.story.filter((line) => line === "got 12345").length === 2, {
    what: "all",
  });
  const [sent, got] = [one.bus.statistics, two.bus.statistics];
  const notes = sent.byType.get("note");
  assert.deepEqual(notes, {
    sentMessages: 2,
    sentBytes: 16,
    receivedMessages: 0,
    receivedBytes: 0,
  });
  const { receivedMessages, receivedBytes } = got.byType.get("note") ?? {};
  assert.deepEqual([receivedMessages, receivedBytes], [2, 16]);
  assert.equal(got.byType.get("load")?.receivedMessages, 1);
  assert.ok(sent.linkBytesSent >= 1016 && sent.linkBytesSent < 1300);
  assert.equal(got.linkBytesReceived, sent.linkBytesSent);
});

test("stopping sends what was to be said, then ends the links", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  const bodies: number[] = [];
  two.onMessage = (received) => {
    bodies.push(received.type === "load" ? received.body.length : 0);
  };
  for (let i = 0; i < 5; i++) one.send("2", { type: "load", body: Buffer.alloc(2_000_000) });
  await one.bus.stop();
  assert.equal(one.story.at(-1), "down 2 hung-up");
  await two.until("down 1 lost");
  assert.deepEqual(bodies, Array(5).fill(2_000_000));
  const failure = await one.dialInVain(two.address);
  assert.equal(failure.reason, "stopping");
  assert.equal((await two.dialInVain(one.address)).reason, "unreachable");
});

test("a node that takes another identity has no links until it dials again", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  one.bus.become({ nodeId: idOf("9"), incarnation: 2 });
  await two.until("down 1 lost");
  const failure = await two.dialInVain(one.address, idOf("1"));
  assert.deepEqual(
    [failure.reason, failure.remoteId, failure.isProven],
    ["wrong-id", idOf("9"), true],
  );
  await two.join(one);
  assert.deepEqual([one.peers, two.peers], [["2"], ["9"]]);
});

test("listening fails with the address in the error", async (t) => {
  const one = await TestBus.start(t, "1");
  const two = await TestBus.start(t, "2");
  await assert.rejects(
    two.bus.start({ addresses: ["127.0.0.1"], port: one.port }),
    /^Error: cannot listen on 127\.0\.0\.1 port \d+: Address already in use$/,
  );
});

test("several addresses share a port, and optional ones may be missing", async (t) => {
  const one = await TestBus.start(t, "1");
  const two = await TestBus.start(t, "2");
  await one.bus.stop();
  const port = await two.bus.start({
    addresses: ["127.0.0.1", "127.0.0.2", "-2001:db8::1"],
    port: 0,
  });
  for (const host of ["127.0.0.1", "127.0.0.2"]) {
    const other = await TestBus.start(t, host.slice(-1) === "1" ? "3" : "4");
    other.bus.dial({ host, port });
    await other.until("up 2");
  }
});
