/** A keeper that starts again from its log knows no more which copies it was not sure of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";
import { fewestCopies } from "../support/fewest-copies.ts";

/** A job with two copies; a third one in the keeper's list was dropped, and the answer is lost with the keeper. */
function withLostAnswer() {
  const fabric = new Fabric(4, { hasLogs: true });
  const { id, job } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const [, holder] = fabric.node(0).listOf(id) as [number, number];
  assert.equal(fabric.node(0).jobs.makeCopies(job, 1), 1);
  fabric.run(50);
  const [, , dropped] = fabric.node(0).listOf(id) as [number, number, number];
  fabric.silence(dropped, 0);
  fabric.node(0).jobs.examine(job);
  fabric.run(5000);
  assert.equal(fabric.node(dropped).roleOf(id), "");
  return { fabric, id, holder, dropped };
}

test("a restarted keeper drops no copy for one that was dropped before", () => {
  const { fabric, id, holder } = withLostAnswer();
  fabric.restart(holder);
  fabric.run(2000);
  fabric.crash(0);
  fabric.heal();
  fabric.restart(0, true);
  assert.equal(fewestCopies(fabric, id, 5000), 2);
});

test("nor does it when it hears of the job in the turn in which such a node is linked", () => {
  const { fabric, id, holder, dropped } = withLostAnswer();
  fabric.restart(holder);
  fabric.run(2000);
  fabric.crash(0);
  fabric.heal();
  fabric.crash(dropped);
  fabric.restart(0, true);
  fabric.run(5000);
  const keeper = fabric.node(0);
  keeper.isStill = true;
  fabric.restart(dropped, true);
  keeper.jobs.examine(keeper.find(id));
  keeper.isStill = false;
  keeper.turn();
  assert.equal(fewestCopies(fabric, id, 5000), 2);
});
