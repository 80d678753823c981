/** A job delivered at most once is shown to a node to which it is moving. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SETTLED_MS = 5000;

test("a job delivered at most once that moves is not claimed any more (cluster seed 861009)", () => {
  for (const [from, to] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const fabric = new Fabric(2);
    const [node, other] = [fabric.node(from), fabric.node(to)];
    other.take();
    fabric.run(50);
    const { id } = node.add({ replicate: 1, retry: 0 });
    assert.equal(node.roleOf(id), "own lent");
    node.jobs.showTo(node.find(id), node.indexOf(to));
    // It stands in its queue when it comes.
    other.broker.pause(other.queue(), false, true);
    fabric.run(SETTLED_MS);
    assert.equal(fabric.whereabouts(id), `${to} own queued`);
  }
});
