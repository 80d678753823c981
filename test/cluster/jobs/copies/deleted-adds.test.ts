/** DELJOB of what is over, or not there yet: what a node remembers of it holds against a holder that comes back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { words } from "../../../support/id-words.ts";
import { Fabric } from "../support/fabric.ts";
import type { Added } from "../support/fabric-add.ts";

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

/** Node 0 leaves; its ADDJOB waits to hear that node 1, of which it hears nothing, has the job. */
function givenAway(retry: number): { fabric: Fabric; added: Added } {
  const fabric = new Fabric(2);
  fabric.silence(1, 0);
  fabric.node(0).setLeaving(true);
  const added = fabric.node(0).add({ retry });
  fabric.run(20);
  assert.equal(fabric.whereabouts(added.id), "0 own lent, 1 own queued");
  assert.equal(added.outcome, "waiting");
  return { fabric, added };
}

for (const retry of [30, 0]) {
  test(`an ADDJOB that waits for its job's arrival elsewhere fails by DELJOB as well (RETRY ${retry})`, () => {
    const { fabric, added } = givenAway(retry);
    const { jobs, broker } = fabric.node(0);
    assert.equal(jobs.delete(fabric.node(0).find(added.id)), true);
    fabric.node(0).turn();
    assert.equal(added.outcome, "gone");
    assert.equal(broker.stats.jobsDeleted, 1);
    fabric.endSilence(1, 0);
    fabric.run(5000);
    assert.equal(added.outcome, "gone");
    assert.equal(fabric.whereabouts(added.id), "");
  });
}

test("one that is acknowledged on its way there is as good as added", () => {
  const { fabric, added } = givenAway(30);
  fabric.node(0).ack(added.id);
  fabric.endSilence(1, 0);
  fabric.run(5000);
  assert.equal(added.outcome, "added");
  assert.equal(fabric.whereabouts(added.id), "");
});

test("it fails, too, when it is deleted in the turn in which its arrival is heard of", () => {
  const { fabric, added } = givenAway(30);
  const node = fabric.node(0);
  fabric.endSilence(1, 0);
  node.isStill = true;
  node.jobs.delete(node.find(added.id));
  fabric.run(20);
  node.isStill = false;
  node.turn();
  fabric.run(5000);
  assert.equal(added.outcome, "gone");
  assert.equal(fabric.whereabouts(added.id), "");
});

test("another job that has the handle of one on its way is deleted on its own", () => {
  const { fabric, added } = givenAway(30);
  const { jobs } = fabric.node(0);
  // Over at once, though the ADDJOB still waits.
  jobs.fastAck(words(added.id));
  fabric.node(0).setLeaving(false);
  const other = fabric.node(0).add();
  assert.equal(other.job, added.job);
  assert.equal(jobs.delete(other.job), true);
  assert.equal(fabric.whereabouts(other.id), "");
  fabric.endSilence(1, 0);
  fabric.run(5000);
  assert.equal(added.outcome, "added");
});

test("so is one after the ADDJOB of the job that had its handle has ended, though others wait", () => {
  const fabric = new Fabric(2);
  const node = fabric.node(0);
  node.setLeaving(true);
  const given = node.add();
  fabric.run(20);
  node.setLeaving(false);
  const { job, id } = node.add({ replicate: 2 });
  fabric.run(20);
  assert.equal(job, given.job);
  fabric.silence(1, 0);
  assert.equal(node.add({ replicate: 2 }).outcome, "waiting");
  assert.equal(node.jobs.delete(job), true);
  fabric.run(20);
  assert.equal(fabric.whereabouts(id), "1 own queued");
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
