/** A request for a copy that was lost with its link is not taken for one that may still be answered. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

/** How long an answer may take in the fabric, before its node counts as slow. */
const PATIENCE_MS = 50;

test("a copy is made of which the request was lost, though nobody waits and the other one falls silent just then", () => {
  const fabric = new Fabric(3);
  fabric.silence(2, 0);
  const { id } = fabric.node(0).add({ replicate: 3, isAsync: true });
  fabric.cut(0, 1);
  // In the turn in which that link is back the other node has been silent for too long.
  fabric.after(PATIENCE_MS, () => fabric.join(0, 1));
  fabric.run(1000);
  fabric.heal();
  fabric.run(5000);
  assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy, 2 copy");
});

test("so is one of which the request was held back until nobody waited for it", () => {
  const fabric = new Fabric(3);
  fabric.silence(1, 0);
  fabric.node(0).add({ replicate: 3, isAsync: true });
  fabric.run(5);
  fabric.congested.add("0>1");
  const { id } = fabric.node(0).add({ replicate: 3, isAsync: true });
  fabric.run(1000);
  fabric.congested.clear();
  fabric.heal();
  fabric.run(5000);
  assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy, 2 copy");
});
