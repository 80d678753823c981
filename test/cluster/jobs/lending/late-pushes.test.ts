/** Jobs that were pushed to a node before it was cut off, and arrive when it is back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 30;
const RETRY_S = 2;

/** A job of node 0 that is on its way to a client of node 1, behind a cut. */
function onItsWay(retry: number) {
  const fabric = new Fabric(3);
  fabric.node(1).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(0).add({ retry });
  fabric.cut(0, 1);
  return { fabric, id };
}

test("a job that was acknowledged elsewhere before its push arrived is not handed out", () => {
  const { fabric, id } = onItsWay(RETRY_S);
  assert.equal(fabric.node(0).roleOf(id), "own lent");
  fabric.run(RETRY_S * 1000 + SOON_MS);
  fabric.node(0).take();
  fabric.until(() => fabric.node(0).delivered.length > 0, 1000);
  fabric.node(0).ack(id);
  fabric.run(SOON_MS);
  fabric.join(0, 1);
  fabric.run(1000);
  assert.deepEqual(fabric.node(1).delivered, []);
  assert.equal(fabric.whereabouts(id), "");
});

test("one that still waits for it is pushed again at once", () => {
  const { fabric, id } = onItsWay(1000);
  fabric.run(SOON_MS);
  fabric.join(0, 1);
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
});

test("one that is delivered at most once is handed out where it has moved to", () => {
  const { fabric, id } = onItsWay(0);
  fabric.run(SOON_MS);
  fabric.join(0, 1);
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
});

test("a sender that does not say when it is up to date is believed after a while", () => {
  const fabric = new Fabric(2);
  fabric.node(1).jobs.peerUp(fabric.node(1).indexOf(0));
  fabric.run(6000);
  fabric.node(1).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(0).add();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
});
