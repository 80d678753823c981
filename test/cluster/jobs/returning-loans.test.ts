/** A node that starts again with its jobs: what it had lent, borrowed, offered or begun ends well. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "./support/fabric.ts";

const SOON_MS = 100;
const LONG_RETRY = 300;
const AUDIT_MS = 2000;

/** Two nodes; a client waits at node 1 for the job that node 0 has. */
function withLoan(retry: number): { fabric: Fabric; id: string } {
  const fabric = new Fabric(2, { hasLogs: true });
  fabric.node(1).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(0).add({ retry });
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
  return { fabric, id };
}

test("a job in a client's hands elsewhere is leased on when its lender is back", () => {
  const { fabric, id } = withLoan(30);
  fabric.run(20_000);
  fabric.restart(0, true);
  fabric.run(9000);
  assert.equal(fabric.node(0).roleOf(id), "own active");
  fabric.node(1).ack(id);
  fabric.run(3000);
  assert.equal(fabric.records, 0, fabric.whereabouts(id));
});

test("a job that nobody was given is in its queue at once when its borrower is back", () => {
  const fabric = new Fabric(2, { hasLogs: true });
  fabric.node(1).take("q", 1, 200);
  fabric.run(SOON_MS);
  fabric.silence(0, 1);
  const { id } = fabric.node(0).add({ retry: LONG_RETRY });
  fabric.run(SOON_MS);
  assert.equal(fabric.node(0).roleOf(id), "own lent");
  fabric.endSilence(0, 1);
  fabric.restart(1, true);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own queued");
});

test("the lease of a client that was served by a borrower that is back runs on", () => {
  const { fabric, id } = withLoan(30);
  fabric.restart(1, true);
  fabric.run(29_000);
  assert.notEqual(fabric.node(0).roleOf(id), "own queued");
  fabric.run(2000);
  assert.equal(fabric.node(0).roleOf(id), "own queued");
});

test("a job delivered at most once that has moved is kept where it moved to, and only there", () => {
  const fabric = new Fabric(2, { hasLogs: true });
  fabric.node(1).take("q", 1, 200);
  fabric.run(SOON_MS);
  fabric.node(1).queue().isPausedOut = true;
  const { id } = fabric.node(0).add({ retry: 0 });
  fabric.silence(1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent, 1 own queued");
  fabric.endSilence(1, 0);
  for (const number of [0, 1]) fabric.crash(number);
  for (const number of [0, 1]) fabric.restart(number, true);
  fabric.run(AUDIT_MS);
  for (const number of [0, 1]) fabric.node(number).take();
  fabric.run(SOON_MS);
  assert.deepEqual(
    fabric.nodes.map(({ delivered }) => delivered),
    [[], [id]],
  );
});

test("what the clients of the process before wanted is sent to nobody", () => {
  const fabric = new Fabric(2, { hasLogs: true });
  fabric.node(1).take();
  fabric.run(SOON_MS);
  fabric.restart(1, true);
  fabric.run(SOON_MS);
  fabric.sent.length = 0;
  const { id } = fabric.node(0).add({ retry: LONG_RETRY });
  fabric.run(SOON_MS);
  assert.equal(fabric.count("push"), 0);
  assert.equal(fabric.node(0).roleOf(id), "own queued");
});

test("who waits is served by a node that is back", () => {
  const fabric = new Fabric(3, { hasLogs: true });
  fabric.node(1).take();
  fabric.run(SOON_MS);
  fabric.restart(0, true);
  fabric.run(SOON_MS);
  const { id } = fabric.node(0).add({ retry: LONG_RETRY });
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
});

test("a job waits for its copy at a node that starts again, and gets it there", () => {
  const fabric = new Fabric(2, { hasLogs: true });
  fabric.silence(0, 1);
  const added = fabric.node(0).add({ replicate: 2 });
  fabric.run(SOON_MS);
  fabric.endSilence(0, 1);
  fabric.restart(1, true);
  fabric.run(SOON_MS);
  assert.equal(added.outcome, "added");
  assert.equal(fabric.whereabouts(added.id), "0 own queued, 1 copy");
});

test("a job whose producer was never answered is there once, with its copies", () => {
  const fabric = new Fabric(3, { hasLogs: true });
  fabric.silence(1, 0);
  fabric.silence(2, 0);
  const { id } = fabric.node(0).add({ replicate: 3, retry: LONG_RETRY });
  fabric.run(20);
  assert.equal(fabric.node(0).roleOf(id), "own replicating");
  fabric.endSilence(1, 0);
  fabric.endSilence(2, 0);
  fabric.restart(0, true);
  fabric.run(5000);
  assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy, 2 copy");
});

for (const arrives of [true, false]) {
  const where = arrives ? "that has arrived" : "that has not arrived";
  test(`of a job ${where} where its leaving keeper sent it, there is one keeper in the end`, () => {
    const fabric = new Fabric(3, { hasLogs: true });
    const { id } = fabric.node(0).add({ retry: LONG_RETRY });
    fabric.run(SOON_MS);
    const ways: [number, number][] = arrives
      ? [
          [1, 0],
          [2, 0],
        ]
      : [
          [0, 1],
          [0, 2],
        ];
    for (const [from, to] of ways) fabric.silence(from, to);
    fabric.node(0).setLeaving(true);
    fabric.run(SOON_MS);
    assert.equal(fabric.node(0).roleOf(id), "own lent");
    for (const [from, to] of ways) fabric.endSilence(from, to);
    fabric.node(0).setLeaving(false);
    fabric.restart(0, true);
    fabric.run(AUDIT_MS);
    const keepers = fabric.running.filter((node) => node.roleOf(id).startsWith("own"));
    assert.equal(keepers.length, 1, fabric.whereabouts(id));
  });
}

test("what a node says at its start waits while others do not get rid of it", () => {
  const fabric = new Fabric(2, { hasLogs: true });
  const taken = (): number => fabric.sent.filter((line) => line === "0>1 taken").length;
  for (let at = 0; at < 5000; at++) {
    const asked = { replicate: 2, retry: LONG_RETRY, isAsync: true };
    fabric.node(0).add(asked);
  }
  fabric.run(SOON_MS);
  fabric.crash(0);
  fabric.congested.add("0>1");
  fabric.restart(0, true);
  fabric.run(SOON_MS);
  assert.equal(taken(), 1);
  fabric.congested.clear();
  fabric.run(SOON_MS);
  assert.equal(taken(), 2);
});

test("who has borrowed a job hears of its end, though its lender has forgotten the loan", () => {
  const fabric = new Fabric(3, { hasLogs: true });
  const { id } = fabric.node(0).add({ replicate: 2, retry: LONG_RETRY });
  fabric.run(SOON_MS);
  const holder = fabric.node(0).listOf(id)[1] as number;
  const borrower = 3 - holder;
  fabric.node(borrower).take();
  fabric.run(SOON_MS);
  assert.equal(fabric.node(borrower).roleOf(id), "borrowed active");
  fabric.crash(0);
  fabric.node(holder).ack(id);
  fabric.restart(0, true);
  fabric.run(2 * AUDIT_MS);
  assert.equal(fabric.records, 0, fabric.whereabouts(id));
});
