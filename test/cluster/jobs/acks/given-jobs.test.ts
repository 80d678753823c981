/** Who has just given a job away knows who keeps it, before those who have copies do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 50;
/** Who was told of an acknowledgement has waited for the end of its collection. */
const COLLECTED_MS = 3000;

/** Node 0 leaves, and cannot reach any more to whom it has given its job, of whom no holder has heard. */
function justGiven(): { fabric: Fabric; id: string; keeper: number; holder: number } {
  const fabric = new Fabric(5);
  const giver = fabric.node(0);
  const { id } = giver.add({ replicate: 3 });
  fabric.run(SOON_MS);
  const [, ...holders] = giver.listOf(id);
  giver.setLeaving(true);
  const keeper = giver.listOf(id).find((number) => number !== 0 && !holders.includes(number)) ?? 0;
  for (const holder of holders) fabric.silence(keeper, holder);
  fabric.until(() => giver.roleOf(id) === "", SOON_MS);
  fabric.cut(0, keeper);
  return { fabric, id, keeper, holder: holders[0] ?? 0 };
}

/** The acknowledgement is remembered until the keeper has heard of it, and nobody is delivered the job then. */
function assertOver(fabric: Fabric, id: string): void {
  fabric.run(COLLECTED_MS);
  assert.match(fabric.whereabouts(id), /tombstone/);
  fabric.heal();
  fabric.run(SOON_MS);
  for (const node of fabric.nodes) node.take("q", 1, SOON_MS);
  fabric.run(COLLECTED_MS);
  assert.deepEqual(
    fabric.nodes.flatMap(({ delivered }) => delivered),
    [],
  );
  assert.equal(fabric.whereabouts(id), "");
}

test("what is acknowledged where it was given away is over at its next keeper, of whom no holder has heard", () => {
  const { fabric, id, keeper } = justGiven();
  fabric.node(0).ack(id);
  fabric.run(SOON_MS);
  assert.match(fabric.whereabouts(id), new RegExp(`${keeper} (own queued|tombstone)`));
  assertOver(fabric, id);
});

test("so it is when a holder comes to the end before who gave it away has found anybody", () => {
  const { fabric, id, holder } = justGiven();
  fabric.cut(0, holder);
  // Whom node 0 asks first does not answer in time.
  for (const { number } of fabric.nodes) if (number !== holder) fabric.silence(number, 0);
  fabric.node(0).ack(id);
  fabric.node(holder).ack(id);
  fabric.join(0, holder);
  fabric.run(SOON_MS);
  assertOver(fabric, id);
});
