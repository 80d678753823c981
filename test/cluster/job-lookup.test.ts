/** Looking for a job: few nodes are asked, and those that have it are among them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LOOKUP_TARGETS_MAX } from "../../src/cluster/job-lookup.ts";
import { NO_NODE } from "../../src/cluster/ring.ts";
import { Standing } from "../../src/cluster/standings.ts";
import { JOB_ID_WORDS, makeJobId } from "../../src/core/job-id.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { fc } from "../support/fast-check.ts";
import { ClusterView } from "./placement-model.ts";

/** An id as `origin` makes it under the present view, or under one with another hint. */
function idFrom(
  cluster: ClusterView,
  origin: number,
  copies: number,
  random: Xorshift,
  hint = cluster.views.current.hint,
): Int32Array {
  const id = new Int32Array(JOB_ID_WORDS);
  const prefix = cluster.members[origin]?.id.slice(0, 8) ?? "";
  const maker = { nodePrefix: Number.parseInt(prefix, 16), viewHint: hint };
  const host = { nowMs: 0, wallMs: 0, randomWord: () => random.word() };
  makeJobId(maker, { ttlSeconds: 86_400, retrySeconds: 300, replicate: copies }, host, id);
  return id;
}

function targets(cluster: ClusterView, id: Int32Array, self: number): number[] {
  const out = new Int32Array(LOOKUP_TARGETS_MAX);
  return [...out.subarray(0, cluster.lookup.targets(id, self, out))];
}

function holders(cluster: ClusterView, id: Int32Array, origin: number, copies: number): number[] {
  const out = new Int32Array(16);
  return [...out.subarray(0, cluster.placement.newHolders(id, origin, copies, out))];
}

test("every holder is asked, and one node more", () => {
  const scenario = fc.record({
    seed: fc.integer(),
    count: fc.integer({ min: 1, max: 10 }),
    copies: fc.integer({ min: 1, max: 8 }),
    zones: fc.constantFrom([""], ["a", "b"], ["", "a", "b", "c"]),
  });
  fc.assert(
    fc.property(scenario, ({ seed, count, copies, zones }) => {
      const random = new Xorshift(seed);
      const cluster = new ClusterView(random, count);
      for (const { node } of cluster.members) cluster.set(node, { zone: random.pick(zones) });
      const origin = random.below(count);
      const id = idFrom(cluster, origin, copies, random);
      const asked = targets(cluster, id, NO_NODE);
      assert.equal(asked[0], origin);
      assert.equal(asked.length, Math.min(count, Math.max(copies, 3) + 1));
      const missed = holders(cluster, id, origin, copies).filter((node) => !asked.includes(node));
      assert.deepEqual(missed, []);
    }),
    { numRuns: 150 },
  );
});

test("copies placed on others than the origin are found too", () => {
  const random = new Xorshift(2);
  const cluster = new ClusterView(random, 9);
  for (let i = 0; i < 50; i++) {
    const id = idFrom(cluster, 2, 3, random);
    cluster.set(2, { standing: Standing.pressured });
    const external = holders(cluster, id, NO_NODE, 3);
    const asked = targets(cluster, id, NO_NODE);
    assert.deepEqual(asked, [2, ...external]);
  }
});

test("a node that came or went since the job was made hides no holder", () => {
  const random = new Xorshift(3);
  for (let i = 0; i < 100; i++) {
    const cluster = new ClusterView(random, 8);
    const [joining = NO_NODE, leaving = NO_NODE] = random.shuffle([0, 1, 2, 3, 4, 5, 6, 7]);
    const before = cluster.members.filter(({ node }) => node !== joining);
    cluster.views.change(before);
    const origin = random.pick(before).node;
    const id = idFrom(cluster, origin, 3, random, cluster.views.current.hint ^ 0xfff);
    const had = holders(cluster, id, origin, 3);
    cluster.views.change(cluster.members);
    assert.ok(
      had.every((node) => targets(cluster, id, NO_NODE).includes(node)),
      "one came",
    );
    cluster.views.change(before.filter(({ node }) => node !== leaving));
    const kept = had.filter((node) => node !== leaving);
    assert.ok(
      kept.every((node) => targets(cluster, id, NO_NODE).includes(node)),
      "one went",
    );
  }
});

test("after many changes the view named by the id is asked as well", () => {
  const random = new Xorshift(4);
  const cluster = new ClusterView(random, 16);
  cluster.views.change(cluster.members.slice(0, 5));
  const { hint } = cluster.views.current;
  const made = (hint: number) => {
    const id = idFrom(cluster, 1, 3, random, hint);
    return { id, had: holders(cluster, id, 1, 3) };
  };
  const hinted = Array.from({ length: 50 }, () => made(hint));
  const unhinted = Array.from({ length: 50 }, () => made(hint ^ 1));
  cluster.views.change(cluster.members);
  const isFound = ({ id, had }: ReturnType<typeof made>): boolean =>
    had.every((node) => targets(cluster, id, NO_NODE).includes(node));
  assert.ok(hinted.every(isFound));
  assert.ok(!unhinted.every(isFound), "without the hint some are missed");
});

test("nobody asks itself, and nobody is asked twice or after being forgotten", () => {
  const random = new Xorshift(5);
  const cluster = new ClusterView(random, 12);
  for (let i = 0; i < 50; i++) {
    cluster.views.change(cluster.members.slice(i % 4));
    const id = idFrom(cluster, random.pick([5, 7]), 8, random);
    cluster.views.change(cluster.members);
    cluster.standings.remove(7);
    for (const self of [5, 6]) {
      const asked = targets(cluster, id, self);
      assert.equal(new Set(asked).size, asked.length);
      assert.ok(!asked.includes(self) && !asked.includes(7));
    }
    cluster.set(7, {});
  }
});

test("all nodes whose ids start alike are asked, as far as that is reasonable", () => {
  const random = new Xorshift(6);
  const cluster = new ClusterView(random, 12);
  const id = idFrom(cluster, 0, 3, random);
  const prefix = cluster.members[0]?.id.slice(0, 8) ?? "";
  cluster.set(9, { id: prefix + "0".repeat(32) });
  assert.deepEqual(targets(cluster, id, NO_NODE).slice(0, 2), [0, 9]);
  for (const { node } of cluster.members) cluster.set(node, { id: prefix + "0".repeat(32) });
  assert.ok(targets(cluster, id, NO_NODE).length <= 8);
});
