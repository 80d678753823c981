/** Copies are as many as they should be, again and again, and nothing is looked at without need. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";
import type { Asked } from "../support/fabric-add.ts";
import type { FabricOptions } from "../support/fabric-options.ts";

/** Nodes, and a job with two copies that the first one has added. */
function withJob(nodes: number, asked: Asked = {}, options: FabricOptions = {}) {
  const fabric = new Fabric(nodes, options);
  const added = fabric.node(0).add({ replicate: 2, ...asked });
  fabric.run(50);
  assert.equal(added.outcome, "added");
  return { fabric, id: added.id, holder: fabric.node(0).listOf(added.id)[1] as number };
}

/** Numbers of the nodes that have a copy. */
function holders(fabric: Fabric, id: string): number[] {
  return fabric.running.filter((node) => node.roleOf(id) !== "").map(({ number }) => number);
}

function die(fabric: Fabric, number: number): void {
  fabric.crash(number);
  fabric.setLive(number, false);
}

/** 1500 jobs with copies on three nodes; one has just started again. Five are the last node's. */
function withManyJobs(nodes: number) {
  const fabric = new Fabric(nodes);
  for (let i = 0; i < 1500; i++) fabric.node(0).add({ replicate: 3 });
  const last = fabric.node(nodes - 1);
  const ids = nodes === 3 ? [] : Array.from({ length: 5 }, () => last.add({ replicate: 3 }).id);
  fabric.run(4000);
  fabric.restart(1);
  fabric.run(100);
  return { fabric, restarted: fabric.node(1).broker.jobs, ids };
}

test("a copy on a node that has started again is made anew at once", () => {
  const { fabric, id, holder } = withJob(3);
  fabric.restart(holder);
  fabric.run(100);
  assert.equal(holders(fabric, id).length, 2);
  const [keeper, other] = fabric.node(0).listOf(id);
  assert.equal(keeper, 0);
  assert.deepEqual(fabric.node(other as number).listOf(id), [0, other]);
});

test("a copy on a removed node is made anew at once", () => {
  const { fabric, id, holder } = withJob(3);
  fabric.forget(holder);
  fabric.run(100);
  assert.equal(holders(fabric, id).length, 2);
});

test("a holder that is only absent is replaced after the repair delay, not before", () => {
  const { fabric, id, holder } = withJob(3);
  die(fabric, holder);
  fabric.run(59_000);
  assert.deepEqual(holders(fabric, id), [0]);
  assert.equal(fabric.node(0).jobs.sweep.underReplicated, 1);
  fabric.run(2000);
  assert.equal(holders(fabric, id).length, 2);
});

test("a holder that comes back within the repair delay keeps its copy, without a word", () => {
  const { fabric, id, holder } = withJob(3);
  fabric.cut(0, holder);
  fabric.node(0).setLive(holder, false);
  fabric.run(20_000);
  fabric.sent.length = 0;
  fabric.heal();
  fabric.run(100_000);
  assert.deepEqual(holders(fabric, id).sort(), [0, holder].sort());
  const aboutJobs = fabric.sent.filter((line) => !/ (have|resent)$/.test(line));
  assert.deepEqual(aboutJobs, []);
  assert.equal(fabric.node(0).jobs.sweep.underReplicated, 0);
});

test("one copy too many is dropped when a replaced holder comes back", () => {
  const { fabric, id, holder } = withJob(3);
  fabric.cut(0, holder);
  fabric.node(0).setLive(holder, false);
  fabric.run(62_000);
  assert.equal(holders(fabric, id).length, 3);
  fabric.heal();
  fabric.run(100);
  const left = holders(fabric, id);
  assert.equal(left.length, 2);
  assert.deepEqual([...fabric.node(0).listOf(id)].sort(), left);
});

test("a job that is over soon gets no new copy", () => {
  const { fabric, id, holder } = withJob(3, { ttl: 50 });
  fabric.restart(holder);
  fabric.run(100);
  assert.deepEqual(holders(fabric, id), [0]);
});

test("when a leaving holder could be replaced only by who has borrowed the job, it is when the loan is over", () => {
  const { fabric, id, holder } = withJob(3, { retry: 5 });
  const borrower = 3 - holder;
  fabric.node(borrower).take();
  fabric.run(50);
  fabric.node(holder).setLeaving(true);
  fabric.run(4000);
  assert.equal(fabric.whereabouts(id).includes("lent"), true);
  assert.deepEqual(holders(fabric, id), [0, 1, 2]);
  fabric.run(5000);
  assert.deepEqual(holders(fabric, id), [0, borrower]);
});

test("when there is no node for another copy, the next one that comes gets it", () => {
  const { fabric, id, holder } = withJob(3);
  const third = 3 - holder;
  die(fabric, third);
  fabric.crash(holder);
  fabric.forget(holder);
  fabric.run(100);
  assert.deepEqual(holders(fabric, id), [0]);
  fabric.restart(third);
  fabric.run(100);
  assert.deepEqual(holders(fabric, id), [0, third]);
});

test("repair takes its time: a thousand copies a second after the first thousand", () => {
  const { fabric, restarted } = withManyJobs(3);
  assert.ok(restarted.count >= 1000 && restarted.count < 1300, `${restarted.count} at first`);
  fabric.run(700);
  assert.equal(restarted.count, 1500);
});

test("while copies are made slowly, jobs of another dead node are taken over at once", () => {
  const { fabric, restarted, ids } = withManyJobs(4);
  fabric.crash(3);
  fabric.setLive(3, false);
  fabric.run(50);
  for (const id of ids) assert.match(fabric.whereabouts(id), /own queued/);
  assert.ok(restarted.count < 1500);
});

test("a lent job returns to its queue when its borrower is gone before it was handed out", () => {
  const { fabric, id } = withJob(3, { retry: 600 });
  const node = fabric.node(0);
  node.broker.roles.lend(node.queue(), node.indexOf(1));
  assert.equal(node.roleOf(id), "own lent");
  fabric.restart(1);
  fabric.run(100);
  assert.equal(node.roleOf(id), "own queued");
});

test("a lent job that a client has comes back when its lease is over", () => {
  const { fabric, id } = withJob(3, { retry: 30 });
  const node = fabric.node(0);
  node.broker.roles.lentIsOut(node.broker.roles.lend(node.queue(), node.indexOf(1)));
  fabric.restart(1);
  fabric.run(29_000);
  assert.equal(node.roleOf(id), "own active");
  fabric.run(2000);
  assert.equal(node.roleOf(id), "own queued");
});

test("nothing is due on nodes that have no jobs in common, and little where all is well", () => {
  const lone = new Fabric(3);
  lone.node(0).add();
  lone.run(100);
  assert.equal(lone.node(0).jobs.nextWakeAtMs, Number.POSITIVE_INFINITY);
  const { fabric } = withJob(3);
  fabric.run(5000);
  assert.ok(fabric.node(0).jobs.nextWakeAtMs > fabric.nowMs);
});

test("a leaving node that has nothing waits for nothing", () => {
  const fabric = new Fabric(2);
  fabric.node(0).setLeaving(true);
  fabric.run(10_000);
  assert.equal(fabric.node(0).wakeAtMs, Number.POSITIVE_INFINITY);
});

test("a leaving node whose job nobody takes looks again, though nothing else happens", () => {
  const fabric = new Fabric(2);
  fabric.cut(0, 1);
  fabric.node(0).add();
  fabric.node(0).setLeaving(true);
  fabric.run(10_000);
  assert.ok(fabric.node(0).jobs.nextWakeAtMs <= fabric.nowMs + 2000);
});

test("a leaving node that has nothing gives away what comes later", () => {
  const fabric = new Fabric(2);
  const leaving = fabric.node(0);
  leaving.take("q", 1, 0);
  fabric.run(30);
  fabric.silence(1, 0);
  const { id } = fabric.node(1).add({ retry: 0 });
  leaving.setLeaving(true);
  fabric.run(10_000);
  fabric.endSilence(1, 0);
  fabric.run(30);
  assert.equal(fabric.whereabouts(id), "0 own queued");
  fabric.run(5000);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});
