/**
 * ACKJOB between nodes with all that belongs to a job: copies, keepers, borrowers.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

/** Messages about acknowledgements; copies and lists are others' business. */
function ackMessages(fabric: Fabric): number {
  return fabric.count("ack") + fabric.count("acked") + fabric.count("finish");
}

test("a job with three copies is gone everywhere when it is acknowledged, wherever that is", () => {
  for (let asker = 0; asker < 7; asker++) {
    const fabric = new Fabric(7, { seed: asker + 1 });
    const { id, outcome } = addTo(fabric);
    assert.equal(outcome, "added");
    fabric.sent.length = 0;
    fabric.node(asker).ack(id);
    fabric.run(500);
    assert.equal(fabric.records, 0, fabric.whereabouts(id));
    assert.ok(ackMessages(fabric) <= 12, `${fabric.sent}`);
  }
});

test("a consumer's acknowledgement holds while a holder is away", () => {
  const fabric = new Fabric(5);
  const { id } = addTo(fabric);
  const away = fabric.node(0).listOf(id)[2] as number;
  const others = [0, 1, 2, 3, 4].filter((number) => number !== away);
  fabric.split([away], others);
  fabric.node(0).ack(id);
  fabric.run(3000);
  assert.match(fabric.whereabouts(id), /0 tombstone/);
  fabric.heal();
  fabric.run(500);
  assert.equal(fabric.records, 0, fabric.whereabouts(id));
  fabric.node(away).take("q", 1, 100);
  fabric.run(200);
  assert.deepEqual(fabric.node(away).delivered, []);
});

function addTo(fabric: Fabric) {
  const added = fabric.node(0).add({ replicate: 3 });
  fabric.run(50);
  return added;
}
