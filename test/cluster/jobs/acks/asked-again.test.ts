/** Who has answered an acknowledgement, and forgotten it with all else, may be given a copy by who has not heard of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 50;

const losses: readonly (readonly [string, (fabric: Fabric, node: number) => void])[] = [
  ["FLUSHALL", (fabric, node) => fabric.node(node).jobs.flush()],
  ["a new start", (fabric, node) => fabric.restart(node)],
];

for (const [loss, lose] of losses) {
  test(`a node that has answered, forgets that by ${loss}, and is given a copy again, is asked again`, () => {
    const fabric = new Fabric(3);
    const { id } = fabric.node(0).add({ replicate: 3 });
    fabric.run(SOON_MS);
    fabric.cut(0, 2);
    fabric.node(2).ack(id);
    fabric.run(SOON_MS);
    assert.equal(fabric.whereabouts(id), "0 own queued, 1 tombstone, 2 tombstone");
    lose(fabric, 1);
    fabric.run(1000);
    assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy, 2 tombstone");
    fabric.join(0, 2);
    fabric.run(3000);
    assert.equal(fabric.whereabouts(id), "");
  });
}
