/**
 * Whatever happens to nodes and links: an acknowledgement is not forgotten, and is over at some time.
 *
 * Jobs have random holders whose lists may be short of some, clients acknowledge at random nodes, links
 * break, streams are dropped, nodes start again. When all are connected again, nothing is left.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../support/fast-check.ts";
import { TombstoneCluster } from "../support/tombstone-cluster.ts";

type Step =
  | { readonly act: "ack"; readonly node: number; readonly job: number }
  | { readonly act: "cut" | "join" | "break"; readonly node: number; readonly other: number }
  | { readonly act: "restart"; readonly node: number }
  | { readonly act: "run"; readonly ms: number };

const number = fc.nat(1000);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant("ack" as const), node: number, job: number }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constantFrom("cut" as const, "join" as const, "break" as const),
      node: number,
      other: number,
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("restart" as const), node: number }) },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant("run" as const), ms: fc.constantFrom(1, 3, 30, 1200) }),
  },
);
const scenario = fc.record({
  seed: fc.nat(),
  nodes: fc.integer({ min: 3, max: 5 }),
  jobs: fc.array(
    fc.record({ origin: number, copies: fc.integer({ min: 1, max: 4 }), missing: number }),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
  steps: fc.array(step, { maxLength: 30 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/**
 * Each holder knows all holders but perhaps one, which its keeper knows; so everybody can be found by
 * whoever finds the keeper, and nobody knows all of it alone.
 */
function addJob(cluster: TombstoneCluster, { origin, copies, missing }: Scenario["jobs"][number]) {
  const keeper = origin % cluster.count;
  const id = cluster.newId(copies, keeper);
  const list = cluster.predicted(id, keeper, copies);
  for (const holder of list) {
    const isShort = holder !== keeper && missing % 2 === 0;
    const hidden = isShort ? list[1 + (missing % list.length)] : undefined;
    cluster.put(
      holder,
      id,
      list.filter((other) => other === holder || other !== hidden),
    );
  }
  return { id, list, ackers: new Set<number>() };
}

function play({ seed, nodes, jobs, steps }: Scenario) {
  const cluster = new TombstoneCluster(nodes, seed);
  const added = jobs.map((job) => addJob(cluster, job));
  for (const taken of steps) {
    const node = "node" in taken ? taken.node % nodes : 0;
    if (taken.act === "run") cluster.run(taken.ms);
    else if (taken.act === "restart") {
      cluster.restart(node);
      for (const { ackers } of added) ackers.delete(node);
    } else if (taken.act === "ack") {
      const job = added[taken.job % added.length];
      if (job === undefined) continue;
      cluster.ack(node, job.id);
      // What one node knows and forgets at once nobody can remember.
      cluster.run(0);
      job.ackers.add(node);
    } else {
      const other = (node + 1 + (taken.other % (nodes - 1))) % nodes;
      if (taken.act === "cut") cluster.cut(node, other);
      else if (taken.act === "join") cluster.join(node, other);
      else cluster.breakStream(node, other);
    }
  }
  cluster.heal();
  cluster.run(5000);
  return { cluster, added };
}

test("when all are connected again, no copy and no memory of acknowledged jobs is left", () => {
  const calm = scenario.map((one) => ({
    ...one,
    steps: one.steps.filter(({ act }) => act !== "restart"),
  }));
  fc.assert(
    fc.property(calm, (one) => {
      const { cluster, added } = play(one);
      for (const { id, ackers, list } of added) {
        const left = cluster.whereabouts(id);
        if (ackers.size > 0) assert.equal(left.replaceAll(",", ""), "", left);
        else for (const holder of list) assert.equal(cluster.whatHas(holder, id), "copy");
      }
    }),
    { numRuns: 60 },
  );
});

test("nodes that start again make others forget no acknowledgement", () => {
  // Lists are complete here: what only one node knew, and has forgotten, is lost.
  const complete = scenario.map((one) => ({
    ...one,
    jobs: one.jobs.map((job) => ({ ...job, missing: 1 })),
  }));
  fc.assert(
    fc.property(complete, (one) => {
      const { cluster, added } = play(one);
      for (const { id, ackers } of added) {
        const left = cluster.whereabouts(id);
        assert.ok(!/tombstone|dummy/.test(left), left);
        if (ackers.size > 0) assert.ok(!left.includes("copy"), left);
      }
      assert.equal(cluster.nextWakeAtMs, Number.POSITIVE_INFINITY);
    }),
    { numRuns: 60 },
  );
});
