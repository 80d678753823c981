/** Messages from a table: typed, told apart by their codes, and readable by neighbouring versions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Codec, type MessageIn, message } from "../../../src/cluster/wire/codec.ts";
import { list, natural, optional, text } from "../../../src/cluster/wire/kinds.ts";
import { WireError } from "../../../src/cluster/wire/wire-error.ts";
import { WireReader } from "../../../src/cluster/wire/wire-reader.ts";
import { WireWriter } from "../../../src/cluster/wire/wire-writer.ts";
import { fc } from "../../support/fast-check.ts";
import { anyMessage, copy, type Sample, sampleCodec } from "./sample-messages.ts";

const older = {
  ping: message(1, "urgent", { at: natural }),
  done: message(3, "control", { count: natural, note: optional(text(10)) }),
};
const newer = {
  ping: message(1, "urgent", { at: natural, from: optional(text(10)), hops: optional(natural) }),
  tell: message(2, "control", { words: list(text(10), 5) }),
  done: message(3, "control", { count: natural, note: optional(text(10)) }),
};
const olderCodec = new Codec(older);
const newerCodec = new Codec(newer);

test("any row of messages comes back as it was", () => {
  fc.assert(
    fc.property(fc.array(anyMessage), (messages) => {
      const writer = new WireWriter();
      for (const each of messages) sampleCodec.encode(writer, each);
      const reader = new WireReader(writer.buffer, 0, writer.length);
      for (const each of messages) assert.deepEqual(sampleCodec.decode(reader), each);
      assert.equal(reader.remaining, 0);
    }),
  );
});

test("records of every size of their length come back", () => {
  for (const size of [0, 60, 62, 63, 64, 8188, 8190, 8192, 1_048_570, 1_048_576, 3_000_000]) {
    const writer = new WireWriter();
    sampleCodec.encode(writer, copy(7, size));
    sampleCodec.encode(writer, copy(8, 1));
    const reader = new WireReader(writer.buffer, 0, writer.length);
    assert.deepEqual(sampleCodec.decode(reader), copy(7, size));
    assert.deepEqual(sampleCodec.decode(reader), copy(8, 1));
  }
});

test("a switch over the type knows each message's fields", () => {
  const numberOf = (each: MessageIn<typeof newer>): number => {
    switch (each.type) {
      case "ping":
        return each.at + (each.hops ?? 0);
      case "tell":
        return each.words.length;
      case "done":
        return each.count;
    }
  };
  assert.equal(numberOf({ type: "ping", at: 4, from: undefined, hops: 3 }), 7);
  type IsMessage<T> = T extends MessageIn<typeof newer> ? true : false;
  const verdicts: [
    IsMessage<{ type: "tell"; words: string[] }>,
    IsMessage<{ type: "tell"; at: number }>,
    IsMessage<{ type: "nothing" }>,
  ] = [true, false, false];
  assert.equal(verdicts.length, 3);
  const stranger = JSON.parse('{ "type": "nothing" }');
  assert.throws(() => newerCodec.encode(new WireWriter(), stranger), /no message nothing/);
});

test("an older node steps over records and fields it does not know", () => {
  const writer = new WireWriter();
  newerCodec.encode(writer, { type: "tell", words: ["a", "b"] });
  newerCodec.encode(writer, { type: "ping", at: 5, from: "there", hops: 300 });
  newerCodec.encode(writer, { type: "done", count: 1, note: "x" });
  const reader = new WireReader(writer.buffer, 0, writer.length);
  assert.equal(olderCodec.decode(reader), undefined);
  assert.deepEqual(olderCodec.decode(reader), { type: "ping", at: 5 });
  assert.deepEqual(olderCodec.decode(reader), { type: "done", count: 1, note: "x" });
});

test("a newer node takes fields an older one does not send for undefined, if they are optional", () => {
  const writer = new WireWriter();
  olderCodec.encode(writer, { type: "ping", at: 5 });
  olderCodec.encode(writer, { type: "done", count: 1, note: undefined });
  const reader = new WireReader(writer.buffer, 0, writer.length);
  const ping = { type: "ping", at: 5, from: undefined, hops: undefined };
  assert.deepEqual(newerCodec.decode(reader), ping);
  assert.deepEqual(newerCodec.decode(reader), { type: "done", count: 1, note: undefined });
});

test("a field that is not optional may not be missing, nor reach into the next record", () => {
  const empty = new WireReader(Buffer.of(1, 0, 9, 9, 9));
  assert.throws(() => olderCodec.decode(empty), /1 bytes expected, 0 left/);
  const halfNumber = new WireReader(Buffer.of(1, 2, 0x80, 0x01));
  assert.throws(() => olderCodec.decode(halfNumber), WireError);
  const longer = new WireReader(Buffer.of(1, 8, 1));
  assert.throws(() => olderCodec.decode(longer), /4 bytes expected, 1 left/);
});

test("a table with a mistake is refused when the codec is made", () => {
  const one = message(1, "bulk", { at: natural });
  assert.throws(() => new Codec({ a: one, b: one }), /a and b share code 1/);
  assert.throws(() => new Codec({ a: message(0, "bulk", {}) }), /code 0/);
  assert.throws(() => new Codec({ a: message(256, "bulk", {}) }), /code 256/);
  assert.throws(() => new Codec({ a: message(1, "bulk", { type: natural }) }), /called type/);
});

/** Decodes all of it; the only thing that may be thrown is a WireError. */
function decodeAll(bytes: Buffer): (Sample | undefined)[] {
  const reader = new WireReader(bytes);
  const found: (Sample | undefined)[] = [];
  try {
    while (reader.remaining > 0) found.push(sampleCodec.decode(reader));
  } catch (error) {
    assert.ok(error instanceof WireError, String(error));
  }
  return found;
}

test("random and damaged bytes give messages or a WireError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
      decodeAll(Buffer.from(garbage));
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(anyMessage, fc.nat(), fc.nat(255), fc.nat(), (each, at, value, cut) => {
      const writer = new WireWriter();
      sampleCodec.encode(writer, each);
      const bytes = Buffer.from(writer.buffer.subarray(0, writer.length));
      bytes[at % bytes.length] = value;
      decodeAll(bytes);
      decodeAll(bytes.subarray(0, cut % bytes.length));
    }),
    { numRuns: 500 },
  );
});
