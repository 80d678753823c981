/** DELJOB of what is over, or not there yet: what a node remembers of it holds against a holder that comes back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

/** An ADDJOB at node 0, of which node 1 takes a copy and node 2 none; deleted when node 1 is gone. */
function deletedAdd(fabric: Fabric): string {
  fabric.node(2).broker.pause(fabric.node(2).queue(), true, false);
  const added = fabric.node(0).add({ replicate: 3 });
  fabric.run(20);
  assert.equal(fabric.whereabouts(added.id), "0 own replicating, 1 copy");
  fabric.crash(1);
  const { jobs, broker } = fabric.node(0);
  assert.equal(jobs.delete(fabric.node(0).find(added.id)), true);
  fabric.node(0).turn();
  assert.equal(added.outcome, "gone");
  assert.equal(broker.stats.jobsDeleted, 1);
  return added.id;
}

/** A job with three copies, acknowledged at node 0 when node 1 is gone. */
function ackedWhileAway(fabric: Fabric): string {
  const { id } = fabric.node(0).add({ replicate: 3 });
  fabric.run(20);
  fabric.crash(1);
  fabric.node(0).ack(id);
  fabric.run(20);
  return id;
}

test("a holder that starts again with the job learns that its ADDJOB has failed (cluster seed 898312)", () => {
  const fabric = new Fabric(3, { hasLogs: true });
  deletedAdd(fabric);
  fabric.restart(1, true);
  fabric.run(5000);
  assert.equal(fabric.records, 0);
});

test("so it does when its keeper has started again as well (cluster seed 898013)", () => {
  const fabric = new Fabric(3, { hasLogs: true });
  deletedAdd(fabric);
  fabric.restart(0, true);
  fabric.restart(1, true);
  fabric.run(5000);
  assert.equal(fabric.records, 0);
});

test("and the job is not as good as added because it is remembered", () => {
  const fabric = new Fabric(3);
  const id = deletedAdd(fabric);
  assert.equal(fabric.node(0).roleOf(id), "tombstone");
  assert.equal(fabric.node(0).jobs.newCopies.waiting, 0);
});

for (const [name, end] of [
  ["an ADDJOB that has failed", deletedAdd],
  ["an acknowledgement", ackedWhileAway],
] as const) {
  test(`one more DELJOB does not make a node forget ${name}`, () => {
    const fabric = new Fabric(3, { hasLogs: true });
    const id = end(fabric);
    const { jobs, broker } = fabric.node(0);
    const deleted = broker.stats.jobsDeleted;
    assert.equal(jobs.delete(fabric.node(0).find(id)), false);
    assert.equal(broker.stats.jobsDeleted, deleted);
    fabric.restart(1, true);
    fabric.run(5000);
    assert.equal(fabric.records, 0);
  });
}
