/** Replies come out of any stream of bytes as they went in, however it is cut into chunks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ErrorReply, type Reply, Status } from "../../src/client/reply.ts";
import { ReplyReader } from "../../src/client/reply-reader.ts";
import { fc } from "../support/fast-check.ts";

/** What a server sends for a reply. */
function wire(reply: Reply): Buffer {
  if (reply === null) return Buffer.from("$-1\r\n");
  if (typeof reply === "string") return Buffer.from(`:${reply}\r\n`);
  if (reply instanceof ErrorReply) return Buffer.from(`-${reply.message}\r\n`);
  if (reply instanceof Status)
    return Buffer.concat([Buffer.from("+"), reply.bytes, Buffer.from("\r\n")]);
  if (Buffer.isBuffer(reply)) {
    return Buffer.concat([Buffer.from(`$${reply.length}\r\n`), reply, Buffer.from("\r\n")]);
  }
  return Buffer.concat([Buffer.from(`*${reply.length}\r\n`), ...reply.map(wire)]);
}

function read(bytes: Buffer, cuts: readonly number[]): { replies: Reply[]; nonsense: string[] } {
  const replies: Reply[] = [];
  const nonsense: string[] = [];
  const reader = new ReplyReader({
    onReply: (reply) => replies.push(reply),
    onNonsense: (reason) => nonsense.push(reason),
  });
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    if (end > from) reader.feed(Buffer.from(bytes.subarray(from, end)));
    from = Math.max(from, end);
  }
  return { replies, nonsense };
}

const line = fc.stringMatching(/^[ -~]{0,20}$/);
const arbitraryReply = fc.letrec<{ reply: Reply; leaf: Reply }>((tie) => ({
  leaf: fc.oneof(
    fc.constant(null),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    line.map((text) => new Status(Buffer.from(text))),
    line.map((text) => new ErrorReply(`ERR ${text}`)),
  ),
  reply: fc.oneof({ depthSize: "small" }, tie("leaf"), fc.array(tie("reply"), { maxLength: 4 })),
})).reply;

test("every reply survives, with the kind of each string, in any chunks", () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryReply, { maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (sent, cuts) => {
        const { replies, nonsense } = read(Buffer.concat(sent.map(wire)), cuts);
        assert.deepEqual(replies, sent);
        assert.deepEqual(nonsense, []);
      },
    ),
  );
});

test("an integer keeps digits that no number can hold", () => {
  assert.deepEqual(read(Buffer.from(":9007199254740993\r\n"), []).replies, ["9007199254740993"]);
});

for (const bytes of [
  "HTTP/1.1 400 Bad Request\r\n",
  "\x15\x03\x01",
  "*1\r\n".repeat(100_000),
  "*9999999999\r\n",
]) {
  test(`${JSON.stringify(bytes.slice(0, 12))} is told as nonsense, once`, () => {
    const { replies, nonsense } = read(Buffer.from(`+OK\r\n${bytes}${bytes}+OK\r\n`), [5]);
    assert.deepEqual(replies, [new Status(Buffer.from("OK"))]);
    assert.deepEqual(nonsense, ["what it sends is not the Redis protocol"]);
  });
}
