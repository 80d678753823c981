/**
 * Clients that send nonsense: whatever the bytes, the server lives on and nobody else notices.
 *
 * Everything is derived from the seed in the title.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Xorshift } from "../../src/util/xorshift.ts";
import { startNode } from "../support/node.ts";
import { encode, RawClient } from "./raw-client.ts";

const GARBAGE_BYTES = 1024 * 1024;
const VILLAINS = 6;

const WORDS = [
  ...[
    "*3\r\n",
    "$5\r\n",
    "*-1\r\n",
    "$-1\r\n",
    "$536870912\r\n",
    "*1048576\r\n",
    "\r\n",
    "\n",
    "\0",
  ],
  ...[
    "PING\r\n",
    "GETJOB NOHANG FROM a\r\n",
    "ADDJOB a b 0 DELAY 100\r\n",
    '"',
    "'",
    "\\x",
    "*",
    "$",
  ],
];

/** Bytes of one kind: random ones, words of the protocol, or requests with mistakes in them. */
function garbage(random: Xorshift): Buffer {
  const kind = random.below(3);
  const bytes = Buffer.alloc(GARBAGE_BYTES);
  if (kind === 0) {
    for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
    return bytes;
  }
  let at = 0;
  while (at < bytes.length) {
    const piece =
      kind === 1
        ? Buffer.from(WORDS[random.below(WORDS.length)] ?? "", "latin1")
        : encode(["ADDJOB", "garbage", "x".repeat(random.below(300)), "0", "TTL", "1"]);
    if (kind === 2 && random.below(50) === 0) piece[random.below(piece.length)] = random.below(256);
    at += piece.copy(bytes, at);
  }
  return bytes;
}

for (const seed of [1, 2, 3]) {
  test(`garbage of ${VILLAINS} clients does not hurt another one (seed ${seed})`, async (t) => {
    const node = await startNode(t);
    const random = new Xorshift(seed);
    const bystander = await RawClient.connect(t, { port: node.port });
    for (let i = 0; i < VILLAINS; i++) {
      const villain = await RawClient.connect(t, { port: node.port });
      const bytes = garbage(random);
      for (let at = 0; at < bytes.length && !villain.hasEnded; ) {
        const size = 1 + random.below(200_000);
        villain.raw(bytes.subarray(at, at + size));
        at += size;
        assert.equal(await bystander.call("PING", `${i} ${at}`), `${i} ${at}`);
      }
      if (random.below(2) === 0) villain.reset();
    }
    assert.match(String(await bystander.call("ADDJOB", "fine", "body", "0")), /^D-/);
    assert.equal(await bystander.call("QLEN", "fine"), 1);
    assert.doesNotMatch(node.log(), /fatal|unexpected/);
    assert.equal(await node.stop(), 0);
  });
}
