/** Two keepers of one job, of which one knows the other for a holder: what it says of its copies ends that. */
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
