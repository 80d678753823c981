/** The keyed hashes: even, and without collisions that somebody could prepare. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hashId, hashKeys, hashName } from "../../src/core/keyed-hash.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { randomId } from "./jobs.ts";

const SECRETS = 200;

function nameHash(keys: Int32Array, name: string): number {
  const bytes = Buffer.from(name, "latin1");
  return hashName(keys, bytes, 0, bytes.length);
}

/** How many of 2^bits buckets are hit by as many hashes; chance alone hits 63 %. */
function shareHit(hashes: number[], bits: number): number {
  const buckets = new Set(hashes.map((hash) => hash & ((1 << bits) - 1)));
  return buckets.size / (1 << bits);
}

test("random ids and numbered names fill a table as chance would", () => {
  const random = new Xorshift(1);
  for (const secret of [0, 1, 0xffffffff]) {
    const keys = hashKeys(secret);
    const ids = Array.from({ length: 4096 }, () => hashId(keys, randomId(random)));
    const names = Array.from({ length: 4096 }, (_, i) => nameHash(keys, `queue-${i}`));
    for (const hashes of [ids, names]) {
      const share = shareHit(hashes, 12);
      assert.ok(share > 0.6 && share < 0.66, `${share}`);
    }
  }
});

test("ids made to collide in a hash that only starts from a secret do not", () => {
  const random = new Xorshift(2);
  let collisions = 0;
  for (let i = 0; i < SECRETS; i++) {
    const keys = hashKeys(random.word());
    const id = randomId(random);
    // Flips the top bit of a word, which no multiplication hides, and undoes it in the next.
    for (let word = 0; word < 5; word++) {
      const twin = Int32Array.from(id);
      twin[word] = (twin[word] ?? 0) ^ 0x80000000;
      twin[word + 1] = (twin[word + 1] ?? 0) ^ 0x80010000;
      if (hashId(keys, twin) === hashId(keys, id)) collisions++;
    }
  }
  assert.ok(collisions <= 2, `${collisions} of ${SECRETS * 5}`);
});

test("names that collide under one secret do not under another", () => {
  const first = hashKeys(3);
  const byHash = new Map<number, string>();
  const pairs: [string, string][] = [];
  for (let i = 0; i < 200_000; i++) {
    const name = `queue-${i}`;
    const hash = nameHash(first, name);
    const twin = byHash.get(hash);
    if (twin === undefined) byHash.set(hash, name);
    else pairs.push([name, twin]);
  }
  assert.ok(pairs.length > 0 && pairs.length < 20, "a few collide by chance");
  for (const secret of [4, 5, 6]) {
    const keys = hashKeys(secret);
    for (const [a, b] of pairs) assert.notEqual(nameHash(keys, a), nameHash(keys, b));
  }
});

test("every byte and the length count", () => {
  const keys = hashKeys(7);
  const names = ["", "\0", "\0\0", "ab", "ba", "aab", "aba", "baa", "abab", "baba"];
  assert.equal(new Set(names.map((name) => nameHash(keys, name))).size, names.length);
});
