/** News of a keeper that cross the gift of a job to another one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

/** Node 0 gives its job to node 2, and follows node 1, of which that does not know, before it hears so. */
function givenAndTaken(): { fabric: Fabric; id: string } {
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
  return { fabric, id };
}

function keepersOf(fabric: Fabric, id: string): number {
  return fabric.running.filter((node) => node.roleOf(id).startsWith("own")).length;
}

test("a job that another node had taken over while it was given away has one keeper (cluster seed 870276)", () => {
  const { fabric, id } = givenAndTaken();
  fabric.silence(1, 0);
  fabric.endSilence(0, 2);
  fabric.run(50);
  fabric.endSilence(1, 0);
  fabric.run(5000);
  assert.equal(keepersOf(fabric, id), 1, fabric.whereabouts(id));
});

test("so has one whose giver is told to drop its copy before it hears that the job has arrived", () => {
  const { fabric, id } = givenAndTaken();
  fabric.silence(2, 0);
  fabric.endSilence(0, 2);
  fabric.run(5000);
  fabric.endSilence(2, 0);
  fabric.run(5000);
  assert.equal(keepersOf(fabric, id), 1, fabric.whereabouts(id));
});

/** A holder takes a job over and gives it away, and for that long nobody can tell whoever was given it before. */
function givenTwice(apartMs: number): { fabric: Fabric; id: string } {
  const fabric = new Fabric(6);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const holder = fabric.node(0).listOf(id)[1] as number;
  const others = [1, 2, 3, 4, 5].filter((number) => number !== holder);
  fabric.split([holder], others);
  fabric.silence(holder, 0);
  fabric.node(0).setLeaving(true);
  fabric.until(() => fabric.node(0).roleOf(id) === "", 3000);
  const heir = others.find((number) => fabric.node(number).roleOf(id).startsWith("own")) ?? -1;
  // The heir and the holder make another copy each, of which the other one hears nothing.
  const [neighbour, ...rest] = others.filter((number) => number !== heir) as [
    number,
    number,
    number,
  ];
  fabric.split([heir, neighbour], rest);
  for (const number of rest) fabric.join(holder, number);
  // The first giver hears of the second heir only at last.
  for (const number of rest) fabric.silence(number, 0);
  fabric.node(holder).setLive(0, false);
  fabric.until(() => fabric.node(holder).roleOf(id).startsWith("own"), 3000);
  fabric.node(holder).setLeaving(true);
  fabric.until(() => fabric.node(holder).roleOf(id) === "", 3000);
  fabric.forget(holder);
  fabric.run(apartMs);
  return { fabric, id };
}

for (const apartMs of [100, 60_000]) {
  test(`so has one that a holder takes over and gives away ${apartMs} ms before its first giver hears of that (cluster seed 874179)`, () => {
    const { fabric, id } = givenTwice(apartMs);
    assert.equal(keepersOf(fabric, id), 2, fabric.whereabouts(id));
    fabric.heal();
    fabric.run(5000);
    assert.equal(keepersOf(fabric, id), 1, fabric.whereabouts(id));
  });
}

test("one that is refused by nodes that leave as well is known to all who have it as its next keeper's", () => {
  const fabric = new Fabric(5);
  const ids = Array.from({ length: 20 }, () => fabric.node(0).add({ replicate: 2 }).id);
  fabric.run(50);
  // Nobody has heard of these.
  for (const number of [1, 2]) fabric.node(number).broker.isLeaving = true;
  fabric.node(0).setLeaving(true);
  fabric.run(5000);
  for (const id of ids) {
    const holders = fabric.running.filter((node) => node.roleOf(id) !== "");
    const keepers = new Set(holders.map((node) => node.listOf(id)[0]));
    assert.deepEqual([holders.length, keepers.size], [2, 1], fabric.whereabouts(id));
  }
});

test("so has one that goes on from where it was given while its giver, which has forgotten that, follows there", () => {
  const fabric = new Fabric(4, { hasLogs: true });
  const giver = fabric.node(0);
  const { id } = giver.add({ replicate: 1, retry: 600 });
  fabric.run(50);
  giver.setLeaving(true);
  const heir = fabric.nodes.find(({ number }) => fabric.sent.includes(`0>${number} keep`));
  assert.ok(heir);
  fabric.silence(heir.number, 0);
  fabric.until(() => heir.roleOf(id) !== "", 50);
  giver.setLeaving(false);
  fabric.restart(0, true);
  fabric.endSilence(heir.number, 0);
  fabric.until(() => giver.roleOf(id) === "copy", 50);
  fabric.silence(0, heir.number);
  heir.setLeaving(true);
  fabric.until(() => heir.roleOf(id) === "", 50);
  fabric.endSilence(0, heir.number);
  fabric.run(5000);
  assert.equal(keepersOf(fabric, id), 1, fabric.whereabouts(id));
});
