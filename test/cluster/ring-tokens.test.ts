/** Tokens of nodes are hashed once, and not kept for ever. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ring } from "../../src/cluster/ring.ts";
import { RingHash } from "../../src/cluster/ring-hash.ts";
import { TOKEN_CACHE_MAX, TOKENS_PER_NODE, TokenCache } from "../../src/cluster/ring-tokens.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { randomMembers, xxh64 } from "./rings.ts";

test("a node that joins fifty others costs the hashes of its own tokens", () => {
  let hashes = 0;
  const counting = new RingHash((bytes) => {
    hashes++;
    return xxh64(bytes);
  });
  const tokens = new TokenCache(counting);
  const members = randomMembers(new Xorshift(1), 51);
  assert.equal(new Ring(members.slice(1), tokens).count, 50);
  assert.equal(hashes, 50 * TOKENS_PER_NODE);
  assert.equal(new Ring(members, tokens).count, 51);
  assert.equal(hashes, 51 * TOKENS_PER_NODE);
});

test("the tokens that were not asked for longest are forgotten", () => {
  const tokens = new TokenCache(new RingHash(() => 0n));
  const kept = tokens.of("kept");
  const lost = tokens.of("lost");
  for (let node = 2; node < TOKEN_CACHE_MAX; node++) tokens.of(`node ${node}`);
  assert.equal(tokens.of("kept"), kept);
  tokens.of("one more");
  assert.equal(tokens.of("kept"), kept);
  assert.notEqual(tokens.of("lost"), lost);
});
