/** What operators are told of a node's jobs is so when they ask, not when somebody last looked at all jobs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

/** Jobs with three copies that the first of three nodes keeps, and nobody is there to replace the last one. */
function withDeadHolder() {
  const fabric = new Fabric(3);
  const ids = Array.from({ length: 5 }, () => fabric.node(0).add({ replicate: 3 }).id);
  fabric.run(50);
  fabric.crash(2);
  fabric.setLive(2, false);
  fabric.run(100_000);
  return { fabric, ids, sweep: fabric.node(0).jobs.sweep };
}

test("a node tells how many jobs it keeps without having looked at them", () => {
  const fabric = new Fabric(2);
  for (let i = 0; i < 5; i++) fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  assert.equal(fabric.node(0).jobs.sweep.ownJobs, 5);
  assert.equal(fabric.node(1).jobs.sweep.ownJobs, 0);
});

test("a leaving node counts the jobs it keeps from its first moment on", () => {
  const fabric = new Fabric(2);
  for (let i = 0; i < 5; i++) fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  fabric.node(0).setLeaving(true);
  assert.equal(fabric.node(0).jobs.sweep.ownJobs, 5);
  fabric.run(2000);
  assert.equal(fabric.node(0).jobs.sweep.ownJobs, 0);
});

test("jobs that are over do not lack copies", () => {
  const { fabric, ids, sweep } = withDeadHolder();
  assert.equal(sweep.underReplicated, 5);
  for (const id of ids) fabric.node(0).ack(id);
  fabric.run(50);
  assert.equal(sweep.underReplicated, 0);
});

test("jobs that lack copies are counted again while there are some", () => {
  const { fabric, ids, sweep } = withDeadHolder();
  for (const id of ids.slice(1)) fabric.node(0).ack(id);
  for (let i = 0; i < 4; i++) fabric.node(0).add({ replicate: 2 });
  fabric.run(61_000);
  assert.equal(sweep.underReplicated, 1);
});
