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

test("a copy that comes in the turn of a FLUSHALL is refused: another node is asked at once, and this one for later jobs", () => {
  const fabric = new Fabric(4);
  const added = fabric.node(0).add({ replicate: 2 });
  const [, asked = -1] = fabric.node(0).listOf(added.id);
  const { jobs } = fabric.node(asked);
  // The request and the flush are in one turn.
  const tick = jobs.tick.bind(jobs);
  jobs.tick = () => {
    jobs.tick = tick;
    jobs.flush();
    tick();
  };
  fabric.until(() => added.outcome === "added", 10);
  assert.equal(fabric.node(asked).roleOf(added.id), "");
  const holders = [0, 1, 2, 3].filter((node) => fabric.node(node).roleOf(added.id) !== "");
  assert.equal(holders.length, 2, `the job is on ${holders} when its producer has the reply`);
  fabric.run(1000);
  const later = Array.from({ length: 30 }, () => fabric.node(0).add({ replicate: 2 }));
  assert.ok(later.some(({ id }) => fabric.node(0).listOf(id).includes(asked)));
});
