/** The ring: agrees with its definition, is fair, and moves little when a member comes or goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_NODE, Ring, type RingMember } from "../../src/cluster/ring.ts";
import { type Hash64, RingHash, type Xxh64 } from "../../src/cluster/ring-hash.ts";
import { TokenCache } from "../../src/cluster/ring-tokens.ts";
import { Walk } from "../../src/cluster/ring-walk.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { fc } from "../support/fast-check.ts";
import { modelRing, modelWalk, randomJobId, randomMembers, realHash, realTokens } from "./rings.ts";

const reusedWalk = new Walk();

function walkOf(ring: Ring, key: Hash64, length = ring.count): number[] {
  reusedWalk.start(ring, key);
  return Array.from({ length }, (_, rank) => reusedWalk.at(rank));
}

function keyOf(value: bigint): Hash64 {
  return { hi: Number(value >> 32n), lo: Number(value & 0xffff_ffffn) };
}

/** Keys where mistakes are likely: the ends, random ones, tokens and their neighbours. */
function telltaleKeys(random: Xorshift, tokens: readonly bigint[]): bigint[] {
  const last = 2n ** 64n - 1n;
  const keys = [0n, last, tokens[0] ?? 0n, tokens.at(-1) ?? 0n];
  for (let i = 0; i < 10; i++) {
    keys.push((BigInt(random.word()) << 32n) | BigInt(random.word()), random.pick(tokens));
  }
  return keys.flatMap((key) => [key - 1n, key, key + 1n]).filter((key) => key >= 0n && key <= last);
}

function checkAgainstModel(members: RingMember[], random: Xorshift, hash?: Xxh64): void {
  const tokens = hash === undefined ? realTokens : new TokenCache(new RingHash(hash));
  const ring = new Ring(members, tokens);
  const model = modelRing(members, hash);
  const keys = telltaleKeys(
    random,
    model.map(({ token }) => token),
  );
  for (const key of keys) {
    assert.deepEqual(walkOf(ring, keyOf(key)), modelWalk(model, key), `key ${key}`);
  }
}

test("a walk meets the members in the order of their first tokens after the key", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 6 }), (seed, count) => {
      const random = new Xorshift(seed);
      checkAgainstModel(randomMembers(random, count), random);
    }),
    { numRuns: 25 },
  );
});

test("where tokens are equal, the smaller node id comes first", () => {
  const random = new Xorshift(5);
  const crowded: Xxh64 = (bytes) => (BigInt((bytes[0] ?? 0) ^ (bytes.at(-1) ?? 0)) % 5n) << 61n;
  checkAgainstModel(randomMembers(random, 4), random, crowded);
  const clumped: Xxh64 = (bytes) => 77n + BigInt((bytes.at(-1) ?? 0) % 3);
  checkAgainstModel(randomMembers(random, 3), random, clumped);
});

test("a ring of nobody has no nodes, and a ring of one always the same", () => {
  const empty = new Ring([], realTokens);
  assert.deepEqual(walkOf(empty, keyOf(2n ** 63n), 1), [NO_NODE]);
  assert.equal(empty.shares().size, 0);
  const alone = new Ring(randomMembers(new Xorshift(1), 1), realTokens);
  assert.deepEqual(walkOf(alone, keyOf(2n ** 63n), 2), [0, NO_NODE]);
  assert.ok(Math.abs((alone.shares().get(0) ?? 0) - 1) < 1e-9);
});

test("equal sets give equal walks, whatever the order in which members came", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 2, max: 9 }), (seed, count) => {
      const random = new Xorshift(seed);
      const members = randomMembers(random, count);
      const one = new Ring(members, realTokens);
      const other = new Ring(random.shuffle([...members]), realTokens);
      for (let i = 0; i < 20; i++) {
        const key = { ...realHash.ofJob(randomJobId(random)) };
        assert.deepEqual(walkOf(one, key), walkOf(other, key));
      }
    }),
    { numRuns: 30 },
  );
});

test("sets that differ by d nodes shift a walk by d places at most", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.constantFrom("both", "both", "both", "one", "other"), {
        minLength: 1,
        maxLength: 12,
      }),
      (seed, sides) => {
        const random = new Xorshift(seed);
        const members = randomMembers(random, sides.length);
        const one = new Ring(
          members.filter((_, node) => sides[node] !== "other"),
          realTokens,
        );
        const other = new Ring(
          members.filter((_, node) => sides[node] !== "one"),
          realTokens,
        );
        const differing = sides.filter((side) => side !== "both").length;
        for (let i = 0; i < 10; i++) {
          const key = { ...realHash.ofJob(randomJobId(random)) };
          const walk = walkOf(one, key);
          const otherWalk = walkOf(other, key);
          for (let k = 1; k <= walk.length; k++) {
            const known = walk.slice(0, k).filter((node) => sides[node] === "both");
            const found = new Set(otherWalk.slice(0, k + differing));
            assert.ok(
              known.every((node) => found.has(node)),
              `first ${k} of ${walk} and ${otherWalk}`,
            );
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("every node's share is within 20 % of the mean, for 3 to 50 nodes", () => {
  for (const seed of [1, 2, 3]) {
    const members = randomMembers(new Xorshift(seed), 50);
    for (let count = 3; count <= 50; count++) {
      const shares = new Ring(members.slice(0, count), realTokens).shares();
      let sum = 0;
      for (const [node, share] of shares) {
        sum += share;
        assert.ok(Math.abs(share * count - 1) < 0.2, `${node} of ${count} has ${share}`);
      }
      assert.ok(Math.abs(sum - 1) < 1e-9);
    }
  }
});

test("shares tell how often a node comes first", () => {
  const random = new Xorshift(9);
  const ring = new Ring(randomMembers(random, 5), realTokens);
  const keys = 20_000;
  const firsts = new Map<number, number>();
  for (let i = 0; i < keys; i++) {
    const [first = NO_NODE] = walkOf(ring, realHash.ofJob(randomJobId(random)), 1);
    firsts.set(first, (firsts.get(first) ?? 0) + 1);
  }
  for (const [node, share] of ring.shares()) {
    assert.ok(Math.abs((firsts.get(node) ?? 0) / keys - share) < 0.015, `node ${node}`);
  }
});

test("a new node changes one of three predicted holders for 3/(N+1) of the jobs, and never two", () => {
  const random = new Xorshift(3);
  for (const count of [3, 7, 20]) {
    const members = randomMembers(random, count + 1);
    const before = new Ring(members.slice(0, count), realTokens);
    const after = new Ring(members, realTokens);
    const jobs = 8000;
    let changed = 0;
    for (let i = 0; i < jobs; i++) {
      const key = { ...realHash.ofJob(randomJobId(random)) };
      const old = walkOf(before, key, 3);
      const replaced = walkOf(after, key, 3).filter((node) => !old.includes(node));
      assert.ok(replaced.every((node) => node === count));
      changed += replaced.length;
    }
    const expected = 3 / (count + 1);
    assert.ok(Math.abs(changed / jobs - expected) < 0.2 * expected, `${changed} of ${jobs}`);
  }
});

test("a walk that is begun anew forgets the one before, also on a smaller or larger ring", () => {
  const random = new Xorshift(11);
  const rings = [2, 30, 7, 50].map((count) => new Ring(randomMembers(random, count), realTokens));
  for (let i = 0; i < 200; i++) {
    const ring = random.pick(rings);
    const length = 1 + random.below(ring.count);
    const key = { ...realHash.ofJob(randomJobId(random)) };
    const fresh = new Walk();
    fresh.start(ring, key);
    const expected = Array.from({ length }, (_, rank) => fresh.at(rank));
    assert.deepEqual(walkOf(ring, key, length), expected);
    assert.equal(new Set(expected).size, length);
  }
});
