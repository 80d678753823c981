/** Copies that come to be when nobody waits for them any more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

test("a copy stored for one who follows another keeper by then is not dropped (cluster seed 870267)", () => {
  const fabric = new Fabric(3);
  fabric.silence(0, 1);
  const { id } = fabric.node(0).add({ replicate: 3, isAsync: true, ttl: 30 });
  fabric.run(20);
  fabric.node(2).jobs.takeOver(fabric.node(2).find(id));
  fabric.node(2).turn();
  fabric.run(20);
  assert.deepEqual(fabric.node(0).listOf(id), [2, 0]);
  fabric.endSilence(0, 1);
  fabric.run(1000);
  assert.ok(!fabric.sent.includes("0>1 drop"));
  assert.equal(fabric.node(1).roleOf(id), "copy");
  assert.deepEqual(fabric.node(2).listOf(id).toSorted(), [0, 1, 2]);
});
