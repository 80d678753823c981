/** A leaving node gives all its jobs away, and none is lost or handed out twice on the way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";
import type { Asked } from "../support/fabric-add.ts";

const JOBS = 40;

/** Nodes, and jobs that the first one has added. */
function withJobs(nodes: number, asked: Asked): { fabric: Fabric; ids: string[] } {
  const fabric = new Fabric(nodes);
  const added = Array.from({ length: JOBS }, () => fabric.node(0).add(asked));
  fabric.run(500);
  return { fabric, ids: added.map(({ id }) => id) };
}

/** Nodes that have something of a job. */
function rolesOf(fabric: Fabric, id: string): string[] {
  return fabric.running.map((node) => node.roleOf(id)).filter((role) => role !== "");
}

for (const replicate of [1, 2, 3]) {
  test(`a leaving node drains to nothing when jobs have ${replicate} copies`, () => {
    const { fabric, ids } = withJobs(4, { replicate });
    fabric.node(0).setLeaving(true);
    fabric.run(5000);
    assert.equal(fabric.node(0).broker.jobs.count, 0);
    assert.equal(fabric.node(0).jobs.sweep.ownJobs, 0);
    for (const id of ids) {
      const roles = rolesOf(fabric, id);
      assert.equal(roles.filter((role) => role === "own queued").length, 1, roles.join());
      assert.equal(roles.filter((role) => role === "copy").length, replicate - 1, roles.join());
    }
  });
}

test("a job delivered at most once that moved to a leaving node, where nobody waits any more, moves on", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take("q", 1, 0);
  fabric.run(10);
  fabric.node(0).setLeaving(true);
  fabric.run(10);
  const { id } = fabric.node(1).add({ retry: 0 });
  fabric.until(() => fabric.whereabouts(id) === "0 own queued", 20);
  fabric.until(() => fabric.whereabouts(id) === "1 own queued", 5000);
});

/** The fewest copies of any of these jobs on nodes that stay, at any moment of that time. */
function fewestStaying(fabric: Fabric, ids: readonly string[], forMs: number): number {
  let fewest = Number.POSITIVE_INFINITY;
  for (let ms = 0; ms < forMs; ms++) {
    fabric.run(1);
    const gone = ids.filter((id) => fabric.node(0).roleOf(id) === "");
    const staying = fabric.running.filter(({ broker }) => !broker.isLeaving);
    for (const id of gone) {
      fewest = Math.min(fewest, staying.filter((node) => node.roleOf(id) !== "").length);
    }
  }
  return fewest;
}

test("what a leaving node gives away has all its copies on others at once", () => {
  for (const replicate of [1, 2, 3]) {
    const { fabric, ids } = withJobs(4, { replicate });
    fabric.sent.length = 0;
    fabric.node(0).setLeaving(true);
    assert.equal(fewestStaying(fabric, ids, 100), replicate);
    assert.equal(fabric.node(0).broker.jobs.count, 0);
    // Its own copies move, and no others are made.
    assert.equal(fabric.count("store"), 0);
  }
});

test("so it is when two nodes leave at once", () => {
  const { fabric, ids } = withJobs(5, { replicate: 3 });
  fabric.node(1).setLeaving(true);
  fabric.node(0).setLeaving(true);
  assert.equal(fewestStaying(fabric, ids, 500), 3);
  assert.equal(fabric.node(0).broker.jobs.count, 0);
});

test("a node that does not know all holders does not become keeper", () => {
  const { fabric, ids } = withJobs(3, { replicate: 2 });
  fabric.node(1).removed(2);
  fabric.node(2).removed(1);
  fabric.node(0).setLeaving(true);
  fabric.run(5000);
  for (const id of ids)
    assert.equal(rolesOf(fabric, id).filter((role) => role !== "copy").length, 1);
  fabric.node(1).introduced(2);
  fabric.node(2).introduced(1);
  fabric.run(5000);
  assert.equal(fabric.node(0).broker.jobs.count, 0);
  for (const id of ids) assert.deepEqual(rolesOf(fabric, id).sort(), ["copy", "own queued"]);
});

test("a leaving node's copies of jobs of others move, too", () => {
  const { fabric, ids } = withJobs(4, { replicate: 2 });
  fabric.node(1).setLeaving(true);
  fabric.run(5000);
  assert.equal(fabric.node(1).broker.jobs.count, 0);
  for (const id of ids) assert.deepEqual(rolesOf(fabric, id).sort(), ["copy", "own queued"]);
});

test("where all who stay have them, a leaving node drops its copies", () => {
  const { fabric, ids } = withJobs(2, { replicate: 2 });
  fabric.node(1).setLeaving(true);
  fabric.run(5000);
  for (const id of ids) assert.deepEqual(rolesOf(fabric, id), ["own queued"]);
});

test("a leaving node keeps its copies while somebody who stays is away and may have none", () => {
  const { fabric, ids } = withJobs(3, { replicate: 3 });
  fabric.crash(2);
  fabric.node(1).setLeaving(true);
  fabric.run(5000);
  for (const id of ids) assert.deepEqual(rolesOf(fabric, id), ["own queued", "copy"]);
});

test("a lease holds on the node that has the job now", () => {
  const { fabric, ids } = withJobs(2, { retry: 30 });
  fabric.node(0).take("q", JOBS);
  fabric.run(10_000);
  fabric.node(0).setLeaving(true);
  fabric.run(19_900);
  assert.equal(fabric.node(0).broker.jobs.count, 0);
  assert.equal(fabric.node(1).roleOf(ids[0] as string), "own active");
  fabric.run(200);
  assert.equal(fabric.node(1).roleOf(ids[0] as string), "own queued");
});

test("a delay holds on the node that has the job now", () => {
  const { fabric, ids } = withJobs(2, { delay: 100 });
  fabric.node(0).setLeaving(true);
  fabric.run(99_000);
  assert.equal(fabric.node(1).roleOf(ids[0] as string), "own active");
  fabric.run(2000);
  assert.equal(fabric.node(1).roleOf(ids[0] as string), "own queued");
});

test("a node that is full refuses, and another one is found", () => {
  const { fabric, ids } = withJobs(3, { body: "x".repeat(100) });
  fabric.node(1).broker.memory.maxBytes = 1;
  fabric.node(0).setLeaving(true);
  fabric.run(5000);
  for (const id of ids) assert.equal(fabric.whereabouts(id), "2 own queued");
});

test("when nobody takes them, jobs stay what they were, and leave when somebody can", () => {
  const { fabric, ids } = withJobs(2, {});
  const other = fabric.node(1).broker.memory;
  other.maxBytes = 1;
  fabric.node(0).setLeaving(true);
  fabric.run(1000);
  assert.deepEqual([...new Set(ids.map((id) => fabric.whereabouts(id)))], ["0 own queued"]);
  assert.equal(fabric.node(0).jobs.handover.underWay, 0);
  other.maxBytes = 0;
  fabric.run(5000);
  assert.deepEqual([...new Set(ids.map((id) => fabric.whereabouts(id)))], ["1 own queued"]);
});

test("while one who could take a copy is full, a leaving node keeps its own", () => {
  const { fabric, ids } = withJobs(3, { replicate: 2, body: "x".repeat(100) });
  const ofOthers = ids.map((id) => fabric.node(0).listOf(id)[1] as number);
  for (const node of [1, 2]) fabric.node(node).broker.memory.maxBytes = 1;
  fabric.sent.length = 0;
  fabric.node(0).setLeaving(true);
  fabric.run(9000);
  for (const [i, id] of ids.entries()) {
    assert.equal(fabric.whereabouts(id), `0 own queued, ${ofOthers[i]} copy`);
  }
  assert.ok(fabric.count("keep") < 20, `${fabric.count("keep")} offers to nodes that are full`);
  for (const node of [1, 2]) fabric.node(node).broker.memory.maxBytes = 0;
  assert.equal(fewestStaying(fabric, ids, 5000), 2);
  assert.equal(fabric.node(0).broker.jobs.count, 0);
});

test("jobs on their way to a node that starts again come back", () => {
  const { fabric, ids } = withJobs(2, {});
  fabric.node(0).setLeaving(true);
  fabric.restart(1);
  fabric.run(5000);
  for (const id of ids) assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("an at-most-once job on its way to a node that starts again is forgotten", () => {
  const { fabric, ids } = withJobs(2, { retry: 0 });
  fabric.node(0).setLeaving(true);
  fabric.restart(1);
  fabric.run(5000);
  for (const id of ids) assert.equal(fabric.whereabouts(id), "");
});

test("a broken stream leaves one keeper, whether the jobs had arrived or not", () => {
  for (const waitMs of [0, 1, 2, 3]) {
    const { fabric, ids } = withJobs(2, {});
    const [leaving, taker] = [fabric.node(0), fabric.node(1)];
    leaving.setLeaving(true);
    fabric.run(waitMs);
    leaving.jobs.streamBroken(leaving.indexOf(1));
    leaving.turn();
    fabric.run(5000);
    for (const id of ids) {
      assert.equal(rolesOf(fabric, id).filter((role) => role.startsWith("own")).length, 1);
    }
    assert.equal(leaving.broker.jobs.count, 0);
    assert.equal(taker.broker.jobs.count, JOBS);
  }
});

test("a job that a client calls back on its way comes back when its lease is over at the latest", () => {
  const { fabric, ids } = withJobs(2, {});
  const leaving = fabric.node(0);
  leaving.take("q", JOBS);
  leaving.setLeaving(true);
  for (const id of ids) leaving.jobs.requeue(leaving.find(id), "nack");
  leaving.turn();
  fabric.run(31_000);
  for (const id of ids) assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("a job that is acknowledged on its way is over everywhere", () => {
  const { fabric, ids } = withJobs(2, { replicate: 2 });
  const leaving = fabric.node(0);
  leaving.setLeaving(true);
  for (const id of ids) leaving.ack(id);
  fabric.run(5000);
  for (const id of ids) assert.equal(fabric.whereabouts(id), "");
});

test("a node that stays after all takes jobs again", () => {
  const { fabric } = withJobs(2, {});
  fabric.node(0).setLeaving(true);
  fabric.run(5000);
  fabric.node(0).setLeaving(false);
  fabric.node(1).setLeaving(true);
  fabric.run(5000);
  assert.equal(fabric.node(0).broker.jobs.count, JOBS);
  assert.equal(fabric.node(1).broker.jobs.count, 0);
});

test("three nodes that start again one after the other lose nothing that has two copies", () => {
  const { fabric, ids } = withJobs(3, { replicate: 2 });
  for (const number of [0, 1, 2]) {
    fabric.restart(number);
    fabric.run(2000);
  }
  for (const id of ids) {
    assert.deepEqual(rolesOf(fabric, id).sort(), ["copy", "own queued"], fabric.whereabouts(id));
  }
});

test("who looks for a job that has just been given away is told who has it", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add();
  fabric.node(0).setLeaving(true);
  fabric.until(() => fabric.node(0).roleOf(id) === "", 5000);
  const keeper = fabric.running.find((node) => node.roleOf(id).startsWith("own"));
  const stranger = fabric.running.find((node) => node.roleOf(id) === "" && node.number !== 0);
  assert.ok(keeper !== undefined && stranger !== undefined);
  // The keeper cannot be asked for now, but the node that had the job before knows whom to wait for.
  fabric.cut(keeper.number, stranger.number);
  stranger.ack(id);
  fabric.run(2000);
  assert.equal(stranger.roleOf(id), "tombstone");
  fabric.heal();
  fabric.run(3000);
  assert.equal(fabric.records, 0);
});

test("a job that expires on its way to its next keeper does not live on there", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(0).add({ ttl: 2 });
  fabric.run(50);
  fabric.silence(0, 1);
  fabric.node(0).setLeaving(true);
  fabric.run(5000);
  assert.equal(fabric.node(0).roleOf(id), "");
  fabric.heal();
  fabric.node(1).take();
  fabric.run(50);
  assert.equal(fabric.records, 0);
});

test("a leaving node is relieved of a copy for which there is only a member that has been dead for long", () => {
  const fabric = new Fabric(3, { repairDelayMs: 3000 });
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const [, leaving] = fabric.node(0).listOf(id) as [number, number];
  const dead = 3 - leaving;
  fabric.crash(dead);
  fabric.setLive(dead, false);
  fabric.node(leaving).setLeaving(true);
  fabric.run(2000);
  assert.equal(fabric.node(leaving).roleOf(id), "copy");
  fabric.run(5000);
  assert.equal(fabric.whereabouts(id), "0 own queued");
});
