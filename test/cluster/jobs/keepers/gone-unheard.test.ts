/**
 * A holder's word that it has no copy any more reaches another holder, and not the keeper, which goes on
 * naming that node. What is acknowledged then is over for the keeper, too, and nobody waits for ever.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

/** Who has heard of an acknowledgement, and not that all have, asks the others after so long. */
const PATIENCE_MS = 1100;
const LEASE_SECONDS = 3;

interface Told {
  readonly fabric: Fabric;
  readonly id: string;
  /** Has deleted its copy. */
  readonly leaver: number;
  /** Has heard of that. */
  readonly follower: number;
}

/** A client of the keeper, node 0, has the job; one of the two other holders is cut off from there. */
function deletedUnheard(): Told {
  const fabric = new Fabric(4);
  const keeper = fabric.node(0);
  keeper.take();
  const { id } = keeper.add({ replicate: 3, retry: LEASE_SECONDS });
  fabric.run(50);
  assert.deepEqual(keeper.delivered, [id]);
  const [, follower = 0, leaver = 0] = keeper.listOf(id);
  fabric.cut(0, leaver);
  const node = fabric.node(leaver);
  assert.equal(node.jobs.delete(node.find(id)), true);
  node.turn();
  fabric.run(50);
  assert.ok(fabric.sent.includes(`${leaver}>${follower} gone`));
  assert.deepEqual(keeper.listOf(id), [0, follower, leaver]);
  return { fabric, id, leaver, follower };
}

for (const who of ["follower", "leaver"] as const) {
  test(`what is acknowledged at the ${who} is not delivered again, and forgotten when all are linked`, () => {
    const told = deletedUnheard();
    const { fabric, id } = told;
    fabric.node(told[who]).ack(id);
    fabric.run(PATIENCE_MS);
    for (const node of fabric.running) node.take();
    fabric.run(LEASE_SECONDS * 1000 + 1000);
    assert.deepEqual(
      fabric.nodes.map(({ delivered }) => delivered.length),
      [1, 0, 0, 0],
    );
    fabric.heal();
    fabric.run(PATIENCE_MS);
    assert.equal(fabric.whereabouts(id), "");
  });
}

test("nor is it kept for the sake of a node that deleted it and then lost its memory", () => {
  const { fabric, id, leaver, follower } = deletedUnheard();
  fabric.node(follower).ack(id);
  fabric.run(50);
  fabric.restart(leaver);
  fabric.heal();
  fabric.run(PATIENCE_MS);
  assert.equal(fabric.whereabouts(id), "");
});
