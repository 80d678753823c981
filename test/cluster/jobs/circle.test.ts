/** Holders that take each other for the keeper when the real one is gone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "./support/fabric.ts";

/** A job whose keeper, the last node, has told every holder another order of the others, and restarts. */
function withConfusedHolders(holders: number): { fabric: Fabric; id: string } {
  const fabric = new Fabric(holders + 1);
  const keeper = fabric.node(holders);
  const { id } = keeper.add({ replicate: holders + 1 });
  fabric.run(100);
  for (let number = 0; number < holders; number++) {
    const node = fabric.node(number);
    const others = Array.from({ length: holders - 1 }, (_, i) => (number + 1 + i) % holders);
    const list = [holders, ...others, number].map((other) => node.indexOf(other));
    node.broker.roles.setList(node.find(id), list);
  }
  fabric.restart(holders);
  return { fabric, id };
}

for (const holders of [2, 3, 5]) {
  test(`of ${holders} holders that follow each other in a circle one becomes the keeper`, () => {
    const { fabric, id } = withConfusedHolders(holders);
    fabric.run(30_000);
    const roles = fabric.running.map((node) => node.roleOf(id));
    assert.equal(roles.filter((role) => role.startsWith("own")).length, 1, `${roles}`);
    fabric.sent.length = 0;
    fabric.run(30_000);
    assert.equal(fabric.sent.length, 0, "and nobody says any more");
    fabric.node(0).take();
    fabric.run(100);
    assert.deepEqual(fabric.node(0).delivered, [id]);
  });
}
