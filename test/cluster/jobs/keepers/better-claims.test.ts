/** Two keepers of one job, of which one knows the other, or its copy, for a holder: what it says of copies ends that. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 50;

test("a keeper that is taken for a holder by one with a worse claim stays it alone", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 2, retry: 600 });
  fabric.run(SOON_MS);
  const [, number = 1] = fabric.node(0).listOf(id);
  const other = fabric.node(number);
  const job = other.find(id);
  // As after a cut on both sides of which the job was taken over, and copied to who kept it already.
  other.broker.roles.setList(job, [0, other.indexOf(0)]);
  other.broker.roles.keep(job, fabric.nowMs, true);
  other.jobs.announceList(job);
  other.turn();
  fabric.run(SOON_MS);
  assert.match(fabric.node(0).roleOf(id), /^own/);
  assert.equal(other.roleOf(id), "copy");
});

test("two keepers that believe the same copy to be theirs have only one of them in the end", () => {
  const fabric = new Fabric(3);
  const former = fabric.node(0);
  const { id } = former.add({ replicate: 2, retry: 600 });
  fabric.run(SOON_MS);
  const [, number = 1] = former.listOf(id);
  const keeper = fabric.node(number);
  fabric.cut(0, number);
  for (const act of ["takeOver", "makeCopies"] as const) keeper.jobs[act](keeper.find(id), 1);
  keeper.turn();
  fabric.run(SOON_MS);
  // Each has heard from somewhere that the other one has no copy, and what they say to each other is lost.
  const third = 3 - number;
  for (const node of [keeper, former]) {
    node.broker.roles.setList(node.find(id), [0, node.indexOf(third)]);
    node.jobs.announceList(node.find(id));
    node.turn();
    fabric.run(SOON_MS);
  }
  fabric.breakStream(number, 0);
  fabric.breakStream(0, number);
  fabric.run(5000);
  assert.match(keeper.roleOf(id), /^own/);
  assert.doesNotMatch(former.roleOf(id), /^own/);
});
