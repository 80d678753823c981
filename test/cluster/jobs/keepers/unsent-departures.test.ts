/** Jobs that end, or are called back, while they wait for a congested node, to which this one gives them away. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { words } from "../../../support/id-words.ts";
import { Fabric } from "../support/fabric.ts";
import type { FabricNode } from "../support/fabric-node.ts";

type End = (node: FabricNode, id: string) => unknown;

const ends: readonly (readonly [string, End])[] = [
  ["acknowledged", (node, id) => node.jobs.ack(words(id))],
  ["acknowledged by FASTACK", (node, id) => node.jobs.fastAck(words(id))],
  ["deleted", (node, id) => node.jobs.delete(node.find(id))],
];

for (const [what, end] of ends) {
  test(`what is ${what} in between does not come to life there, and what is with it does`, () => {
    const fabric = new Fabric(2);
    const leaving = fabric.node(0);
    const [first, second] = [leaving.add(), leaving.add()];
    fabric.congested.add("0>1");
    leaving.setLeaving(true);
    fabric.run(500);
    assert.equal(fabric.whereabouts(first.id), "0 own lent");
    assert.equal(end(leaving, first.id), true);
    leaving.turn();
    fabric.run(500);
    fabric.congested.clear();
    fabric.run(5000);
    assert.equal(fabric.whereabouts(first.id), "");
    assert.equal(fabric.whereabouts(second.id), "1 own queued");
  });
}

test("what a client calls back in between, and another one has, is not handed out there as well", () => {
  const fabric = new Fabric(2);
  const [leaving, other] = [fabric.node(0), fabric.node(1)];
  const { id } = leaving.add({ retry: 1000 });
  fabric.congested.add("0>1");
  leaving.setLeaving(true);
  fabric.run(500);
  leaving.jobs.requeue(leaving.find(id), "client");
  leaving.take();
  other.take();
  fabric.congested.clear();
  fabric.run(5000);
  assert.deepEqual([leaving.delivered, other.delivered], [[id], []]);
  assert.equal(fabric.whereabouts(id), "1 own active");
});
