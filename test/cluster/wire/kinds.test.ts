/** The vocabulary of messages: values come back as they were, and nothing else comes in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../../../src/cluster/wire/kinds.ts";
import * as kinds from "../../../src/cluster/wire/kinds.ts";
import { WireError } from "../../../src/cluster/wire/wire-error.ts";
import { WireReader } from "../../../src/cluster/wire/wire-reader.ts";
import { WireWriter } from "../../../src/cluster/wire/wire-writer.ts";
import { fc } from "../../support/fast-check.ts";
import { anyBody, anyJobId, anyNodeId, anyText, plainRecord } from "./sample-messages.ts";

function encoded<T>(kind: Kind<T>, value: T): Buffer {
  const writer = new WireWriter();
  kind.write(writer, value);
  return Buffer.from(writer.buffer.subarray(0, writer.length));
}

function decoded<T>(kind: Kind<T>, bytes: Buffer): T {
  const reader = new WireReader(bytes);
  const value = kind.read(reader);
  assert.equal(reader.remaining, 0);
  return value;
}

/** Every value comes back, takes a byte at least, and no beginning of its bytes is a value. */
function checkRoundTrip<T>(kind: Kind<T>, values: fc.Arbitrary<T>): void {
  fc.assert(
    fc.property(values, fc.nat(), (value, cut) => {
      const bytes = encoded(kind, value);
      assert.ok(bytes.length > 0);
      assert.deepEqual(decoded(kind, bytes), value);
      const part = bytes.subarray(0, cut % bytes.length);
      assert.throws(() => kind.read(new WireReader(part)), WireError);
    }),
  );
}

/** Numbers around every power of two, where encodings get longer. */
const edges = Array.from({ length: 53 }, (_, i) => 2 ** i).flatMap((n) => [n - 1, n, n + 1]);
const naturals = fc.oneof(fc.constantFrom(...edges).filter(Number.isSafeInteger), fc.maxSafeNat());

test("every kind gives back what it was given, and refuses a part of it", () => {
  checkRoundTrip(kinds.bool, fc.boolean());
  checkRoundTrip(kinds.byte, fc.nat(255));
  checkRoundTrip(kinds.natural, naturals);
  checkRoundTrip(
    kinds.integer,
    fc.oneof(
      naturals,
      naturals.map((n) => (n === 0 ? 0 : -n)),
    ),
  );
  checkRoundTrip(kinds.float, fc.double());
  checkRoundTrip(kinds.text(80), anyText);
  checkRoundTrip(kinds.bytes(300), anyBody);
  checkRoundTrip(kinds.view(300), anyBody);
  checkRoundTrip(kinds.nodeId, anyNodeId);
  checkRoundTrip(kinds.jobId, anyJobId);
  checkRoundTrip(kinds.oneOf("a", "b", "c"), fc.constantFrom("a", "b", "c"));
  checkRoundTrip(kinds.optional(kinds.natural), fc.option(naturals, { nil: undefined }));
  checkRoundTrip(kinds.list(kinds.text(80), 20), fc.array(anyText, { maxLength: 20 }));
  const pair = kinds.record({ id: kinds.jobId, count: kinds.optional(kinds.integer) });
  checkRoundTrip(
    pair,
    plainRecord({ id: anyJobId, count: fc.option(fc.integer(), { nil: undefined }) }),
  );
});

test("small numbers of either sign are one byte, ids have a fixed size", () => {
  const size = <T>(kind: Kind<T>, value: T): number => encoded(kind, value).length;
  assert.deepEqual(
    [0, 127, 128, Number.MAX_SAFE_INTEGER].map((n) => size(kinds.natural, n)),
    [1, 1, 2, 8],
  );
  assert.deepEqual(
    [-64, 63, -65, 64, -Number.MAX_SAFE_INTEGER].map((n) => size(kinds.integer, n)),
    [1, 1, 2, 2, 8],
  );
  assert.equal(size(kinds.nodeId, "0123456789abcdef0123456789abcdef01234567"), 20);
  assert.equal(size(kinds.jobId, new Int32Array(6)), 24);
});

test("a number has one spelling and ends at 2^53 - 1", () => {
  const naturalOf = (...values: number[]): number => decoded(kinds.natural, Buffer.from(values));
  const ones = (count: number): number[] => new Array<number>(count).fill(0xff);
  assert.equal(naturalOf(...ones(7), 0x0f), Number.MAX_SAFE_INTEGER);
  assert.throws(() => naturalOf(...ones(7), 0x10), /above 2\^53 - 1/);
  assert.throws(() => naturalOf(...ones(7), 0x7f), /above 2\^53 - 1/);
  assert.throws(() => naturalOf(...ones(8), 0x01), /above 2\^53 - 1/);
  assert.throws(() => naturalOf(0x80, 0x00), /longer than necessary/);
  assert.throws(() => naturalOf(0xff, 0x80, 0x00), /longer than necessary/);
  const integerOf = (...values: number[]): number => decoded(kinds.integer, Buffer.from(values));
  assert.throws(() => integerOf(0x80, 0x00), /longer than necessary/);
  assert.throws(() => integerOf(0xff, ...ones(6), 0x7f), /beyond 2\^53 - 1/);
  assert.throws(() => integerOf(0xff, ...ones(7), 0x0f), /beyond 2\^53 - 1/);
});

test("lengths are refused before anything is made for them", () => {
  const read = <T>(kind: Kind<T>, length: number, rest: number): (() => unknown) => {
    const bytes = Buffer.concat([encoded(kinds.natural, length), Buffer.alloc(rest)]);
    return () => decoded(kind, bytes);
  };
  assert.throws(read(kinds.bytes(10), 11, 20), /above the limit of 10/);
  assert.throws(read(kinds.view(10), 11, 20), /above the limit of 10/);
  assert.throws(read(kinds.text(10), 11, 20), /above the limit of 10/);
  assert.throws(read(kinds.list(kinds.byte, 10), 11, 20), /above the limit of 10/);
  assert.throws(read(kinds.bytes(2 ** 40), 2 ** 39, 20), /with 20 bytes left/);
  assert.throws(read(kinds.text(2 ** 40), 2 ** 39, 20), /with 20 bytes left/);
  assert.throws(read(kinds.list(kinds.byte, 2 ** 40), 2 ** 39, 20), /with 20 bytes left/);
});

test("flags and choices other than the known ones are refused", () => {
  assert.throws(() => decoded(kinds.bool, Buffer.of(2)), WireError);
  assert.throws(() => decoded(kinds.optional(kinds.byte), Buffer.of(2, 0)), WireError);
  assert.throws(() => decoded(kinds.oneOf("a", "b"), Buffer.of(2)), WireError);
});

test("what is no UTF-8 becomes text all the same", () => {
  assert.equal(decoded(kinds.text(10), Buffer.of(3, 0x61, 0xff, 0x62)), "a\ufffdb");
});

test("bytes that were read do not change with the buffer they came in", () => {
  const received = encoded(kinds.bytes(10), Buffer.from("abc"));
  const value = decoded(kinds.bytes(10), received);
  received.fill(0);
  assert.equal(value.toString(), "abc");
});

test("writing what does not fit is a bug, not a WireError", () => {
  const refuses = (write: () => unknown): void =>
    assert.throws(write, (error) => error instanceof Error && !(error instanceof WireError));
  for (const value of [-1, 256, 1.5, Number.NaN]) refuses(() => encoded(kinds.byte, value));
  for (const value of [-1, 1.5, Number.NaN, 2 ** 53]) refuses(() => encoded(kinds.natural, value));
  for (const value of [1.5, Number.NaN, -(2 ** 53)]) refuses(() => encoded(kinds.integer, value));
  for (const value of ["", "0".repeat(39), "x".repeat(40)])
    refuses(() => encoded(kinds.nodeId, value));
  refuses(() => encoded(kinds.jobId, new Int32Array(5)));
  refuses(() => encoded(kinds.text(3), "\u00e4\u00e4"));
  refuses(() => encoded(kinds.bytes(3), Buffer.alloc(4)));
  refuses(() => encoded(kinds.list(kinds.byte, 1), [1, 2]));
  refuses(() => kinds.record({}));
});

test("a view shows the bytes where they arrived", () => {
  const received = encoded(kinds.view(10), Buffer.from("abc"));
  const value = decoded(kinds.view(10), received);
  received.fill("x");
  assert.equal(value.toString(), "xxx");
});
