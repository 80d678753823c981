/** Acknowledgements reach nodes that got their copy after they were asked, or before anybody listed them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";
import { TombstoneCluster } from "../support/tombstone-cluster.ts";

const SOON_MS = 50;

/** A job of node 0 with copies on all others of three nodes. */
function spread(): { fabric: Fabric; id: string } {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 3 });
  fabric.run(SOON_MS);
  assert.equal(fabric.node(0).listOf(id).length, 3);
  return { fabric, id };
}

test("a node that had no copy when it was asked is asked again when a holder names it", () => {
  const { fabric, id } = spread();
  fabric.cut(0, 2);
  fabric.node(1).jobs.delete(fabric.node(1).find(id));
  // The keeper, who makes it another copy, hears of it after node 2 has asked.
  fabric.silence(1, 0);
  fabric.node(1).turn();
  fabric.node(2).ack(id);
  // For so long no copy would be taken by who has answered.
  fabric.run(10_000);
  assert.equal(fabric.whereabouts(id), "0 own queued, 2 tombstone");
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy, 2 tombstone");
  fabric.join(0, 2);
  fabric.run(3000);
  assert.equal(fabric.whereabouts(id), "");
});

test("a copy that arrives when its node has answered, and all others have forgotten the job, is not taken", () => {
  const fabric = new Fabric(4);
  const keeper = fabric.node(0);
  const { id } = keeper.add({ replicate: 2 });
  fabric.run(SOON_MS);
  for (const { number } of fabric.nodes) fabric.silence(0, number);
  keeper.jobs.makeCopies(keeper.find(id), 1);
  keeper.turn();
  const [, holder = -1, asked = -1] = keeper.listOf(id);
  fabric.endSilence(0, holder);
  fabric.node(holder).ack(id);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "");
  // The keeper does not hear that it is there, and may die as well.
  fabric.silence(asked, 0);
  fabric.endSilence(0, asked);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "");
});

test("nor is it when its node has looked for the job itself, and somebody else has come to the end", () => {
  const fabric = new Fabric(4);
  const keeper = fabric.node(0);
  const { id } = keeper.add();
  fabric.run(SOON_MS);
  keeper.jobs.makeCopies(keeper.find(id), 1);
  keeper.turn();
  const [, asked = -1] = keeper.listOf(id);
  const other = asked === 1 ? 2 : 1;
  fabric.silence(0, asked);
  for (const number of [asked, other]) fabric.node(number).ack(id);
  fabric.until(() => keeper.roleOf(id) === "tombstone", SOON_MS);
  // A leaving node takes what is stored of jobs that it has no more for another keeper's.
  keeper.setLeaving(true);
  fabric.run(SOON_MS);
  assert.equal(keeper.roleOf(id), "");
  fabric.endSilence(0, asked);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "");
});

test("whoever hears only of the end of a collection knows what is over", () => {
  const { fabric, id } = spread();
  const { broker, jobs } = fabric.node(1);
  assert.equal(fabric.node(1).roleOf(id), "copy");
  const words = Buffer.alloc(24);
  const job = fabric.node(1).find(id);
  for (let word = 0; word < 6; word++) words.writeInt32BE(broker.jobs.idWord(job, word), word * 4);
  jobs.received(fabric.node(1).indexOf(2), { type: "finish", ids: words });
  fabric.node(1).turn();
  fabric.run(3000);
  assert.equal(fabric.whereabouts(id), "");
});

test("a copy that arrives after its node was asked for it by another keeper is listed by that keeper", () => {
  const fabric = new Fabric(3);
  fabric.node(1).take();
  fabric.run(SOON_MS);
  // Node 1 has its copy and becomes keeper before node 2 has the one that was sent to it.
  fabric.silence(0, 2);
  const { id } = fabric.node(0).add({ replicate: 3, isAsync: true });
  fabric.run(10);
  assert.deepEqual(fabric.node(1).delivered, [id]);
  fabric.endSilence(0, 2);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(2).roleOf(id), "copy");
  assert.ok(fabric.node(1).listOf(id).includes(2), `${fabric.node(1).listOf(id)}`);
  fabric.node(1).ack(id);
  fabric.run(3000);
  assert.equal(fabric.whereabouts(id), "");
});

test("a keeper that nobody knew when its job was acknowledged is asked as well, whatever its list names", () => {
  const { fabric, id } = spread();
  fabric.split([2], [0, 1]);
  for (const other of [0, 1]) fabric.node(2).setLive(other, false);
  fabric.setLive(2, false);
  fabric.run(2000);
  // Both sides have a keeper; the other side collects, and waits for this one.
  assert.equal(fabric.node(2).roleOf(id), "own queued");
  fabric.node(0).ack(id);
  fabric.run(2000);
  fabric.heal();
  fabric.run(3000);
  assert.equal(fabric.whereabouts(id), "");
});

test("who becomes keeper of a job that is being collected, and was in no list, is asked once", () => {
  const { fabric, id } = spread();
  const { roles } = fabric.node(0).broker;
  roles.setList(
    fabric.node(0).find(id),
    [0, 1].map((number) => fabric.node(0).indexOf(number)),
  );
  fabric.cut(0, 1);
  fabric.node(0).ack(id);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(0).roleOf(id), "tombstone");
  fabric.node(2).jobs.takeOver(fabric.node(2).find(id));
  fabric.node(2).turn();
  fabric.run(SOON_MS);
  assert.equal(fabric.node(2).roleOf(id), "tombstone");
  fabric.join(0, 1);
  fabric.run(3000);
  assert.equal(fabric.whereabouts(id), "");
});

test("who hears of a copy after it has answered asks for it when the others have come to the end", () => {
  const cluster = new TombstoneCluster(4);
  const id = cluster.newId(3);
  for (const holder of [0, 1, 2]) cluster.put(holder, id, [0, 1, 2]);
  cluster.put(3, id, [3]);
  cluster.cut(0, 2);
  cluster.ack(0, id);
  cluster.run(10);
  const { broker, collector, view } = cluster.node(1);
  collector.ackedThere(broker.find(id), [view.indexOf(3)]);
  cluster.cut(1, 3);
  cluster.heal();
  cluster.cut(1, 3);
  cluster.run(10);
  assert.equal(cluster.whereabouts(id), ",tombstone,,copy", "it waits for that one");
  cluster.heal();
  cluster.run(3000);
  assert.equal(cluster.records, 0);
});

test("a copy that its keeper has not heard of is named to whoever asks for an acknowledgement", () => {
  const fabric = new Fabric(5, { repairDelayMs: 500 });
  const { id } = fabric.node(0).add({ replicate: 3 });
  fabric.run(SOON_MS);
  const [, heir = -1, other = -1] = fabric.node(0).listOf(id);
  const [near = -1, far = -1] = [1, 2, 3, 4].filter((node) => node !== heir && node !== other);
  const sides = [
    [0, near],
    [heir, other, far],
  ] as const;
  fabric.split(...sides);
  const pairs = sides[0].flatMap((a) => sides[1].map((b) => [a, b] as const));
  const believe = (isLive: boolean) => {
    for (const [a, b] of pairs) fabric.node(a).setLive(b, isLive);
    for (const [a, b] of pairs) fabric.node(b).setLive(a, isLive);
  };
  believe(false);
  fabric.run(1000);
  assert.equal(fabric.node(near).roleOf(id), "copy", "each side has made one");
  assert.equal(fabric.node(far).roleOf(id), "copy");
  fabric.silence(0, heir);
  fabric.silence(near, heir);
  for (const [a, b] of pairs) fabric.join(a, b);
  believe(true);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(0).roleOf(id), "copy");
  fabric.node(other).ack(id);
  fabric.run(SOON_MS);
  fabric.heal();
  fabric.run(3000);
  assert.equal(fabric.whereabouts(id), "");
});

test("a holder that was removed where its job was acknowledged hears of it from those who know it", () => {
  const { fabric, id } = spread();
  fabric.cut(0, 1);
  fabric.cut(0, 2);
  fabric.node(0).ack(id);
  fabric.node(0).removed(2);
  fabric.join(0, 1);
  fabric.run(3000);
  assert.equal(fabric.whereabouts(id), "");
});

for (const [end, lose] of [
  ["lost its memory", (fabric: Fabric) => fabric.restart(0)],
  ["was removed", (fabric: Fabric) => fabric.forget(0)],
] as const) {
  test(`a copy made on the other side of a cut by a keeper that then ${end} is asked for`, () => {
    const fabric = new Fabric(3, { repairDelayMs: 500 });
    const { id } = fabric.node(0).add({ replicate: 2 });
    fabric.run(SOON_MS);
    const [, holder = -1] = fabric.node(0).listOf(id);
    const other = 3 - holder;
    fabric.split([holder], [0, other]);
    for (const node of [0, other]) fabric.node(node).setLive(holder, false);
    fabric.node(holder).ack(id);
    fabric.run(2000);
    assert.equal(fabric.node(other).roleOf(id), "copy");
    fabric.cut(0, other);
    lose(fabric);
    fabric.join(holder, 0);
    fabric.run(SOON_MS);
    fabric.heal();
    fabric.run(5000);
    assert.equal(fabric.whereabouts(id), "");
  });
}

test("who is told that a copy was stored of what it knows to be over asks there, whoever is keeper by now", () => {
  const fabric = new Fabric(5);
  const former = fabric.node(0);
  const { id } = former.add({ replicate: 3 });
  fabric.run(SOON_MS);
  for (const { number } of fabric.nodes) fabric.silence(0, number);
  former.jobs.makeCopies(former.find(id), 1);
  former.turn();
  const [, keeper = -1, other = -1, asked = -1] = former.listOf(id);
  fabric.node(keeper).jobs.takeOver(fabric.node(keeper).find(id));
  fabric.node(keeper).turn();
  fabric.run(SOON_MS);
  // Who is asked says to the new keeper that it has none, which is right.
  for (const holder of [keeper, other]) fabric.endSilence(0, holder);
  fabric.run(SOON_MS);
  assert.ok(!former.listOf(id).includes(asked));
  fabric.node(keeper).ack(id);
  fabric.until(() => former.roleOf(id) === "tombstone", SOON_MS);
  // It does not hear that all know.
  fabric.silence(keeper, 0);
  fabric.until(() => fabric.node(keeper).roleOf(id) === "", SOON_MS);
  fabric.endSilence(0, asked);
  fabric.until(() => fabric.sent.includes(`${asked}>0 stored`), SOON_MS);
  fabric.run(2);
  fabric.heal();
  fabric.run(3000);
  assert.equal(fabric.whereabouts(id), "");
});

test("a copy of what is over is not dropped before its node has said who else has the job", () => {
  const fabric = new Fabric(3);
  const former = fabric.node(0);
  const [{ id }, other] = [former.add({ replicate: 2 }), former.add({ replicate: 2 })];
  fabric.run(SOON_MS);
  const [, holder = -1] = former.listOf(id);
  const keeper = fabric.node(holder);
  fabric.cut(0, holder);
  for (const act of ["takeOver", "makeCopies"] as const) keeper.jobs[act](keeper.find(id), 1);
  keeper.turn();
  fabric.run(SOON_MS);
  // As if the keeper had dropped its copy, before it got it back from a node that is not known here.
  former.broker.roles.setList(former.find(id), [0]);
  former.jobs.makeCopies(former.find(id), 1);
  former.turn();
  // A question that was asked just now puts off the next one, until it is known that there is a copy.
  former.ack(other.id);
  former.ack(id);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(3 - holder).roleOf(id), "tombstone");
  fabric.heal();
  fabric.run(3000);
  assert.equal(fabric.whereabouts(id), "");
});
