/**
 * Memory and work of a reader stay in proportion to the bytes it was really sent.
 *
 * Garbage, announced lengths, a million arguments and long payloads are what strangers try.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fullLimits } from "../../src/protocol/request.ts";
import { RequestReader } from "../../src/protocol/request-reader.ts";
import { fc } from "../support/fast-check.ts";
import { encode, Recorder } from "./requests.ts";

/** The bound promised at the head of the reader. */
function capacityMax(bytesHeld: number): number {
  const args = bytesHeld / 6;
  return Math.max(512, 2 * bytesHeld) + Math.max(16 * 8, 2 * 8 * args);
}

test("garbage neither throws nor hangs nor takes memory beyond what was sent", () => {
  const unit = fc.oneof(
    fc.constantFrom("*", "$", "\r\n", "\r\n", "1", "0", "9", "-", '"', "'", "\n", " ", "\0"),
    fc.constantFrom(
      "*2\r\n",
      "$3\r\nabc\r\n",
      "*1048576\r\n",
      "$536870912\r\n",
      "*999999999999\r\n",
    ),
    fc.nat(255).map((code) => String.fromCharCode(code)),
  );
  const garbage = fc.array(fc.string({ unit, maxLength: 60 }), { maxLength: 20 });
  fc.assert(
    fc.property(garbage, (chunks) => {
      const reader = new RequestReader(fullLimits());
      let fed = 0;
      for (const chunk of chunks) {
        const bytes = Buffer.from(chunk, "latin1");
        fed += bytes.length;
        const error = reader.feed(bytes, 0, bytes.length, new Recorder());
        assert.ok(reader.bufferedBytes <= fed);
        assert.ok(
          reader.bufferCapacity <= capacityMax(reader.bufferedBytes) || reader.bufferedBytes === 0,
        );
        if (reader.bufferedBytes === 0) assert.equal(reader.bufferCapacity, 0);
        if (error !== undefined) break;
      }
    }),
    { numRuns: 3000 },
  );
});

test("announced lengths reserve nothing", () => {
  for (const text of ["*1048576\r\n", "*2\r\n$536870912\r\n", "*1\r\n$536870912\r\nabc"]) {
    const reader = new RequestReader(fullLimits());
    const bytes = Buffer.from(text);
    assert.equal(reader.feed(bytes, 0, bytes.length, new Recorder()), undefined);
    assert.ok(reader.bufferCapacity <= 1024, text);
  }
});

test("2^20 arguments are accepted, in one piece and in small ones", () => {
  const bytes = Buffer.from(`*1048576\r\n${"$0\r\n\r\n".repeat(1 << 20)}`, "latin1");
  for (const pieceBytes of [bytes.length, 65536, 1000]) {
    const reader = new RequestReader(fullLimits());
    let args = 0;
    const handler = {
      onRequest(request: { count: number; size(i: number): number }): boolean {
        args = request.count;
        assert.equal(request.size(args - 1), 0);
        return true;
      },
    };
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const end = Math.min(at + pieceBytes, bytes.length);
      assert.equal(reader.feed(bytes, at, end, handler), undefined);
    }
    assert.equal(args, 1 << 20);
    assert.equal(reader.bufferCapacity, 0);
  }
});

test("many small arguments byte by byte take linear work", () => {
  const bytes = Buffer.from(`*50000\r\n${"$0\r\n\r\n".repeat(50_000)}`, "latin1");
  const reader = new RequestReader(fullLimits());
  const recorder = new Recorder();
  for (let at = 0; at < bytes.length; at++) reader.feed(bytes, at, at + 1, recorder);
  assert.equal(recorder.requests[0]?.length, 50_000);
});

test("a long argument in many pieces ends in a buffer of just its size", () => {
  const size = 24 * 1024 * 1024;
  const reader = new RequestReader(fullLimits());
  const head = Buffer.from(`*2\r\n$4\r\nPING\r\n$${size}\r\n`);
  const piece = Buffer.alloc(64 * 1024, "x");
  let seen = 0;
  const handler = {
    onRequest(request: { size(i: number): number; buffer: Buffer }): boolean {
      seen = request.size(1);
      return true;
    },
  };
  reader.feed(head, 0, head.length, handler);
  let highest = 0;
  for (let sent = 0; sent < size; sent += piece.length) {
    assert.equal(reader.feed(piece, 0, piece.length, handler), undefined);
    highest = Math.max(highest, reader.bufferCapacity);
    assert.ok(reader.bufferCapacity <= capacityMax(reader.bufferedBytes));
  }
  assert.equal(seen, 0);
  assert.ok(highest < size + 65536, `${highest}`);
  // What follows the request in the same chunk must not make it grow.
  const tail = Buffer.from(`\r\n${"PING\r\n".repeat(100)}PI`);
  let atEnd = 0;
  const last = {
    onRequest(request: { count: number; size(i: number): number; buffer: Buffer }): boolean {
      if (request.count === 1) return true;
      atEnd = request.buffer.length;
      seen = request.size(1);
      return true;
    },
  };
  reader.feed(tail, 0, tail.length, last);
  assert.equal(seen, size);
  assert.ok(atEnd < size + 65536, `${atEnd}`);
  reader.feed(Buffer.from("NG\r\n"), 0, 4, last);
  assert.equal(reader.bufferCapacity, 0);
});

test("memory behind a stop shrinks as it is used up", () => {
  const reader = new RequestReader(fullLimits());
  const recorder = new Recorder(() => "stop");
  const one = encode("PING", "a".repeat(1000));
  const bytes = Buffer.from(one.repeat(1000), "latin1");
  reader.feed(bytes, 0, bytes.length, recorder);
  const before = reader.bufferCapacity;
  for (let i = 0; i < 950; i++) reader.resume(recorder);
  assert.equal(reader.bufferedBytes, 49 * one.length);
  assert.ok(reader.bufferCapacity <= 4 * reader.bufferedBytes, `${reader.bufferCapacity}`);
  assert.ok(reader.bufferCapacity < before / 4);
  for (let i = 0; i < 49; i++) reader.resume(recorder);
  assert.equal(recorder.requests.length, 1000);
  assert.equal(reader.bufferCapacity, 0);
});
