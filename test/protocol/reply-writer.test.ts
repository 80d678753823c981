/**
 * Replies as bytes: exact for every type and version, and read back by the parser clients use. The
 * pool and the writer's memory are tested here as well.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import RedisParser from "redis-parser";
import { BufferPool } from "../../src/protocol/buffer-pool.ts";
import { ReplyWriter } from "../../src/protocol/reply-writer.ts";
import { fc } from "../support/fast-check.ts";

/** What a writer has written after `write`, one character per byte. */
function written(write: (writer: ReplyWriter) => void, version: 2 | 3 = 2): string {
  const writer = new ReplyWriter(new BufferPool());
  writer.version = version;
  write(writer);
  return writer.take().toString("latin1");
}

test("each reply type has its exact bytes", () => {
  assert.equal(
    written((w) => w.simple("OK")),
    "+OK\r\n",
  );
  assert.equal(
    written((w) => w.error("ERR no")),
    "-ERR no\r\n",
  );
  assert.equal(
    written((w) => w.integer(-12)),
    ":-12\r\n",
  );
  assert.equal(
    written((w) => w.bulk(Buffer.from("xabcx"), 1, 4)),
    "$3\r\nabc\r\n",
  );
  assert.equal(
    written((w) => w.bulk(Buffer.alloc(0), 0, 0)),
    "$0\r\n\r\n",
  );
  assert.equal(
    written((w) => w.bulkText("a\r\n\xff")),
    "$4\r\na\r\n\xff\r\n",
  );
  assert.equal(
    written((w) => w.array(0)),
    "*0\r\n",
  );
  assert.equal(
    written((w) => w.array(1048576)),
    "*1048576\r\n",
  );
  assert.equal(
    written((w) => w.raw(Buffer.from("+A\r\n+B\r\n"))),
    "+A\r\n+B\r\n",
  );
  assert.equal(
    written((w) => w.raw(Buffer.from("x+A\r\nx"), 1, 5)),
    "+A\r\n",
  );
});

test("nulls and maps depend on the protocol version", () => {
  assert.equal(
    written((w) => w.nullBulk()),
    "$-1\r\n",
  );
  assert.equal(
    written((w) => w.nullArray()),
    "*-1\r\n",
  );
  assert.equal(
    written((w) => w.map(7)),
    "*14\r\n",
  );
  assert.equal(
    written((w) => w.nullBulk(), 3),
    "_\r\n",
  );
  assert.equal(
    written((w) => w.nullArray(), 3),
    "_\r\n",
  );
  assert.equal(
    written((w) => w.map(7), 3),
    "%7\r\n",
  );
});

test("line ends and NUL in an error text cannot end the reply", () => {
  assert.equal(
    written((w) => w.error("ERR unknown command 'foo\r\nbar\0'")),
    "-ERR unknown command 'foo  bar\0'\r\n",
  );
  const long = "\r\n+OK\r\n".repeat(20);
  assert.equal(
    written((w) => w.error(long)),
    `-${long.replace(/[\r\n]/g, " ")}\r\n`,
  );
});

test("every safe integer is printed exactly", () => {
  const edges = [
    0,
    9,
    10,
    99,
    100,
    999_999_999,
    1e9,
    1e9 + 1,
    8_999_999_999,
    Number.MAX_SAFE_INTEGER,
  ];
  const nearBillions = fc
    .tuple(fc.integer({ min: 1, max: 9_007_198 }), fc.integer({ min: -2, max: 2 }))
    .map(([billions, off]) => billions * 1e9 + off);
  const value = fc.oneof(fc.maxSafeInteger(), nearBillions, fc.constantFrom(...edges));
  fc.assert(
    fc.property(value, (n) => written((w) => w.integer(n)) === `:${n}\r\n`),
    { numRuns: 3000 },
  );
});

test("a creation time beyond 2^53 is joined exactly", () => {
  assert.equal(
    written((w) => w.joinedInteger(1700000000123, 42)),
    ":1700000000123000042\r\n",
  );
  assert.equal(
    written((w) => w.joinedInteger(0, 42)),
    ":42\r\n",
  );
  assert.equal(
    written((w) => w.joinedInteger(0, 0)),
    ":0\r\n",
  );
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(999_999), (ms, counter) => {
      const joined = BigInt(ms) * 1_000_000n + BigInt(counter);
      assert.equal(
        written((w) => w.joinedInteger(ms, counter)),
        `:${joined}\r\n`,
      );
    }),
  );
});

type Reply = string | number | null | Error | Reply[];

const latin1 = fc.string({
  unit: fc.nat(255).map((code) => String.fromCharCode(code)),
  maxLength: 300,
});
const word = fc.string({ unit: fc.constantFrom(..."ABCabc 019-"), maxLength: 60 });

const { reply } = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    latin1,
    fc.maxSafeInteger(),
    fc.constant(null),
    word.map((text) => new Error(`ERR ${text}`)),
    fc.array(tie("reply"), { maxLength: 8 }),
  ),
}));

function write(writer: ReplyWriter, value: Reply): void {
  if (value === null) writer.nullBulk();
  else if (typeof value === "number") writer.integer(value);
  else if (typeof value === "string" && value.length % 2 === 0) writer.bulkText(value);
  else if (typeof value === "string") {
    writer.bulk(Buffer.from(`xx${value}x`, "latin1"), 2, value.length + 2);
  } else if (value instanceof Error) writer.error(value.message);
  else {
    writer.array(value.length);
    for (const item of value) write(writer, item);
  }
}

/** Bulk strings as text, errors as Errors. */
function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString("latin1");
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Error ? new Error(value.message) : value;
}

test("a client's parser reads back what was written", () => {
  fc.assert(
    fc.property(fc.array(reply, { maxLength: 20 }), (replies) => {
      const received: unknown[] = [];
      const parser = new RedisParser({
        returnBuffers: true,
        returnReply: (value: unknown) => received.push(plain(value)),
        returnError: (error: Error) => received.push(plain(error)),
      });
      const writer = new ReplyWriter(new BufferPool());
      for (const value of replies) write(writer, value);
      parser.execute(writer.take());
      assert.deepEqual(received, replies);
    }),
    { numRuns: 300 },
  );
});

test("replies grow beyond any buffer of the pool", () => {
  const writer = new ReplyWriter(new BufferPool());
  const body = Buffer.alloc(1000, "x");
  for (let i = 0; i < 1000; i++) writer.bulk(body, 0, 1000);
  const expected = `$1000\r\n${"x".repeat(1000)}\r\n`.repeat(1000);
  assert.equal(writer.take().toString("latin1"), expected);
  writer.bulkText("y".repeat(100_000));
  assert.equal(writer.length, 100_011);
});

test("bytes can be written in place", () => {
  const writer = new ReplyWriter(new BufferPool());
  const header = writer.reserve(4);
  writer.ensure(5);
  writer.buffer.write("+hi\r\n", writer.length, "latin1");
  writer.length += 5;
  writer.buffer.write("*1\r\n", header, "latin1");
  assert.equal(writer.take().toString("latin1"), "*1\r\n+hi\r\n");
});

test("a reply can be taken back", () => {
  const writer = new ReplyWriter(new BufferPool());
  writer.simple("OK");
  const before = writer.length;
  writer.bulkText("never mind");
  writer.truncate(before);
  assert.equal(writer.take().toString("latin1"), "+OK\r\n");
  assert.throws(() => writer.truncate(1), /truncate does not add/);
});

test("a writer without replies holds no memory, and buffers are used again", () => {
  const pool = new BufferPool();
  const writer = new ReplyWriter(pool);
  assert.equal(writer.buffer.length, 0);
  assert.equal(writer.take().length, 0);
  writer.simple("OK");
  const taken = writer.take();
  assert.equal(writer.buffer.length, 0);
  assert.equal(pool.idleBytes, 0);
  writer.release(taken);
  assert.equal(pool.idleBytes, 16 * 1024);
  writer.simple("OK");
  assert.equal(writer.buffer.buffer, taken.buffer);
  assert.equal(pool.idleBytes, 0);
  writer.truncate(0);
  assert.equal(writer.buffer.length, 0);
  assert.equal(pool.idleBytes, 16 * 1024);
});

test("a small buffer that was outgrown goes back to the pool", () => {
  const pool = new BufferPool();
  const writer = new ReplyWriter(pool);
  writer.simple("OK");
  writer.reserve(20_000);
  assert.equal(pool.idleBytes, 16 * 1024);
  assert.equal(writer.buffer.length, 64 * 1024);
  assert.equal(writer.buffer.toString("latin1", 0, 5), "+OK\r\n");
});

test("the pool keeps a bounded number of buffers of its two sizes", () => {
  const pool = new BufferPool();
  const small = Array.from({ length: 1000 }, () => pool.take(1));
  const large = Array.from({ length: 200 }, () => pool.take(16 * 1024 + 1));
  assert.ok(small.every((buffer) => buffer.length === 16 * 1024));
  assert.ok(large.every((buffer) => buffer.length === 64 * 1024));
  for (const buffer of [...small, ...large]) pool.give(buffer.subarray(0, 10));
  assert.equal(pool.idleBytes, 8 * 1024 * 1024);
  pool.give(pool.take(100_000));
  assert.equal(pool.idleBytes, 8 * 1024 * 1024);
  assert.equal(pool.take(5).length, 16 * 1024);
});
