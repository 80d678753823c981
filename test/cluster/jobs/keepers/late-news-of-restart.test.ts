/** A node that lost its memory has new copies already when the last one hears of its empty start, and strikes it out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 50;

test("a copy that came before the news of its node's empty start is known to the next keeper, and ends with the others", () => {
  const fabric = new Fabric(4);
  const [first, next, fresh] = [fabric.node(0), fabric.node(1), fabric.node(2)];
  fabric.restart(2);
  fabric.run(SOON_MS);
  fabric.cut(1, 2);
  const { id, queue } = heldBy(fabric, [0, 1, 2]);
  next.take(queue);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 copy, 1 own active, 2 copy");
  fabric.hearOfRestart(1, 2);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 copy, 1 own active, 2 copy, 3 copy");
  fabric.join(1, 2);
  fabric.run(SOON_MS);
  first.ack(id);
  fabric.run(SOON_MS);
  assert.equal(fresh.roleOf(id), "");
});

/** A job of node 0 of which those nodes and no others have copies. */
function heldBy(fabric: Fabric, nodes: readonly number[]): { id: string; queue: string } {
  for (let number = 0; number < 100; number++) {
    const queue = `q${number}`;
    const { id } = fabric.node(0).add({ replicate: nodes.length, retry: 100, queue });
    fabric.run(SOON_MS);
    if (nodes.every((node) => fabric.node(0).listOf(id).includes(node))) return { id, queue };
  }
  throw new Error("the ring chose others for all of them");
}
