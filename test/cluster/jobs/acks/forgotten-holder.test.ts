/** Whoever collects an acknowledgement forgets a holder that has not answered, and that others know. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 50;
/** So long others leave the collection to who began it. */
const PATIENCE_MS = 1000;

for (const [when, afterMs] of [
  ["at once", 0],
  ["when others collect as well", 2 * PATIENCE_MS],
] as const) {
  test(`a holder that has said that it has a copy is asked by who heard it (cluster seed 7712388), forgotten ${when}`, () => {
    const fabric = new Fabric(3);
    const { id } = fabric.node(0).add({ replicate: 3 });
    fabric.run(SOON_MS);
    const [collector, holder] = [fabric.node(1), fabric.node(2)];
    fabric.silence(1, 2);
    fabric.silence(0, 2);
    collector.ack(id);
    fabric.run(SOON_MS);
    assert.equal(fabric.whereabouts(id), "0 tombstone, 1 tombstone, 2 copy");
    holder.jobs.askKeeper(holder.find(id));
    holder.turn();
    fabric.run(SOON_MS + afterMs);
    collector.removed(2);
    fabric.run(SOON_MS);
    assert.equal(fabric.whereabouts(id), "0 tombstone, 2 copy");
    fabric.endSilence(0, 2);
    fabric.run(3000);
    assert.equal(fabric.whereabouts(id), "");
  });
}

test("so is a keeper that has said who has copies", () => {
  const fabric = new Fabric(3);
  const keeper = fabric.node(2);
  const { id } = keeper.add({ replicate: 3 });
  fabric.run(SOON_MS);
  fabric.silence(1, 2);
  fabric.silence(0, 2);
  fabric.node(1).ack(id);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 tombstone, 1 tombstone, 2 own queued");
  keeper.jobs.announceList(keeper.find(id));
  keeper.turn();
  fabric.run(SOON_MS);
  fabric.node(1).removed(2);
  fabric.run(SOON_MS);
  fabric.endSilence(0, 2);
  fabric.run(3000);
  assert.equal(fabric.whereabouts(id), "");
});
