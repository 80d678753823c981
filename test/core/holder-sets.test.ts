/** Holder sets against plain arrays, one for each of many jobs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HolderSets, LOAN, NO_HOLDERS, NODE_INDEX_LIMIT } from "../../src/core/holder-sets.ts";
import { fc } from "../support/fast-check.ts";

test("jobs with the same holders share one set, which goes with the last of them", () => {
  const sets = new HolderSets();
  const first = sets.acquire([3, 1]);
  const second = sets.acquire([3, 1]);
  assert.equal(first, second);
  assert.equal(sets.count, 1);
  sets.release(first);
  assert.deepEqual(sets.nodes(second), [3, 1]);
  sets.release(second);
  assert.equal(sets.count, 0);
  assert.equal(sets.usedBytes, 0);
});

test("the order of holders is kept, because their rank counts", () => {
  const sets = new HolderSets();
  assert.notEqual(sets.acquire([1, 2]), sets.acquire([2, 1]));
  assert.deepEqual(sets.nodes(sets.with(sets.acquire([5, 2]), 4)), [5, 2, 4]);
});

test("a set has its nodes and no others, the empty one has none", () => {
  const sets = new HolderSets();
  const set = sets.acquire([3, 0]);
  assert.deepEqual(
    [0, 1, 2, 3].filter((node) => sets.has(set, node)),
    [0, 3],
  );
  assert.ok(!sets.has(NO_HOLDERS, 0));
});

test("clearing forgets every set but the empty one", () => {
  const sets = new HolderSets();
  const old = sets.acquire([1, 2]);
  sets.release(sets.acquire([3]));
  sets.clear();
  assert.equal(sets.usedBytes, 0);
  assert.throws(() => sets.nodes(old), /in use/);
  assert.deepEqual(sets.nodes(NO_HOLDERS), []);
  assert.equal(sets.acquire([]), NO_HOLDERS);
  const again = [sets.acquire([4]), sets.acquire([5])];
  assert.deepEqual(
    again.map((set) => sets.nodes(set)),
    [[4], [5]],
  );
  assert.equal(sets.count, 2);
});

test("without its last node a set is the empty one", () => {
  const sets = new HolderSets();
  assert.equal(sets.without(sets.acquire([7]), 7), NO_HOLDERS);
  assert.equal(sets.count, 0);
});

test("what is no set of nodes is a bug", () => {
  const sets = new HolderSets();
  assert.throws(() => sets.acquire([1, 1]), /one copy/);
  assert.throws(() => sets.acquire([NODE_INDEX_LIMIT + LOAN]), /node indexes/);
  assert.throws(() => sets.nodes(12), /in use/);
});

test("any history of jobs that gain and lose holders agrees with plain arrays", () => {
  const step = fc.record({
    action: fc.constantFrom("new", "with", "without", "copy", "drop"),
    which: fc.nat(30),
    node: fc.nat(5),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const sets = new HolderSets();
      const jobs: { set: number; nodes: number[] }[] = [];
      for (const { action, which, node } of steps) {
        const job = jobs[which % Math.max(1, jobs.length)];
        if (action === "new" || job === undefined) {
          jobs.push({ set: sets.acquire([node]), nodes: [node] });
        } else if (action === "with") {
          job.set = sets.with(job.set, node);
          if (!job.nodes.includes(node)) job.nodes.push(node);
        } else if (action === "without") {
          job.set = sets.without(job.set, node);
          job.nodes = job.nodes.filter((other) => other !== node);
        } else if (action === "copy") {
          sets.retain(job.set);
          jobs.push({ set: job.set, nodes: [...job.nodes] });
        } else {
          sets.release(job.set);
          jobs.splice(jobs.indexOf(job), 1);
        }
        for (const { set, nodes } of jobs) assert.deepEqual(sets.nodes(set), nodes);
        const distinct = new Set(jobs.map(({ nodes }) => nodes.join()).filter(Boolean));
        assert.equal(sets.count, distinct.size);
      }
    }),
  );
});

test("a node that has forgotten all is out of every set at once, lent or held", () => {
  const sets = new HolderSets();
  const [held, lent, other] = [
    sets.acquire([0, 3, 4]),
    sets.acquire([0, 3 + LOAN]),
    sets.acquire([0, 5]),
  ];
  sets.void(3);
  assert.deepEqual(
    [held, lent, other].map((set) => sets.nodes(set)),
    [[0, 4], [0], [0, 5]],
  );
  for (const set of [held, lent, other]) sets.release(set);
  assert.equal(sets.count, 0);
});

test("what was lent to a node that has forgotten what it held may stay lent", () => {
  const sets = new HolderSets();
  const [held, lent] = [sets.acquire([0, 3]), sets.acquire([0, 4, 3 + LOAN])];
  sets.void(3, false);
  assert.deepEqual(sets.nodes(held), [0]);
  assert.deepEqual(sets.nodes(lent), [0, 4, 3 + LOAN]);
});

test("sets that have become equal are let go of one by one", () => {
  const sets = new HolderSets();
  const [one, two] = [sets.acquire([0, 3, 4]), sets.acquire([0, 4])];
  sets.void(3);
  sets.release(one);
  assert.deepEqual(sets.nodes(two), [0, 4]);
  assert.equal(sets.acquire([0, 4]), two);
});

test("many sets are found again, also after a node was taken out of half of them", () => {
  const sets = new HolderSets();
  const pairs = Array.from({ length: 300 }, (_, i) => [0, i + 2]);
  const numbers = pairs.map((nodes) => sets.acquire(nodes));
  const withOne = pairs.map((nodes) => sets.acquire([...nodes, 1]));
  assert.deepEqual(
    pairs.map((nodes) => sets.acquire(nodes)),
    numbers,
  );
  assert.equal(sets.count, 600);
  sets.void(1);
  for (const [i, nodes] of pairs.entries()) {
    assert.deepEqual(sets.nodes(withOne[i] as number), nodes);
    for (const set of [numbers[i], numbers[i], withOne[i]]) sets.release(set as number);
  }
  assert.equal(sets.count, 0);
  assert.deepEqual(sets.nodes(sets.acquire([0, 2])), [0, 2]);
});
