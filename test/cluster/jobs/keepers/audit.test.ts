/** Lists of holders that were told when one of them was not known, or was thought to be another process. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const FIRST_LOOK_MS = 1000;

/** Three nodes, of which 1 and 2 have not heard of each other, and a job of node 0 on all of them. */
function halfKnown(): { fabric: Fabric; id: string } {
  const fabric = new Fabric(3);
  fabric.node(1).removed(2);
  fabric.node(2).removed(1);
  fabric.run(3 * FIRST_LOOK_MS);
  const { id } = fabric.node(0).add({ replicate: 3 });
  fabric.run(50);
  const [keeper, first, second] = fabric.node(0).listOf(id);
  assert.deepEqual([keeper, [first, second].sort()], [0, [1, 2]]);
  for (const number of [1, 2]) assert.deepEqual(fabric.node(number).listOf(id), [0, number]);
  return { fabric, id };
}

function introduce(fabric: Fabric): void {
  fabric.node(1).introduced(2);
  fabric.node(2).introduced(1);
}

describe("a holder that was not known when a list was told", () => {
  test("is in the list when both have met", () => {
    const { fabric, id } = halfKnown();
    introduce(fabric);
    fabric.run(FIRST_LOOK_MS + 50);
    const list = fabric.node(0).listOf(id);
    for (const number of [1, 2]) assert.deepEqual(fabric.node(number).listOf(id), list);
  });

  test("is not asked for by those whose lists are whole", () => {
    const fabric = new Fabric(3);
    fabric.node(0).add({ replicate: 3 });
    fabric.cut(1, 2);
    fabric.run(50);
    fabric.join(1, 2);
    fabric.sent.length = 0;
    fabric.run(3 * FIRST_LOOK_MS);
    assert.equal(fabric.count("holders"), 0);
  });

  test("hears of an acknowledgement from those who know it", () => {
    const { fabric, id } = halfKnown();
    fabric.node(1).ack(id);
    fabric.run(50);
    assert.equal(fabric.node(2).roleOf(id), "copy");
    assert.equal(fabric.node(1).roleOf(id), "tombstone");
    fabric.run(FIRST_LOOK_MS + 50);
    assert.equal(fabric.whereabouts(id), "");
  });

  test("hears of it, too, when the one who knows it is gone before it has said so", () => {
    const { fabric, id } = halfKnown();
    fabric.node(1).ack(id);
    fabric.run(50);
    introduce(fabric);
    fabric.crash(0);
    fabric.setLive(0, false);
    fabric.run(FIRST_LOOK_MS + 2000);
    assert.equal(fabric.node(2).roleOf(id), "tombstone");
  });
});

test("a holder whom the new keeper does not know hears of it from another one", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 3 });
  fabric.run(50);
  const keeper = fabric.node(1);
  keeper.removed(2);
  keeper.jobs.takeOver(keeper.find(id));
  keeper.turn();
  fabric.run(50);
  assert.deepEqual(keeper.listOf(id), [1, 0]);
  assert.equal(fabric.node(2).listOf(id)[0], 1);
});

test("new copies of a node are in the list of one that notices its restart later than others", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 3 });
  fabric.run(50);
  fabric.restart(2);
  fabric.run(FIRST_LOOK_MS + 50);
  assert.equal(fabric.node(2).roleOf(id), "copy");
  fabric.node(1).restarted(2);
  assert.deepEqual(fabric.node(1).listOf(id), [0, 1]);
  fabric.node(1).turn();
  fabric.run(FIRST_LOOK_MS + 50);
  assert.deepEqual(fabric.node(1).listOf(id), fabric.node(0).listOf(id));
  assert.equal(fabric.node(1).listOf(id).length, 3);
});
