/** Two keepers that do not know of each other ask the same node for a copy. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

test("two keepers that have forgotten each other become one by a holder that both have asked for a copy", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const other = fabric.node(0).listOf(id)[1] as number;
  fabric.node(0).removed(other);
  fabric.node(other).removed(0);
  fabric.run(50);
  const roles = [0, other].map((number) => fabric.node(number).roleOf(id));
  assert.deepEqual(roles.sort(), ["copy", "own queued"]);
});
