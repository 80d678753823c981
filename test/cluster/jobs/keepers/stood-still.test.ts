/** What a node that stood still does not do before the others had time to say what has become of its jobs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

test("a leaving node that stood still gives nothing away before it has heard what became of it", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 2, retry: 60 });
  fabric.run(50);
  const [, holder = 0] = fabric.node(0).listOf(id);
  const other = 3 - holder;
  for (const node of [1, 2]) fabric.cut(0, node);
  for (const node of [1, 2]) fabric.node(node).setLive(0, false);
  fabric.until(() => fabric.node(holder).roleOf(id).startsWith("own"), 5000);
  fabric.node(holder).take();
  fabric.node(holder).ack(id);
  const { serving } = fabric.node(0).broker;
  serving.close(fabric.nowMs + 500);
  fabric.node(0).setLeaving(true);
  fabric.node(other).take();
  for (const node of [1, 2]) fabric.node(node).setLive(0, true);
  fabric.join(0, other);
  fabric.run(100);
  fabric.join(0, holder);
  fabric.run(5000);
  assert.deepEqual(fabric.node(other).delivered, []);
  assert.equal(fabric.whereabouts(id), "");
});
