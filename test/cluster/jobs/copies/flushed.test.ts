/** FLUSHALL at a holder while a job waits for its other copies. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

test("a copy that was confirmed and is gone by FLUSHALL does not count: another one is made", () => {
  const fabric = new Fabric(4);
  for (const number of [1, 2, 3]) fabric.silence(number, 0);
  const added = fabric.node(0).add({ replicate: 3 });
  const [first, second] = fabric.node(0).listOf(added.id).slice(1) as [number, number];
  fabric.endSilence(first, 0);
  fabric.run(10);
  assert.equal(fabric.node(first).roleOf(added.id), "copy");
  fabric.node(first).jobs.flush();
  fabric.run(10);
  assert.equal(added.outcome, "waiting");
  for (const number of [1, 2, 3]) fabric.endSilence(number, 0);
  const holders = () => [1, 2, 3].filter((node) => fabric.node(node).roleOf(added.id) === "copy");
  fabric.until(() => added.outcome !== "waiting", 1000);
  assert.equal(holders().length, 2, `${holders()}; ${first} was flushed, ${second} was not`);
});
