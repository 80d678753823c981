/** Strangers and damaged peers: they are closed, cost little, and nobody else notices. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { crc32 } from "node:zlib";
import { Channel } from "../../../src/cluster/wire/channel.ts";
import { Codec } from "../../../src/cluster/wire/codec.ts";
import { encodeGreeting } from "../../../src/io/bus/greeting.ts";
import { ACCEPTING_MAX } from "../../../src/io/bus/handshakes.ts";
import { eventually } from "../../support/eventually.ts";
import { fc } from "../../support/fast-check.ts";
import { greetingOf } from "./duet.ts";
import { RawPeer } from "./raw-peer.ts";
import { TestBus, type TestBusOptions, testTable } from "./test-bus.ts";

/** A pair with a link, to see that it is not disturbed. */
async function bystanders(
  t: TestContext,
  options: TestBusOptions = {},
): Promise<{ one: TestBus; unharmed: () => Promise<void> }> {
  const [one, two] = [await TestBus.start(t, "1", options), await TestBus.start(t, "2")];
  await one.join(two);
  let count = 0;
  const unharmed = async (): Promise<void> => {
    const words = `all is well ${++count}`;
    two.note("1", words);
    await one.until(`got ${words}`);
    assert.equal(one.story.includes("down 2 lost"), false);
  };
  return { one, unharmed };
}

/** What a peer would say on a new link, and a message. */
function honestFrames(): Buffer {
  const receiver = { opened: () => undefined, received: () => undefined };
  const channel = new Channel(new Codec(testTable), { crc32, receiver, streamId: 1 });
  channel.linkUp();
  channel.send({ type: "note", text: "from a damaged peer" });
  channel.send({ type: "load", body: Buffer.alloc(100_000, "x") });
  return Buffer.concat(channel.take());
}

test("whoever speaks another protocol is closed without an answer", async (t) => {
  const { one, unharmed } = await bystanders(t);
  for (const text of ["*1\r\n$4\r\nPING\r\n", "GET / HTTP/1.1\r\n\r\n", "\0\0\0\0"]) {
    const stranger = await RawPeer.connect(t, one);
    stranger.socket.write(text);
    await stranger.closed();
    assert.deepEqual(stranger.received, []);
  }
  await unharmed();
  assert.deepEqual(
    one.lines.map(({ reason }) => reason),
    ["not-a-peer"],
    "one line in all",
  );
});

test("a connection that says nothing, or not enough, is closed in time", async (t) => {
  const one = await TestBus.start(t, "1", { handshakeMs: 30 });
  const greeting = encodeGreeting(greetingOf({ nodeId: "7".repeat(40) }));
  for (const bytes of [Buffer.alloc(0), greeting.subarray(0, 40), greeting]) {
    const stranger = await RawPeer.connect(t, one);
    if (bytes.length > 0) stranger.socket.write(bytes);
    await stranger.closed();
  }
  assert.equal(one.bus.handshakeCount, 0);
  assert.deepEqual(one.story, []);
});

test("a dial to somebody who says nothing is given up in time", async (t) => {
  const one = await TestBus.start(t, "1", { handshakeMs: 30 });
  const mute = createServer((socket) => t.after(() => socket.destroy()));
  t.after(() => mute.close());
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const address = mute.address();
  assert.ok(address !== null && typeof address === "object");
  const failure = await one.dialInVain({ host: "127.0.0.1", port: address.port });
  assert.equal(failure.reason, "timeout");
  assert.equal(one.bus.handshakeCount, 0);
});

test("only so many connections may be silent, and they keep no peer out", async (t) => {
  const { one, unharmed } = await bystanders(t, { handshakeMs: 60_000 });
  const connect = (count: number): Promise<RawPeer[]> =>
    Promise.all(Array.from({ length: count }, () => RawPeer.connect(t, one)));
  const oldest = await connect(20);
  await eventually(() => one.bus.handshakeCount === 20, { what: "they are the oldest" });
  const others = await connect(ACCEPTING_MAX);
  await Promise.all(oldest.map((peer) => peer.closed()));
  assert.equal(one.bus.handshakeCount, ACCEPTING_MAX);
  assert.ok(others.every(({ isClosed }) => !isClosed));
  const three = await TestBus.start(t, "3");
  three.bus.dial(one.address);
  await three.until("up 1");
  await unharmed();
});

test("random bytes instead of a handshake harm nobody", async (t) => {
  const { one, unharmed } = await bystanders(t);
  const greeting = encodeGreeting(greetingOf({ nodeId: "7".repeat(40) }));
  const opening = fc.constantFrom(Buffer.alloc(0), greeting, greeting.subarray(0, 30));
  const rest = fc.uint8Array({ minLength: 1, maxLength: 300 });
  await Promise.all(
    fc.sample(fc.tuple(opening, rest), 100).map(async ([first, then]) => {
      const stranger = await RawPeer.connect(t, one);
      stranger.socket.end(Buffer.concat([first, then]));
      await stranger.closed();
    }),
  );
  await unharmed();
  assert.deepEqual(one.peers, ["2"]);
});

test("damaged frames close the link, with one line of log, and nothing of them is handed up", async (t) => {
  const { one, unharmed } = await bystanders(t);
  const frames = honestFrames();
  const places = [0, 4, 7, 8, 9, 15, 21, 23, 30, 60, 100, 70_000, frames.length - 1];
  for (const at of places) {
    const peer = await RawPeer.join(t, one, "5");
    const damaged = Buffer.from(frames);
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    peer.socket.end(damaged);
    await peer.closed();
    await eventually(() => one.peers.length === 1, { what: "the link ends" });
    assert.match(one.story.at(-1) ?? "", /^down 5 (?:damaged|lost)$/);
  }
  assert.equal(one.story.includes("got load"), false);
  const damages = one.lines.filter(({ reason }) => reason === "damaged");
  assert.equal(damages.length, 1);
  await unharmed();
});

test("random bytes behind a handshake harm nobody", async (t) => {
  const { one, unharmed } = await bystanders(t);
  const frames = honestFrames();
  const pieces = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 500 }),
    fc.nat(frames.length - 1).map((length) => frames.subarray(0, length)),
  );
  const attack = async (digit: string): Promise<void> => {
    for (const all of fc.sample(fc.array(pieces, { minLength: 1, maxLength: 4 }), 8)) {
      const peer = await RawPeer.join(t, one, digit);
      for (const piece of all) peer.socket.write(piece);
      peer.socket.end();
      await peer.closed();
      await eventually(() => !one.peers.includes(digit), { what: "the link ends" });
    }
  };
  await Promise.all([..."56789abc"].map(attack));
  await unharmed();
  assert.deepEqual(one.peers, ["2"]);
});
