/** A leaving node has sent a job to one that dies before it answers: who hands it out, and who keeps it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBroker } from "../../../../src/core/broker-check.ts";
import { Fabric } from "../support/fabric.ts";
import type { Added, Asked } from "../support/fabric-add.ts";

/** More than are on their way at a time. */
const MANY = 6000;

/** Nothing that node 0, which is about to leave, sends to node 1 arrives there any more. */
function leaving(fabric: Fabric): Fabric {
  fabric.run(50);
  fabric.silence(0, 1);
  fabric.node(0).setLeaving(true);
  fabric.run(100);
  return fabric;
}

/** Whatever follows from it is so at the end of that turn. */
function findDead(fabric: Fabric): void {
  fabric.node(0).setLive(1, false);
  checkBroker(fabric.node(0).broker);
}

/** A job on its way from node 0 to node 1, which has not got it, and is dead for all node 0 knows. */
function stranded(asked: Asked = {}): { fabric: Fabric; id: string } {
  const fabric = new Fabric(2);
  const { id } = fabric.node(0).add({ retry: 5, ...asked });
  leaving(fabric);
  assert.equal(fabric.whereabouts(id), "0 own lent");
  findDead(fabric);
  return { fabric, id };
}

/** Node 1 goes on, and hears what was sent to it. */
function wakeUp(fabric: Fabric): void {
  fabric.node(0).setLive(1, true);
  fabric.endSilence(0, 1);
  fabric.run(60_000);
}

test("the leaving node hands it out", () => {
  const { fabric, id } = stranded();
  assert.equal(fabric.whereabouts(id), "0 own queued");
  fabric.node(0).take();
  fabric.run(10);
  assert.equal(fabric.whereabouts(id), "0 own active");
});

test("it moves when the other one goes on, and has one keeper", () => {
  const { fabric, id } = stranded();
  wakeUp(fabric);
  assert.equal(fabric.whereabouts(id), "1 own queued");
  assert.equal(fabric.node(0).jobs.sweep.ownJobs, 0);
});

test("so it does if it had arrived, and only the answer to that had not", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(0).add();
  fabric.run(50);
  fabric.silence(1, 0);
  fabric.node(0).setLeaving(true);
  fabric.run(100);
  findDead(fabric);
  fabric.run(100);
  assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy");
  fabric.node(0).setLive(1, true);
  fabric.endSilence(1, 0);
  fabric.run(60_000);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("when it is acknowledged meanwhile it does not come to life where it was sent", () => {
  const { fabric, id } = stranded();
  fabric.node(0).ack(id);
  fabric.run(1000);
  wakeUp(fabric);
  assert.equal(fabric.whereabouts(id), "");
});

test("nor when it is deleted", () => {
  const { fabric, id } = stranded();
  const node = fabric.node(0);
  assert.equal(node.jobs.delete(node.find(id)), true);
  node.turn();
  wakeUp(fabric);
  assert.equal(fabric.whereabouts(id), "");
});

test("nor does one that a client called back before, though the other one was alive", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(0).add();
  leaving(fabric);
  fabric.node(0).jobs.requeue(fabric.node(0).find(id), "nack");
  fabric.node(0).ack(id);
  fabric.run(1000);
  wakeUp(fabric);
  assert.equal(fabric.whereabouts(id), "");
});

test("nor does one of whose end the other one has heard before it gets the job", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const holder = fabric.node(0).listOf(id)[1] as number;
  const other = 3 - holder;
  fabric.silence(0, other);
  fabric.node(0).setLeaving(true);
  fabric.run(50);
  fabric.node(0).setLive(other, false);
  fabric.run(50);
  assert.equal(fabric.whereabouts(id), `0 own queued, ${holder} copy`);
  fabric.node(holder).ack(id);
  fabric.run(5000);
  fabric.heal();
  fabric.run(5000);
  assert.equal(fabric.whereabouts(id), "");
});

test("nor does one that expires meanwhile", () => {
  const { fabric, id } = stranded({ ttl: 10 });
  fabric.run(20_000);
  fabric.endSilence(0, 1);
  fabric.run(1000);
  assert.equal(fabric.whereabouts(id), "");
});

test("a delay that was over before goes on being over (cluster seed 914313)", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(0).add({ delay: 10 });
  leaving(fabric);
  fabric.run(20_000);
  assert.equal(fabric.whereabouts(id), "0 own lent");
  findDead(fabric);
  assert.equal(fabric.whereabouts(id), "0 own queued");
});

test("so does a lease, and one that is not over goes on", () => {
  for (const [waitMs, state] of [
    [40_000, "queued"],
    [10_000, "active"],
  ] as const) {
    const fabric = new Fabric(2);
    const { id } = fabric.node(0).add({ retry: 30 });
    fabric.node(0).take();
    leaving(fabric);
    fabric.run(waitMs);
    findDead(fabric);
    assert.equal(fabric.whereabouts(id), `0 own ${state}`);
  }
});

test("one that is delivered at most once waits for the answer", () => {
  const { fabric, id } = stranded({ retry: 0 });
  assert.equal(fabric.whereabouts(id), "0 own lent");
  wakeUp(fabric);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("one whose ADDJOB waits for its arrival is handed out by nobody before", () => {
  const fabric = new Fabric(2);
  fabric.silence(0, 1);
  fabric.node(0).setLeaving(true);
  const added: Added = fabric.node(0).add({ retry: 5 });
  fabric.run(100);
  findDead(fabric);
  assert.equal(fabric.whereabouts(added.id), "0 own lent");
  assert.equal(added.outcome, "waiting");
  wakeUp(fabric);
  assert.equal(added.outcome, "added");
  assert.equal(fabric.whereabouts(added.id), "1 own queued");
});

test("what waited only to be sent goes to others, delivered at most once or not", () => {
  const fabric = new Fabric(3);
  fabric.congested.add("0>1");
  for (const retry of [30, 0]) {
    const ids = Array.from({ length: 20 }, () => fabric.node(0).add({ retry }).id);
    leaving(fabric);
    const lent = ids.filter((id) => fabric.whereabouts(id) === "0 own lent");
    assert.ok(lent.length > 0);
    findDead(fabric);
    fabric.run(5000);
    for (const id of ids) assert.equal(fabric.whereabouts(id), "2 own queued");
    fabric.node(0).setLive(1, true);
    fabric.node(0).setLeaving(false);
  }
});

test("those who wait for a dead node keep nobody else from leaving", () => {
  const fabric = new Fabric(3);
  for (let i = 0; i < MANY; i++) fabric.node(0).add({ retry: 600 });
  leaving(fabric);
  fabric.run(5000);
  const lent = fabric.node(0).jobs.handover.underWay;
  const before = fabric.node(0).broker.jobs.count;
  assert.ok(lent < before, `${lent} of ${before} are on their way`);
  findDead(fabric);
  fabric.run(10_000);
  assert.equal(fabric.node(0).jobs.handover.underWay, lent);
  assert.equal(fabric.node(0).broker.jobs.count, lent);
});
