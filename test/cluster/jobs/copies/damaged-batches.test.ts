/** What a node cannot read it refuses, and whoever has asked finds another one, or asks again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

/** What is packed into these messages to that node lacks its last byte from now on, until told otherwise. */
function damage(fabric: Fabric, type: "store" | "keep", number: number): () => void {
  const send = fabric.send.bind(fabric);
  fabric.send = (from, to, message) => {
    const isDamaged = message.type === type && to.number === number;
    send(from, to, isDamaged ? { ...message, jobs: message.jobs.subarray(0, -1) } : message);
  };
  return () => {
    fabric.send = send;
  };
}

test("a request for a copy that cannot be read is refused, and another node is asked at once", () => {
  const fabric = new Fabric(3);
  damage(fabric, "store", 1);
  const jobs = Array.from({ length: 10 }, () => {
    const added = fabric.node(0).add({ replicate: 2 });
    fabric.until(() => added.outcome === "added", 20);
    return added;
  });
  for (const { id } of jobs) assert.deepEqual(fabric.node(0).listOf(id), [0, 2]);
});

test("a drain ends though somebody who stays could not read a request for copies", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const [, leaving] = fabric.node(0).listOf(id) as [number, number];
  const repair = damage(fabric, "store", 3 - leaving);
  fabric.node(leaving).setLeaving(true);
  fabric.run(1000);
  assert.equal(fabric.node(leaving).roleOf(id), "copy");
  repair();
  fabric.run(5000);
  assert.equal(fabric.whereabouts(id), `0 own queued, ${3 - leaving} copy`);
});

test("jobs given to a node that cannot read them are given to another one", () => {
  const fabric = new Fabric(3);
  const ids = Array.from({ length: 10 }, () => fabric.node(0).add().id);
  damage(fabric, "keep", 1);
  fabric.node(0).setLeaving(true);
  fabric.run(1000);
  assert.equal(fabric.node(0).broker.jobs.count, 0);
  for (const id of ids) assert.match(fabric.whereabouts(id), /^[12] own queued$/);
});
