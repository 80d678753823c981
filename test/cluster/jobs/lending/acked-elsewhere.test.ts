/** A job is acknowledged at a third node while it is on its way to a client, and its collection ends before it arrives. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 30;
/** Who was asked about an acknowledged job remembers it for ten seconds. */
const REMEMBERED_MS = 10_000;

/** Of node 0, on its way to a client of node 1, which hears nothing of node 0; acknowledged at node 2. */
function ackedElsewhere(
  replicate: number,
  stop: (fabric: Fabric) => void,
): { fabric: Fabric; id: string } {
  const fabric = new Fabric(4);
  fabric.node(1).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(0).add({ retry: 1000, replicate });
  fabric.until(() => fabric.node(0).roleOf(id) === "own lent", SOON_MS);
  stop(fabric);
  fabric.node(2).ack(id);
  return { fabric, id };
}

for (const replicate of [1, 2]) {
  for (const awayMs of [SOON_MS, REMEMBERED_MS + 1000]) {
    test(`with ${replicate} copies it is not handed out when its link is back after ${awayMs} ms`, () => {
      const { fabric, id } = ackedElsewhere(replicate, (fabric) => fabric.cut(0, 1));
      fabric.run(awayMs);
      fabric.join(0, 1);
      fabric.run(SOON_MS);
      assert.deepEqual(fabric.node(1).delivered, []);
      assert.equal(fabric.whereabouts(id), "");
    });
  }

  test(`with ${replicate} copies it is not handed out when it is only slow`, () => {
    const { fabric, id } = ackedElsewhere(replicate, (fabric) => fabric.silence(0, 1));
    fabric.run(SOON_MS);
    fabric.endSilence(0, 1);
    fabric.run(SOON_MS);
    assert.deepEqual(fabric.node(1).delivered, []);
    assert.equal(fabric.whereabouts(id), "");
  });
}
