/** A dead node's jobs go on elsewhere, and in the end one node keeps each of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { JobFlag, NO_JOB } from "../../../../src/core/job.ts";
import { Fabric } from "../support/fabric.ts";
import type { Asked } from "../support/fabric-add.ts";

/** Three nodes, and a job that the first one has added with copies on both others. */
function withJob(asked: Asked = {}): { fabric: Fabric; id: string } {
  const fabric = new Fabric(3);
  const added = fabric.node(0).add({ replicate: 3, ...asked });
  fabric.run(50);
  assert.equal(added.outcome, "added");
  return { fabric, id: added.id };
}

/** Numbers of the nodes that are keepers of a job. */
function keepers(fabric: Fabric, id: string): number[] {
  return fabric.running.filter((node) => node.roleOf(id).startsWith("own")).map((n) => n.number);
}

function die(fabric: Fabric, number: number): void {
  fabric.crash(number);
  fabric.setLive(number, false);
}

test("when its keeper dies, the first holder queues a job, counted as one more delivery", () => {
  const { fabric, id } = withJob();
  const [, heir = -1, other = -1] = fabric.node(0).listOf(id);
  fabric.node(0).take();
  die(fabric, 0);
  fabric.run(100);
  assert.deepEqual(keepers(fabric, id), [heir]);
  assert.equal(fabric.node(heir).roleOf(id), "own queued");
  assert.equal(fabric.node(other).roleOf(id), "copy");
  const { jobs } = fabric.node(heir).broker;
  assert.equal(jobs.additionalDeliveries(fabric.node(heir).find(id)), 1);
  assert.deepEqual(fabric.node(heir).listOf(id), [heir, other, 0]);
  assert.deepEqual(fabric.node(other).listOf(id), [heir, other, 0]);
});

test("when the heir is dead, too, the next holder takes the job over", () => {
  const { fabric, id } = withJob();
  const [, heir = -1, other = -1] = fabric.node(0).listOf(id);
  fabric.crash(heir);
  fabric.setLive(heir, false);
  die(fabric, 0);
  fabric.run(100);
  assert.equal(fabric.node(other).roleOf(id), "own queued");
});

test("when the heir does nothing, the next holder takes the job over after a while", () => {
  const { fabric, id } = withJob();
  const [, heir = -1, other = -1] = fabric.node(0).listOf(id);
  fabric.crash(0);
  fabric.node(other).setLive(0, false);
  fabric.run(400);
  assert.equal(fabric.node(other).roleOf(id), "copy");
  fabric.run(300);
  assert.equal(fabric.node(other).roleOf(id), "own queued");
  assert.deepEqual(keepers(fabric, id), [other]);
  assert.equal(fabric.node(heir).listOf(id)[0], other);
});

test("a delayed job is due at its time at its new keeper, and not counted", () => {
  const { fabric, id } = withJob({ delay: 100 });
  const heir = fabric.node(0).listOf(id)[1] as number;
  die(fabric, 0);
  fabric.run(90_000);
  assert.equal(fabric.node(heir).roleOf(id), "own active");
  fabric.run(11_000);
  assert.equal(fabric.node(heir).roleOf(id), "own queued");
  const { jobs } = fabric.node(heir).broker;
  assert.equal(jobs.additionalDeliveries(fabric.node(heir).find(id)), 0);
});

test("a keeper that says nothing is replaced after RETRY, though nobody calls it dead", () => {
  const { fabric, id } = withJob({ retry: 5 });
  const heir = fabric.node(0).listOf(id)[1] as number;
  fabric.cut(0, 1);
  fabric.cut(0, 2);
  fabric.run(5000);
  assert.deepEqual(keepers(fabric, id), [0]);
  fabric.run(1500);
  assert.deepEqual(keepers(fabric, id), [0, heir]);
});

test("after a cut in which both sides had a keeper, the newer one stays and keeps the list", () => {
  const { fabric, id } = withJob();
  const [, heir = -1, other = -1] = fabric.node(0).listOf(id);
  fabric.split([0], [1, 2]);
  fabric.node(1).setLive(0, false);
  fabric.node(2).setLive(0, false);
  fabric.run(100);
  assert.deepEqual(keepers(fabric, id), [0, heir]);
  fabric.heal();
  fabric.run(100);
  assert.deepEqual(keepers(fabric, id), [heir]);
  for (const { number } of fabric.nodes) {
    assert.deepEqual(fabric.node(number).listOf(id), [heir, other, 0]);
  }
});

test("of two nodes that took a job over at once, the one with the smaller id stays", () => {
  const { fabric, id } = withJob();
  fabric.split([1], [2]);
  fabric.cut(0, 1);
  fabric.cut(0, 2);
  fabric.crash(0);
  for (const number of [1, 2]) {
    fabric.node(number).setLive(0, false);
    fabric.node(number).setLive(3 - number, false);
  }
  fabric.run(100);
  assert.deepEqual(keepers(fabric, id), [1, 2]);
  fabric.heal();
  fabric.run(100);
  assert.deepEqual(keepers(fabric, id), [1]);
  assert.deepEqual([...fabric.node(2).listOf(id)].sort(), [0, 1, 2]);
});

test("a lease of the losing keeper holds at the winner", () => {
  const { fabric, id } = withJob({ retry: 30 });
  const heir = fabric.node(0).listOf(id)[1] as number;
  fabric.run(9950);
  fabric.node(0).take();
  fabric.split([0], [1, 2]);
  fabric.node(1).setLive(0, false);
  fabric.node(2).setLive(0, false);
  fabric.run(10_000);
  assert.equal(fabric.node(heir).roleOf(id), "own queued");
  fabric.heal();
  fabric.run(19_900);
  assert.equal(fabric.node(heir).roleOf(id), "own active");
  fabric.run(200);
  assert.equal(fabric.node(heir).roleOf(id), "own queued");
});

test("a keeper that has started again and knows nothing is no keeper any more", () => {
  const { fabric, id } = withJob();
  const heir = fabric.node(0).listOf(id)[1] as number;
  fabric.restart(0);
  fabric.run(100);
  assert.equal(fabric.node(heir).roleOf(id), "own queued");
});

test("a keeper that is no member any more is replaced", () => {
  const { fabric, id } = withJob();
  const heir = fabric.node(0).listOf(id)[1] as number;
  fabric.forget(0);
  fabric.run(100);
  assert.equal(fabric.node(heir).roleOf(id), "own queued");
  assert.equal(fabric.node(heir).listOf(id).includes(0), false);
});

test("DELJOB at one holder deletes one copy: a repair replaces it, on the same node if need be", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  fabric.node(1).jobs.delete(fabric.node(1).find(id));
  fabric.node(1).turn();
  assert.equal(fabric.node(1).roleOf(id), "");
  fabric.run(100);
  assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy");
});

test("DELJOB at the keeper leaves the job to the next holder", () => {
  const { fabric, id } = withJob();
  const heir = fabric.node(0).listOf(id)[1] as number;
  fabric.node(0).jobs.delete(fabric.node(0).find(id));
  fabric.node(0).turn();
  assert.equal(fabric.node(0).find(id), NO_JOB);
  fabric.run(100);
  assert.equal(fabric.node(heir).roleOf(id), "own queued");
});

test("FLUSHALL of a node leaves its jobs to the others", () => {
  const { fabric, id } = withJob();
  const heir = fabric.node(0).listOf(id)[1] as number;
  fabric.node(0).jobs.flush();
  fabric.node(0).turn();
  fabric.run(100);
  assert.equal(fabric.node(heir).roleOf(id), "own queued");
});

test("counters follow a job to its copies", () => {
  const { fabric, id } = withJob();
  const node = fabric.node(0);
  node.take();
  node.jobs.requeue(node.find(id), "nack");
  node.turn();
  fabric.run(20);
  for (const holder of [1, 2]) {
    const { jobs } = fabric.node(holder).broker;
    const copy = fabric.node(holder).find(id);
    assert.equal(jobs.nacks(copy), 1);
    assert.ok(jobs.hasFlag(copy, JobFlag.wasQueued));
  }
});

test("NACK, ENQUEUE and WORKING at a copy are done at the keeper", () => {
  const { fabric, id } = withJob({ retry: 30 });
  const [keeper, holder] = [fabric.node(0), fabric.node(1)];
  keeper.take();
  fabric.run(20_000);
  holder.jobs.postpone(holder.find(id));
  holder.turn();
  fabric.run(15_000);
  assert.equal(keeper.roleOf(id), "own active");
  assert.equal(holder.jobs.requeue(holder.find(id), "nack"), true);
  holder.turn();
  fabric.run(20);
  assert.equal(keeper.roleOf(id), "own queued");
  assert.equal(keeper.broker.jobs.nacks(keeper.find(id)), 1);
});

test("whoever hears of a takeover of a job that is acknowledged says so", () => {
  const { fabric, id } = withJob();
  const heir = fabric.node(0).listOf(id)[1] as number;
  fabric.split([0], [1, 2]);
  fabric.node(0).ack(id);
  fabric.node(1).setLive(0, false);
  fabric.node(2).setLive(0, false);
  fabric.run(100);
  assert.equal(fabric.node(heir).roleOf(id), "own queued");
  fabric.heal();
  fabric.run(3000);
  assert.equal(fabric.whereabouts(id), "");
});

test("nonsense about keepers changes nothing", () => {
  const { fabric, id } = withJob();
  const before = fabric.whereabouts(id);
  const node = fabric.node(1);
  const from = node.indexOf(2);
  const nonsense = Buffer.from("not a list of anything");
  node.jobs.received(from, { type: "taken", lists: nonsense });
  node.jobs.received(from, { type: "holders", lists: nonsense });
  node.jobs.received(from, { type: "leased", leases: nonsense });
  node.jobs.received(from, { type: "gone", ids: nonsense });
  node.jobs.received(from, { type: "counters", counts: nonsense });
  node.jobs.received(from, { type: "verbs", verb: "nack", ids: nonsense });
  const keep = {
    batch: 1,
    jobs: nonsense,
    strangers: undefined,
    over: undefined,
    unsure: undefined,
  };
  node.jobs.received(from, { type: "keep", ...keep });
  node.jobs.received(from, {
    type: "kept",
    batch: 7,
    refusals: [{ position: 3, reason: "acked" }],
  });
  node.turn();
  fabric.run(100);
  assert.equal(fabric.whereabouts(id), before);
});

test("what clients ask of a copy reaches its keeper in the order in which they asked", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(0).add({ replicate: 2, retry: 30 });
  fabric.run(50);
  fabric.node(0).take();
  const copy = fabric.node(1);
  const job = copy.find(id);
  copy.jobs.requeue(job, "nack");
  copy.jobs.postpone(job);
  copy.turn();
  fabric.run(50);
  // The worker who gave it back has changed its mind: nobody else gets it now.
  assert.equal(fabric.node(0).roleOf(id), "own active");
  assert.equal(fabric.node(0).broker.jobs.nacks(fabric.node(0).find(id)), 1);
});
