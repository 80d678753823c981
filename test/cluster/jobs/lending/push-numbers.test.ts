/** Answers to a push that cross the next push of the same job. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OWN_INDEX } from "../../../../src/cluster/nodes.ts";
import { UnwrittenJobs } from "../../../../src/commands/unwritten-jobs.ts";
import { Fabric } from "../support/fabric.ts";
import type { FabricNode } from "../support/fabric-node.ts";

const SOON_MS = 30;
/** What came for who asks without waiting stays for him so long. */
const LODGING_MS = 2000;

/** A client of node 0 has a job of node 1, another one waited there until now, and node 1 hears nothing from there. */
function lostReply(): { fabric: Fabric; id: string; borrower: FabricNode; keeper: FabricNode } {
  const fabric = new Fabric(2);
  const [borrower, keeper] = [fabric.node(0), fabric.node(1)];
  borrower.take();
  borrower.take("q", 1, 100);
  fabric.run(SOON_MS);
  const { id } = keeper.add();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 borrowed active, 1 own lent");
  fabric.silence(0, 1);
  fabric.run(100);
  return { fabric, id, borrower, keeper };
}

test("that nobody has a job is not said of its next loan", () => {
  const { fabric, id, borrower, keeper } = lostReply();
  borrower.broker.lifecycle.takeBack(borrower.find(id), true);
  borrower.turn();
  assert.equal(keeper.jobs.requeue(keeper.find(id), "nack"), true);
  keeper.turn();
  borrower.take();
  fabric.run(SOON_MS);
  assert.deepEqual(borrower.delivered, [id, id]);
  fabric.endSilence(0, 1);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 borrowed active, 1 own lent");
});

test("nor where a copy came behind the first loan, which makes that node keeper with the next one", () => {
  const { fabric, id, borrower, keeper } = lostReply();
  const unwritten = new UnwrittenJobs();
  unwritten.add(borrower.broker, borrower.find(id));
  unwritten.handedOver();
  borrower.broker.roles.giveUp(borrower.find(id));
  borrower.broker.roles.setList(borrower.find(id), [borrower.indexOf(1), OWN_INDEX]);
  unwritten.takeBack(borrower.broker);
  borrower.turn();
  assert.equal(keeper.jobs.requeue(keeper.find(id), "nack"), true);
  keeper.turn();
  keeper.take();
  borrower.take();
  fabric.run(SOON_MS);
  fabric.endSilence(0, 1);
  fabric.run(SOON_MS);
  assert.deepEqual(borrower.delivered, [id, id]);
  assert.deepEqual(keeper.delivered, []);
});

test("a job delivered at most once that came round is forgotten for its last move, not for one before", () => {
  const fabric = new Fabric(3);
  const ask = (number: number) => {
    fabric.run(LODGING_MS);
    fabric.node(number).take("q", 1, 0);
    fabric.run(SOON_MS);
  };
  ask(2);
  fabric.silence(2, 0);
  const { id } = fabric.node(0).add({ retry: 0 });
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent, 2 own queued");
  ask(1);
  assert.equal(fabric.whereabouts(id), "0 own lent, 1 own queued");
  ask(0);
  assert.equal(fabric.whereabouts(id), "0 own queued");
  fabric.silence(0, 2);
  ask(2);
  assert.equal(fabric.whereabouts(id), "0 own lent");
  fabric.endSilence(2, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent");
  fabric.endSilence(0, 2);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "2 own queued");
});
