/** NACK, ENQUEUE and WORKING for jobs that are lent, or on their way to somebody. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";
import type { FabricNode } from "../support/fabric-node.ts";

const SOON_MS = 30;

/** A job of node 1, and a client that waits for it at node 0. */
function lent(asked: { replicate?: number } = {}, nodes = 2): { fabric: Fabric; id: string } {
  const fabric = new Fabric(nodes);
  fabric.node(0).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add({ retry: 30, ...asked });
  return { fabric, id };
}

function nack(node: FabricNode, id: string): boolean {
  const isDone = node.jobs.requeue(node.find(id), "nack");
  node.turn();
  return isDone;
}

/** All that any client was given. */
function deliveries(fabric: Fabric): string[] {
  return fabric.nodes.flatMap(({ delivered }) => delivered);
}

test("a NACK at the keeper that crosses the push of the job brings it to one client, not to two", () => {
  const { fabric, id } = lent({}, 3);
  assert.equal(fabric.whereabouts(id), "1 own lent");
  fabric.node(2).take();
  nack(fabric.node(1), id);
  fabric.run(0);
  assert.equal(deliveries(fabric).length, 0);
  fabric.run(1000);
  assert.deepEqual(deliveries(fabric), [id]);
  const leases = fabric.running.filter((node) => node.roleOf(id) === "borrowed active");
  assert.equal(leases.length, 1, fabric.whereabouts(id));
});

test("a NACK for a job that still stands in a borrower's queue changes nothing", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  fabric.node(0).take("q", 1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 borrowed queued, 1 own lent");
  assert.equal(nack(fabric.node(1), id), false);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 borrowed queued, 1 own lent");
  assert.equal(fabric.count("recall"), 0);
  assert.equal(fabric.node(1).broker.jobs.nacks(fabric.node(1).find(id)), 0);
});

test("a NACK at the keeper brings back what a client of the borrower has", () => {
  const { fabric, id } = lent();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(0).delivered, [id]);
  nack(fabric.node(1), id);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own queued");
  assert.equal(fabric.node(1).broker.jobs.nacks(fabric.node(1).find(id)), 1);
});

test("a NACK at a holder brings it back by way of the keeper", () => {
  const fabric = new Fabric(4);
  const { id } = fabric.node(1).add({ replicate: 2 });
  fabric.run(SOON_MS);
  const [, holder = 0] = fabric.node(1).listOf(id);
  const borrower = [0, 2, 3].find((number) => number !== holder) ?? 0;
  fabric.node(borrower).take();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(borrower).delivered, [id]);
  nack(fabric.node(holder), id);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(1).roleOf(id), "own queued");
  assert.equal(fabric.node(1).broker.jobs.nacks(fabric.node(1).find(id)), 1);
});

test("a NACK does not wait for a borrower that cannot be reached", () => {
  const { fabric, id } = lent();
  fabric.run(SOON_MS);
  fabric.cut(0, 1);
  nack(fabric.node(1), id);
  assert.equal(fabric.node(1).roleOf(id), "own queued");
});

test("WORKING that crosses the push by which its asker becomes keeper is not lost", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(1).add({ replicate: 2, retry: 5 });
  fabric.run(SOON_MS);
  // The copy's node learns of clients, and is pushed the job, while it still believes in its keeper.
  fabric.silence(1, 0);
  fabric.node(0).take("q", 1, 0);
  fabric.until(() => fabric.node(1).roleOf(id) === "own lent", 100);
  assert.equal(fabric.node(0).roleOf(id), "copy");
  fabric.node(0).jobs.postpone(fabric.node(0).find(id));
  fabric.node(0).turn();
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own active, 1 copy");
  const job = fabric.node(0).find(id);
  assert.ok(fabric.node(0).broker.jobs.dueAtMs(job) >= fabric.nowMs + 4900);
});
