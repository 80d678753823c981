/** WORKING at the keeper of a lent job, by clients who do not have it: it waits for the borrower's answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { JobFlag } from "../../../../src/core/job.ts";
import { Fabric } from "../support/fabric.ts";
import type { FabricNode } from "../support/fabric-node.ts";

const SOON_MS = 30;
const RETRY_MS = 30_000;

/** A job of node 1 that is on its way to a client of node 0. */
function onItsWay(asked: { retry?: number } = {}): { fabric: Fabric; id: string } {
  const fabric = new Fabric(2);
  fabric.node(0).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add(asked);
  assert.equal(fabric.whereabouts(id), "1 own lent");
  return { fabric, id };
}

/** The same, and node 0 hears of it together with what its keeper says next. */
function crossing(): { fabric: Fabric; id: string; goOn: () => void } {
  const { fabric, id } = onItsWay();
  const borrower = fabric.node(0);
  borrower.isStill = true;
  const goOn = () => {
    fabric.run(SOON_MS);
    borrower.isStill = false;
    borrower.turn();
    fabric.run(SOON_MS);
  };
  return { fabric, id, goOn };
}

function postpone(node: FabricNode, id: string): void {
  node.jobs.postpone(node.find(id));
  node.turn();
}

function requeue(node: FabricNode, id: string, cause: "client" | "nack"): boolean {
  const isDone = node.jobs.requeue(node.find(id), cause);
  node.turn();
  return isDone;
}

/** In how many ms node 1 queues the job by itself. */
function dueInMs(fabric: Fabric, id: string): number {
  const { broker } = fabric.node(1);
  return broker.jobs.dueAtMs(fabric.node(1).find(id)) - fabric.nowMs;
}

/** All that any client was given. */
function deliveries(fabric: Fabric): string[] {
  return fabric.nodes.flatMap(({ delivered }) => delivered);
}

test("WORKING that crosses the push of a job keeps it from who waits there, and from everybody until RETRY is over", () => {
  const { fabric, id, goOn } = crossing();
  postpone(fabric.node(1), id);
  assert.equal(fabric.whereabouts(id), "1 own lent");
  goOn();
  assert.equal(fabric.whereabouts(id), "1 own active");
  fabric.run(dueInMs(fabric, id) - 1);
  assert.deepEqual(deliveries(fabric), []);
  fabric.run(SOON_MS);
  assert.deepEqual(deliveries(fabric), [id]);
});

test("a job that was handed out before its keeper's WORKING was heard there is due RETRY after that", () => {
  const { fabric, id } = onItsWay();
  fabric.silence(0, 1);
  fabric.run(SOON_MS);
  assert.deepEqual(deliveries(fabric), [id]);
  postpone(fabric.node(1), id);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own lent");
  fabric.endSilence(0, 1);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own active");
  assert.ok(dueInMs(fabric, id) >= RETRY_MS - SOON_MS, `${dueInMs(fabric, id)}`);
  const { jobs } = fabric.node(1).broker;
  assert.ok(jobs.hasFlag(fabric.node(1).find(id), JobFlag.delivered));
});

test("a job that is handed out and asked back in one turn is answered as handed out", () => {
  const fabric = new Fabric(2);
  const borrower = fabric.node(0);
  borrower.take("q", 1, 0);
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  assert.equal(borrower.roleOf(id), "borrowed queued");
  borrower.isStill = true;
  borrower.take();
  postpone(fabric.node(1), id);
  fabric.run(SOON_MS);
  borrower.isStill = false;
  borrower.turn();
  fabric.run(SOON_MS);
  assert.deepEqual(deliveries(fabric), [id]);
  assert.equal(fabric.count("handed"), 1);
  assert.equal(fabric.whereabouts(id), "1 own active");
  assert.ok(dueInMs(fabric, id) >= RETRY_MS - 2 * SOON_MS, `${dueInMs(fabric, id)}`);
});

test("a job is asked back once, and due RETRY after the last WORKING", () => {
  const { fabric, id, goOn } = crossing();
  postpone(fabric.node(1), id);
  fabric.run(1000);
  postpone(fabric.node(1), id);
  goOn();
  assert.equal(fabric.count("recall"), 1);
  assert.equal(fabric.whereabouts(id), "1 own active");
  assert.ok(dueInMs(fabric, id) > RETRY_MS - 500, `${dueInMs(fabric, id)}`);
});

for (const cause of ["client", "nack"] as const) {
  const verb = cause === "nack" ? "NACK" : "ENQUEUE";
  test(`${verb} after WORKING leaves a lent job to who may have been given it, and counts (cluster seed 885490)`, () => {
    const { fabric, id, goOn } = crossing();
    const keeper = fabric.node(1);
    postpone(keeper, id);
    assert.equal(requeue(keeper, id, cause), true);
    assert.equal(requeue(keeper, id, cause), false);
    keeper.take("q", 1, 0);
    assert.equal(fabric.whereabouts(id), "1 own lent");
    goOn();
    // It is back in its queue, and goes to who waits.
    fabric.run(SOON_MS);
    assert.deepEqual(deliveries(fabric), [id]);
    const job = keeper.find(id);
    const { jobs } = keeper.broker;
    const counted = cause === "nack" ? jobs.nacks(job) : jobs.additionalDeliveries(job);
    assert.equal(counted, 1);
  });
}

test("a postponed job whose borrower is believed dead is due when RETRY is over", () => {
  const { fabric, id, goOn } = crossing();
  postpone(fabric.node(1), id);
  fabric.node(1).setLive(0, false);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(1).roleOf(id), "own active");
  goOn();
  assert.equal(fabric.whereabouts(id), "1 own active");
  assert.deepEqual(deliveries(fabric), []);
});

test("a postponed job is due when RETRY is over though its borrower's answer is lost", () => {
  const { fabric, id } = onItsWay();
  const keeper = fabric.node(1);
  fabric.silence(0, 1);
  postpone(keeper, id);
  fabric.run(SOON_MS);
  fabric.breakStream(0, 1);
  fabric.heal();
  fabric.run(SOON_MS);
  assert.equal(keeper.roleOf(id), "own active");
  assert.ok(dueInMs(fabric, id) >= RETRY_MS - 3 * SOON_MS, `${dueInMs(fabric, id)}`);
});

test("a postponed job is due when RETRY is over though its borrower starts again", () => {
  const { fabric, id } = onItsWay();
  postpone(fabric.node(1), id);
  fabric.restart(0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own active");
  assert.ok(dueInMs(fabric, id) >= RETRY_MS - 3 * SOON_MS, `${dueInMs(fabric, id)}`);
});

test("a postponed job is queued when RETRY is over and its borrower has said nothing", () => {
  const { fabric, id } = onItsWay({ retry: 1 });
  fabric.silence(1, 0);
  postpone(fabric.node(1), id);
  fabric.run(1000 + SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

/** Node 1 has lent a job to node 0, which has a copy, and does not hear of it. */
function onItsWayToCopy(): { fabric: Fabric; id: string } {
  const fabric = new Fabric(2);
  const { id } = fabric.node(1).add({ replicate: 2 });
  fabric.run(SOON_MS);
  fabric.node(0).take();
  fabric.until(() => fabric.node(1).roleOf(id) === "own lent", 100);
  fabric.silence(1, 0);
  return { fabric, id };
}

test("WORKING holds where a job comes to one who has a copy", () => {
  const { fabric, id } = onItsWayToCopy();
  fabric.node(0).isStill = true;
  postpone(fabric.node(1), id);
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  fabric.node(0).isStill = false;
  fabric.node(0).turn();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own active, 1 copy");
  assert.deepEqual(deliveries(fabric), []);
});

test("WORKING holds for a job whose push waits for the link to one who has a copy", () => {
  const { fabric, id } = onItsWayToCopy();
  fabric.cut(0, 1);
  postpone(fabric.node(1), id);
  fabric.heal();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 copy, 1 own active");
  assert.deepEqual(deliveries(fabric), []);
});

test("WORKING holds although the borrower has become keeper, believing its lender dead", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take("q", 1, 0);
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 borrowed queued, 1 own lent");
  fabric.silence(0, 1);
  fabric.silence(1, 0);
  postpone(fabric.node(1), id);
  fabric.node(0).setLive(1, false);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own queued, 1 own lent");
  fabric.heal();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own active, 1 copy");
});

test("WORKING holds at who took the job over, though it comes back to its keeper of before behind that", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(SOON_MS);
  const [, heir = 0] = fabric.node(0).listOf(id);
  const borrower = fabric.node(3 - heir);
  borrower.take("q", 1, 40);
  fabric.until(() => fabric.node(0).roleOf(id) === "own lent", 100);
  borrower.isStill = true;
  postpone(fabric.node(0), id);
  fabric.run(100);
  fabric.silence(borrower.number, 0);
  fabric.silence(heir, 0);
  borrower.isStill = false;
  borrower.turn();
  fabric.node(heir).setLive(0, false);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), `0 own lent, ${heir} own queued`);
  fabric.endSilence(heir, 0);
  fabric.node(heir).setLive(0, true);
  fabric.run(SOON_MS);
  fabric.endSilence(borrower.number, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), `0 copy, ${heir} own active`);
  assert.deepEqual(deliveries(fabric), []);
});

test("a job that was lent by who took it over comes back when its keeper of before tells of a lease", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(SOON_MS);
  fabric.node(0).take();
  const [, heir = 0] = fabric.node(0).listOf(id);
  const borrower = 3 - heir;
  fabric.silence(heir, 0);
  fabric.node(borrower).take();
  fabric.run(SOON_MS);
  fabric.node(heir).setLive(0, false);
  fabric.until(() => fabric.node(heir).roleOf(id) === "own lent", 100);
  fabric.node(borrower).isStill = true;
  fabric.heal();
  fabric.run(SOON_MS);
  fabric.node(borrower).isStill = false;
  fabric.node(borrower).turn();
  fabric.run(SOON_MS);
  assert.equal(fabric.node(heir).roleOf(id), "own active");
  assert.deepEqual(fabric.node(borrower).delivered, []);
});

test("a job delivered at most once that is on its way goes on its way, whatever WORKING says", () => {
  const { fabric, id } = onItsWay({ retry: 0 });
  postpone(fabric.node(1), id);
  assert.equal(fabric.whereabouts(id), "1 own lent");
  fabric.run(SOON_MS);
  assert.deepEqual(deliveries(fabric), [id]);
  assert.equal(fabric.count("recall"), 0);
  assert.equal(fabric.node(1).roleOf(id), "");
});
