/** Jobs that were pushed to a node before it was cut off, and arrive when it is back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 30;
const RETRY_S = 2;

/** A job of node 0 that is on its way to a client of node 1, behind a cut. */
function onItsWay(retry: number) {
  const fabric = new Fabric(3);
  fabric.node(1).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(0).add({ retry });
  fabric.cut(0, 1);
  return { fabric, id };
}

test("a job that was acknowledged elsewhere before its push arrived is not handed out", () => {
  const { fabric, id } = onItsWay(RETRY_S);
  assert.equal(fabric.node(0).roleOf(id), "own lent");
  fabric.run(RETRY_S * 1000 + SOON_MS);
  fabric.node(0).take();
  fabric.until(() => fabric.node(0).delivered.length > 0, 1000);
  fabric.node(0).ack(id);
  fabric.run(SOON_MS);
  fabric.join(0, 1);
  fabric.run(1000);
  assert.deepEqual(fabric.node(1).delivered, []);
  assert.equal(fabric.whereabouts(id), "");
});

for (const [where, nodes] of [
  ["its lender", [0]],
  ["its borrower", [1]],
  ["its lender and its borrower", [0, 1]],
] as const) {
  test(`a job that was acknowledged at ${where} before its push arrived is not handed out`, () => {
    const { fabric, id } = onItsWay(1000);
    for (const number of nodes) fabric.node(number).ack(id);
    fabric.run(SOON_MS);
    fabric.join(0, 1);
    fabric.run(1000);
    assert.deepEqual(fabric.node(1).delivered, []);
    assert.equal(fabric.whereabouts(id), "");
  });
}

test("one that is still lent to it is handed out at once, and that is said", () => {
  const { fabric, id } = onItsWay(1000);
  fabric.run(SOON_MS);
  fabric.sent.length = 0;
  fabric.join(0, 1);
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
  assert.deepEqual(
    [fabric.count("push"), fabric.count("handed"), fabric.count("returned")],
    [0, 1, 0],
  );
});

for (const [giver, waiting] of [
  [0, 1],
  [1, 2],
  [2, 0],
] as const) {
  // One of the three brings the queue's jobs and waiters together.
  test(`who waited at node ${waiting} for a job of node ${giver} that was called back gets the next one`, () => {
    const fabric = new Fabric(3);
    fabric.node(waiting).take();
    fabric.run(SOON_MS);
    const { id } = fabric.node(giver).add({ retry: RETRY_S });
    fabric.cut(giver, waiting);
    fabric.run(RETRY_S * 1000 + SOON_MS);
    fabric.node(giver).take();
    fabric.until(() => fabric.node(giver).delivered.length > 0, 1000);
    fabric.node(giver).ack(id);
    fabric.join(giver, waiting);
    fabric.run(SOON_MS);
    const next = fabric.node(giver).add();
    fabric.run(SOON_MS);
    assert.deepEqual(fabric.node(waiting).delivered, [next.id]);
  });
}

test("its link may end and begin again before its recall is heard of", () => {
  const { fabric, id } = onItsWay(RETRY_S);
  fabric.run(RETRY_S * 1000 + SOON_MS);
  fabric.node(0).take();
  fabric.until(() => fabric.node(0).delivered.length > 0, 1000);
  fabric.node(0).ack(id);
  fabric.join(0, 1);
  // One message a ms or two: the push has come, and what is behind it has not.
  fabric.run(2);
  fabric.cut(0, 1);
  fabric.run(10_000);
  fabric.join(0, 1);
  fabric.run(1000);
  assert.deepEqual(fabric.node(1).delivered, []);
  assert.equal(fabric.whereabouts(id), "");
});

test("a push that comes behind the recall of an earlier one of the same job is handed out", () => {
  const { fabric, id } = onItsWay(RETRY_S);
  fabric.run(RETRY_S * 1000 + SOON_MS);
  assert.equal(fabric.node(0).roleOf(id), "own queued");
  fabric.join(0, 1);
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
  assert.equal(fabric.node(0).roleOf(id), "own lent");
});

test("a job that waited for a node which stood still is handed out when the next link has said all", () => {
  const fabric = new Fabric(3);
  const [lender, borrower] = [fabric.node(0), fabric.node(1)];
  borrower.take();
  fabric.run(SOON_MS);
  borrower.jobs.linkIsStale(borrower.indexOf(0));
  const { id } = lender.add();
  fabric.run(10_000);
  // What the old link began with may have waited behind the job.
  borrower.jobs.received(borrower.indexOf(0), { type: "resent" });
  fabric.run(SOON_MS);
  assert.deepEqual(borrower.delivered, []);
  fabric.cut(0, 1);
  fabric.run(SOON_MS);
  fabric.join(0, 1);
  fabric.run(SOON_MS);
  assert.deepEqual(borrower.delivered, [id]);
});

test("one that is delivered at most once is handed out where it has moved to", () => {
  const { fabric, id } = onItsWay(0);
  fabric.run(SOON_MS);
  fabric.join(0, 1);
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
});

test("a sender that does not say when it is up to date is believed after a while", () => {
  const fabric = new Fabric(2);
  fabric.node(1).jobs.peerUp(fabric.node(1).indexOf(0));
  fabric.run(6000);
  fabric.node(1).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(0).add();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
});
