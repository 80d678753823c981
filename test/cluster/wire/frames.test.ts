/** Frames: the same messages however they are cut, and one error for everything that is wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { Channel } from "../../../src/cluster/wire/channel.ts";
import { Codec, message } from "../../../src/cluster/wire/codec.ts";
import {
  CHUNK_BYTES,
  type FrameHeader,
  finishChecksum,
  HEADER_BYTES,
  PROTOCOL_VERSION,
  writeHeader,
} from "../../../src/cluster/wire/frame-format.ts";
import { bytes } from "../../../src/cluster/wire/kinds.ts";
import { WireError } from "../../../src/cluster/wire/wire-error.ts";
import { fc } from "../../support/fast-check.ts";
import {
  anyMessage,
  beat,
  copy,
  fact,
  framesOf,
  type Listener,
  linkedListener,
  type Sample,
  urgentFirst,
} from "./sample-messages.ts";

/** A frame with a right checksum around any payload. */
function frameOf(
  header: Partial<FrameHeader>,
  payload: Buffer,
  version = PROTOCOL_VERSION,
): Buffer {
  const defaults = { type: "records", sequence: 1, confirmed: 0, records: 0 } as const;
  const buffer = Buffer.concat([Buffer.alloc(HEADER_BYTES), payload]);
  writeHeader(buffer, { ...defaults, payloadBytes: payload.length, ...header }, version);
  finishChecksum(crc32, buffer);
  return buffer;
}

const opening = frameOf({ type: "opening" }, Buffer.of(1));

/** What is wrong with frames behind an opening. */
function errorOf(...frames: readonly Buffer[]): string | undefined {
  return linkedListener().channel.push(Buffer.concat([opening, ...frames]))?.message;
}

test("any cuts of the stream give the same messages", () => {
  const cuts = fc.array(fc.nat(), { maxLength: 30 });
  fc.assert(
    fc.property(fc.array(anyMessage, { maxLength: 20 }), cuts, (messages, positions) => {
      const stream = framesOf(messages);
      const listener = linkedListener();
      let from = 0;
      const sorted = positions.map((at) => at % (stream.length + 1)).sort((a, b) => a - b);
      for (const to of [...sorted, stream.length]) {
        assert.equal(listener.channel.push(Buffer.from(stream.subarray(from, to))), undefined);
        from = to;
      }
      assert.deepEqual(listener.messages, urgentFirst(messages));
    }),
  );
});

test("byte by byte works too, also for records of every size around a chunk", () => {
  const sizes = [0, CHUNK_BYTES - 20, CHUNK_BYTES - 5, CHUNK_BYTES, 3 * CHUNK_BYTES + 1];
  const messages = sizes.map((size, i) => (i % 2 === 0 ? copy(i, size) : fact(i, size)));
  const listener = linkedListener();
  for (const value of framesOf(messages)) listener.channel.push(Buffer.of(value));
  assert.deepEqual(listener.messages, messages);
});

test("a thousand records of a turn become one frame", () => {
  const { channel } = linkedListener();
  for (let i = 0; i < 1000; i++) channel.send(fact(i));
  const [, ...frames] = channel.take();
  assert.equal(frames.length, 1);
  const bytes = frames[0]?.length ?? 0;
  assert.ok(bytes <= HEADER_BYTES + 1000 * 6, `${bytes} bytes`);
});

test("every flipped bit is noticed before a wrong message is handed up", () => {
  const messages = [beat(1), fact(2, 10), copy(3, 20), fact(4)];
  const stream = framesOf(messages);
  const expected = linkedListener();
  expected.channel.push(stream);
  const more = Buffer.alloc(2 * CHUNK_BYTES + HEADER_BYTES);
  for (let bit = 0; bit < stream.length * 8; bit++) {
    const damaged = Buffer.from(stream);
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    const listener = linkedListener();
    listener.channel.push(damaged);
    // A length that has grown is noticed when the bytes it asks for have come.
    assert.ok(listener.channel.push(more) instanceof WireError, `bit ${bit}`);
    assert.deepEqual(listener.messages, expected.messages.slice(0, listener.messages.length));
    assert.ok(listener.messages.length < messages.length);
  }
});

test("after an error nothing more is read", () => {
  const listener = linkedListener();
  const error = listener.channel.push(Buffer.alloc(HEADER_BYTES));
  assert.ok(error instanceof WireError);
  assert.equal(listener.channel.push(framesOf([fact(1)])), error);
  assert.deepEqual(listener.messages, []);
});

test("garbage gives a WireError or waits, and holds no more than it justifies", () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 });
  fc.assert(
    fc.property(fc.boolean(), chunks, (isOpened, garbage) => {
      const { channel } = linkedListener();
      if (isOpened) channel.push(opening);
      for (const each of garbage) {
        const error = channel.push(Buffer.from(each));
        assert.ok(error === undefined || error instanceof WireError);
        assert.ok(channel.bytes < 8 * 1024);
      }
    }),
    { numRuns: 300 },
  );
});

test("garbage with a right checksum gives messages or a WireError as well", () => {
  const types = fc.constantFrom("opening", "records", "urgentRecords", "piece", "lastPiece");
  const frames = fc.array(fc.tuple(types, fc.uint8Array({ maxLength: 60 }), fc.nat(10), fc.nat(3)));
  fc.assert(
    fc.property(frames, (list) => {
      const { channel } = linkedListener();
      channel.push(opening);
      for (const [type, payload, records, sequence] of list) {
        if (records * 2 > payload.length) continue;
        const error = channel.push(frameOf({ type, records, sequence }, Buffer.from(payload)));
        assert.ok(error === undefined || error instanceof WireError);
      }
    }),
    { numRuns: 500 },
  );
});

test("memory follows the bytes that came, not the lengths they promise", () => {
  const listener = linkedListener();
  const { channel } = listener;
  channel.push(opening);
  const promise = frameOf({ records: 1 }, Buffer.alloc(2 * CHUNK_BYTES - 1));
  channel.push(promise.subarray(0, HEADER_BYTES));
  assert.ok(channel.bytes < 4096);
  const large = framesOf([copy(1, 20 * CHUNK_BYTES)]);
  const other = linkedListener().channel;
  for (let at = 0; at < large.length - 1; at += 1000) {
    other.push(large.subarray(at, Math.min(at + 1000, large.length - 1)));
    assert.ok(other.bytes <= 2 * (at + 1000) + 256 * 1024, `${other.bytes} at ${at}`);
  }
});

test("records above the limit are refused at their first piece", () => {
  const stream = framesOf([copy(1, 4 * CHUNK_BYTES)]);
  const { channel } = linkedListener(3 * CHUNK_BYTES);
  assert.match(
    channel.push(stream.subarray(0, 2 * CHUNK_BYTES))?.message ?? "",
    /allowed are 196608/,
  );
  const strict = linkedListener(1000).channel;
  const frame = frameOf({ records: 1 }, Buffer.alloc(CHUNK_BYTES + 1001));
  assert.match(strict.push(frame.subarray(0, HEADER_BYTES))?.message ?? "", /allowed are 66536/);
});

test("neighbouring protocol versions are understood, others named", () => {
  const empty = Buffer.alloc(0);
  assert.equal(errorOf(frameOf({}, empty, PROTOCOL_VERSION + 1)), undefined);
  assert.match(errorOf(frameOf({}, empty, PROTOCOL_VERSION + 2)) ?? "", /version 5 .* ours, 3/);
});

test("frames that make no sense where they stand are refused", () => {
  const none = Buffer.alloc(0);
  assert.match(errorOf(opening) ?? "", /opens once/);
  assert.match(linkedListener().channel.push(frameOf({}, none))?.message ?? "", /opens once/);
  assert.match(errorOf(frameOf({ records: 2 }, Buffer.alloc(3))) ?? "", /2 records in 3 bytes/);
  assert.match(errorOf(frameOf({}, Buffer.of(1))) ?? "", /1 bytes behind/);
  assert.match(errorOf(frameOf({ confirmed: 1 }, none)) ?? "", /1 confirmed, sent up to 0/);
  const control = Buffer.of(3, 5, 1, 0);
  assert.match(
    errorOf(frameOf({ type: "urgentRecords", records: 1 }, control)) ?? "",
    /control record/,
  );
  assert.match(errorOf(frameOf({ records: 1, sequence: 3 }, control)) ?? "", /3 after 0/);
  const piece = frameOf({ type: "piece" }, Buffer.of(4, 20, 1));
  assert.equal(errorOf(piece), undefined);
  assert.match(errorOf(piece, frameOf({}, none)) ?? "", /between the pieces/);
  assert.match(errorOf(piece, frameOf({ type: "piece" }, Buffer.alloc(20))) ?? "", /larger than/);
  assert.match(
    errorOf(piece, frameOf({ type: "lastPiece" }, none)) ?? "",
    /10 bytes expected, 1 left/,
  );
});

/** What a listener is handed when the sender gives helpings of at most this size. */
function takeInHelpings(sender: Listener, bytesMax: number, between: () => void): Sample[] {
  const listener = linkedListener();
  for (;;) {
    const frames = sender.channel.take(bytesMax);
    if (frames.length === 0) return listener.messages;
    for (const frame of frames) assert.equal(listener.channel.push(frame), undefined);
    between();
  }
}

test("urgent records go before all others of the turn, which keep their order", () => {
  const sender = linkedListener();
  const others = [copy(1, 10), fact(2, 2 * CHUNK_BYTES), copy(3, CHUNK_BYTES), fact(4)];
  for (const each of others) sender.channel.send(each);
  sender.channel.send(beat(5));
  const received = takeInHelpings(sender, Number.POSITIVE_INFINITY, () => {});
  assert.deepEqual(received, [beat(5), ...others]);
});

test("an urgent record waits for one piece of a large one at most", () => {
  const sender = linkedListener();
  const pieces = 10;
  sender.channel.send(copy(1, pieces * CHUNK_BYTES - 100));
  let beats = 0;
  const received = takeInHelpings(sender, 1, () => {
    if (beats < pieces - 1) sender.channel.send(beat(beats++));
  });
  assert.deepEqual(received, [
    ...Array.from({ length: pieces - 1 }, (_, i) => beat(i)),
    copy(1, pieces * CHUNK_BYTES - 100),
  ]);
});

test("an urgent record too large for a frame travels in its turn, in pieces", () => {
  const large = { type: "shout", body: Buffer.alloc(3 * CHUNK_BYTES, 7) } as const;
  const codec = new Codec({ shout: message(1, "urgent", { body: bytes(2 ** 20) }) });
  const received: unknown[] = [];
  const receiver = { opened: () => {}, received: (each: unknown) => received.push(each) };
  const [from, to] = [1, 2].map((streamId) => new Channel(codec, { receiver, crc32, streamId }));
  from?.linkUp();
  to?.linkUp();
  from?.send(large);
  for (const frame of from?.take() ?? []) to?.push(frame);
  assert.deepEqual(received, [large]);
});

test("a mistake of the receiver is not taken for one of the peer", () => {
  const listener = linkedListener();
  listener.afterMessage = () => {
    throw new TypeError("a bug");
  };
  assert.throws(() => listener.channel.push(framesOf([beat(1)])), TypeError);
});
