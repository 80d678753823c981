/** DELJOB of a job whose only copy this node is giving away. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 100;

/** Node 0 leaves and has sent a job to node 1, of whose answer it hears nothing. */
function onItsWay(retry: number): { fabric: Fabric; id: string } {
  const fabric = new Fabric(2);
  fabric.silence(1, 0);
  const { id } = fabric.node(0).add({ retry });
  fabric.node(0).setLeaving(true);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent, 1 own queued");
  return { fabric, id };
}

function deleteThere(fabric: Fabric, id: string): void {
  const node = fabric.node(0);
  assert.equal(node.jobs.delete(node.find(id)), true);
  node.turn();
}

for (const retry of [30, 0]) {
  test(`it is deleted where it has arrived (RETRY ${retry})`, () => {
    const { fabric, id } = onItsWay(retry);
    deleteThere(fabric, id);
    fabric.run(SOON_MS);
    fabric.endSilence(1, 0);
    fabric.run(SOON_MS);
    assert.equal(fabric.whereabouts(id), "");
  });
}

test("it is deleted when its link breaks before that is answered", () => {
  const { fabric, id } = onItsWay(30);
  fabric.cut(0, 1);
  deleteThere(fabric, id);
  fabric.run(SOON_MS);
  fabric.heal();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "");
});

test("it is deleted though a client has called it back in between", () => {
  const { fabric, id } = onItsWay(30);
  const node = fabric.node(0);
  assert.equal(node.jobs.requeue(node.find(id), "nack"), true);
  deleteThere(fabric, id);
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "");
});

test("what moves to where somebody waits is deleted there, too, if nobody was given it", () => {
  const fabric = new Fabric(2);
  fabric.node(1).take("q", 1, 0);
  fabric.run(SOON_MS);
  fabric.silence(1, 0);
  const { id } = fabric.node(0).add({ retry: 0 });
  fabric.run(SOON_MS);
  deleteThere(fabric, id);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "");
});

test("a copy of another holder stays, as it does wherever the job is", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(SOON_MS);
  for (const other of [1, 2]) fabric.silence(other, 0);
  fabric.node(0).setLeaving(true);
  fabric.run(SOON_MS);
  deleteThere(fabric, id);
  fabric.run(SOON_MS);
  for (const other of [1, 2]) fabric.endSilence(other, 0);
  fabric.run(SOON_MS);
  assert.notEqual(fabric.whereabouts(id), "");
});
