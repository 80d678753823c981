/** A list that is on its way tells of a process of which its receiver has heard that it is gone, with all it had. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

test("a leaving holder keeps its copy until one that started again is asked whether it has one", () => {
  const fabric = new Fabric(4);
  const keeper = fabric.node(0);
  const { id } = keeper.add({ replicate: 3, retry: 100 });
  fabric.run(20);
  const [, lost = 0, leaver = 0] = keeper.listOf(id);
  const heir = [1, 2, 3].find((number) => number !== lost && number !== leaver) as number;
  fabric.crash(lost);
  fabric.silence(0, heir);
  keeper.setLeaving(true);
  fabric.until(() => fabric.sent.includes(`0>${heir} keep`), 10_000);
  fabric.cut(lost, heir);
  fabric.restart(lost);
  fabric.endSilence(0, heir);
  fabric.node(leaver).setLeaving(true);
  fabric.run(20);
  assert.equal(fabric.node(heir).roleOf(id), "own queued");
  assert.ok(fabric.node(heir).listOf(id).includes(lost));
  fabric.join(lost, heir);
  fabric.until(() => fabric.node(leaver).roleOf(id) !== "copy", 30_000);
  assert.equal(fabric.node(lost).roleOf(id), "copy");
});
