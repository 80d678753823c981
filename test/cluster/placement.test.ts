/** Placement: copies go to the next eligible nodes of the walk, other zones first. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { QUEUE_OWNERS } from "../../src/cluster/placement.ts";
import { NO_NODE } from "../../src/cluster/ring.ts";
import { Standing } from "../../src/cluster/standings.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { fc } from "../support/fast-check.ts";
import { ClusterView } from "./placement-model.ts";
import { randomJobId } from "./rings.ts";

function newHolders(cluster: ClusterView, id: Int32Array, origin: number, copies: number) {
  const out = new Int32Array(64).fill(-7);
  const count = cluster.placement.newHolders(id, origin, copies, out);
  return [...out.subarray(0, count)];
}

function moreHolders(
  cluster: ClusterView,
  id: Int32Array,
  holders: number[],
  avoided: number[],
  n: number,
) {
  const out = new Int32Array(64).fill(-7);
  const count = cluster.placement.moreHolders(id, holders, avoided, n, out);
  return [...out.subarray(0, count)];
}

test("a job's holders are its origin and the first others of the walk", () => {
  const random = new Xorshift(1);
  const cluster = new ClusterView(random, 7);
  for (let i = 0; i < 50; i++) {
    const id = randomJobId(random);
    const others = cluster.walkOf(id).filter((node) => node !== 4);
    assert.deepEqual(newHolders(cluster, id, 4, 3), [4, ...others.slice(0, 2)]);
    assert.deepEqual(newHolders(cluster, id, NO_NODE, 3), cluster.walkOf(id).slice(0, 3));
    assert.deepEqual(
      newHolders(cluster, id, NO_NODE, 20),
      cluster.walkOf(id),
      "no more than there are",
    );
  }
});

test("where everybody is to have a copy the origin comes first, and each of the others second as often", () => {
  const random = new Xorshift(6);
  const cluster = new ClusterView(random, 3);
  const seconds = [0, 0, 0];
  for (let i = 0; i < 3000; i++) {
    const [first, second = NO_NODE, ...rest] = newHolders(cluster, randomJobId(random), 1, 5);
    assert.deepEqual([first, rest.length, new Set([second, ...rest, 1]).size], [1, 1, 3]);
    seconds[second] = (seconds[second] ?? 0) + 1;
  }
  assert.ok(Math.abs((seconds[0] ?? 0) - (seconds[2] ?? 0)) < 300, `${seconds}`);
});

test("any standings and zones: the choice is the one the rules name", () => {
  const scenario = fc.record({
    seed: fc.integer(),
    count: fc.integer({ min: 1, max: 10 }),
    zones: fc.constantFrom([""], ["a"], ["", "a", "b"], ["a", "b", "c"]),
    copies: fc.integer({ min: 1, max: 6 }),
    avoidedCount: fc.nat(3),
  });
  fc.assert(
    fc.property(scenario, ({ seed, count, zones, copies, avoidedCount }) => {
      const random = new Xorshift(seed);
      const cluster = new ClusterView(random, count);
      for (let i = 0; i < 4; i++) {
        cluster.muddle(random, zones);
        const id = randomJobId(random);
        const nodes = random.shuffle(cluster.members.map(({ node }) => node));
        const origin = random.pick(nodes);
        const beside = cluster.modelMore(id, [origin], [], copies - 1);
        const holders = newHolders(cluster, id, origin, copies);
        // Where everybody is to have one, the order is another one than the walk's.
        const isAll = copies >= count && cluster.isPreferred(beside) && beside.length === count - 1;
        if (isAll) assert.deepEqual(holders.toSorted(), [origin, ...beside].toSorted());
        else assert.deepEqual(holders, [origin, ...beside]);
        const external = cluster.modelMore(id, [], [], copies);
        assert.deepEqual(newHolders(cluster, id, NO_NODE, copies), external);
        const avoided = nodes.slice(0, avoidedCount);
        const known = nodes.slice(avoidedCount, avoidedCount + 2);
        const more = cluster.modelMore(id, known, avoided, copies);
        assert.deepEqual(moreHolders(cluster, id, known, avoided, copies), more);
      }
    }),
    { numRuns: 150 },
  );
});

test("three zones, three copies: one in each, wherever the job was added", () => {
  const random = new Xorshift(2);
  const cluster = new ClusterView(random, 9);
  for (const { node } of cluster.members) cluster.set(node, { zone: `zone ${node % 3}` });
  for (let i = 0; i < 200; i++) {
    const holders = newHolders(cluster, randomJobId(random), random.below(9), 3);
    assert.deepEqual(holders.map((node) => node % 3).sort(), [0, 1, 2]);
    const four = newHolders(cluster, randomJobId(random), random.below(9), 4);
    assert.equal(new Set(four).size, 4, "the fourth shares a zone");
  }
});

test("a pressured node is used for want of others, a slow one after that, a barred one never", () => {
  const random = new Xorshift(3);
  const cluster = new ClusterView(random, 5);
  cluster.set(1, { standing: Standing.pressured });
  cluster.set(2, { standing: Standing.slow });
  cluster.set(3, { standing: Standing.barred });
  for (let i = 0; i < 50; i++) {
    assert.deepEqual(newHolders(cluster, randomJobId(random), 0, 5), [0, 4, 1, 2]);
  }
  cluster.set(0, { standing: Standing.barred });
  assert.equal(newHolders(cluster, randomJobId(random), 0, 1)[0], 0, "the origin is not asked");
});

test("memory is spent before zones are doubled, but nobody waits for a slow node", () => {
  const random = new Xorshift(4);
  const cluster = new ClusterView(random, 3);
  cluster.set(0, { zone: "a" });
  cluster.set(1, { zone: "a" });
  cluster.set(2, { zone: "b", standing: Standing.pressured });
  assert.deepEqual(newHolders(cluster, randomJobId(random), 0, 2), [0, 2]);
  cluster.set(2, { standing: Standing.slow });
  assert.deepEqual(newHolders(cluster, randomJobId(random), 0, 2), [0, 1]);
});

test("nodes that joined, moved or were forgotten since are seen by the next choice", () => {
  const random = new Xorshift(5);
  const cluster = new ClusterView(random, 4);
  const id = randomJobId(random);
  const last = cluster.walkOf(id)[3] ?? NO_NODE;
  const [first = NO_NODE] = cluster.walkOf(id);
  cluster.set(first, { zone: "a" });
  cluster.set(last, { zone: "b" });
  assert.deepEqual(newHolders(cluster, id, first, 2), [first, last]);
  cluster.set(last, { zone: "a" });
  assert.deepEqual(newHolders(cluster, id, first, 2), [first, cluster.walkOf(id)[1]]);
  cluster.standings.remove(first);
  assert.deepEqual(newHolders(cluster, id, NO_NODE, 2)[0], last, "the only zone left");
  const wide = new ClusterView(random, 40);
  assert.equal(new Set(newHolders(wide, id, 39, 40)).size, 40);
});

test("a zone's number never belongs to two zones", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = new Xorshift(seed);
      const cluster = new ClusterView(random, 5);
      for (let step = 0; step < 30; step++) {
        const node = random.below(5);
        if (random.chance(0.2)) {
          cluster.standings.remove(node);
          delete cluster.rows[node];
        } else cluster.set(node, { zone: random.pick(["", "a", "b", "c", "d"]) });
        const zones = cluster.members.map(({ node }) => cluster.rows[node]?.zone ?? "");
        const named = new Set(zones.filter((zone) => zone !== ""));
        assert.equal(cluster.standings.zoneCount, named.size);
        const pairs = zones.map((zone, at) => `${zone}:${cluster.standings.zone(at)}`);
        assert.equal(new Set(pairs).size, new Set(zones).size, `${pairs}`);
      }
    }),
  );
});

test("a queue's owners are the first two live nodes of its walk", () => {
  const random = new Xorshift(6);
  const cluster = new ClusterView(random, 6);
  const out = new Int32Array(QUEUE_OWNERS);
  for (let i = 0; i < 100; i++) {
    const queue = `queue ${i}`;
    cluster.muddle(random, [""]);
    const live = cluster.queueWalkOf(queue).filter((node) => cluster.rows[node]?.isLive);
    const count = cluster.placement.queueOwners(Buffer.from(queue), out);
    assert.deepEqual([...out.subarray(0, count)], live.slice(0, QUEUE_OWNERS));
  }
});
