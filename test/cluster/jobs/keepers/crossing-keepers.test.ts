/** News of a keeper that cross the gift of a job to another one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

test("a job that another node had taken over while it was given away has one keeper (cluster seed 870276)", () => {
  const fabric = new Fabric(3, { hasLogs: true });
  const [leaving, other] = [fabric.node(0), fabric.node(1)];
  other.take();
  fabric.run(50);
  const { id } = leaving.add({ replicate: 1, retry: 600 });
  fabric.run(50);
  leaving.removed(1);
  other.removed(0);
  fabric.run(50);
  // Neither remembers the other one.
  for (const number of [0, 1]) fabric.restart(number, true);
  fabric.silence(0, 2);
  leaving.setLeaving(true);
  fabric.run(50);
  leaving.introduced(1);
  other.introduced(0);
  const job = other.find(id);
  other.broker.jobs.setEpoch(job, other.broker.jobs.epoch(job) + 1);
  other.jobs.showTo(job, other.indexOf(0));
  other.turn();
  fabric.until(() => leaving.roleOf(id) === "copy", 50);
  fabric.silence(1, 0);
  fabric.endSilence(0, 2);
  fabric.run(50);
  fabric.endSilence(1, 0);
  fabric.run(5000);
  const keepers = fabric.running.filter((node) => node.roleOf(id).startsWith("own"));
  assert.equal(keepers.length, 1, fabric.whereabouts(id));
});
