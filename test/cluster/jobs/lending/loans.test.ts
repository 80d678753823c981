/** Loans that end in other ways than by the word of the borrower. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OWN_INDEX } from "../../../../src/cluster/nodes.ts";
import { UnwrittenJobs } from "../../../../src/commands/unwritten-jobs.ts";
import { JobFlag } from "../../../../src/core/job.ts";
import { Fabric } from "../support/fabric.ts";
import type { Asked } from "../support/fabric-add.ts";

const SOON_MS = 30;

/** Node 1 has lent a job to one without a copy, where it waits for a client who has asked once. */
function withLoan(asked: Asked = {}): { fabric: Fabric; id: string; borrower: number } {
  const fabric = new Fabric(4);
  const { id } = fabric.node(1).add(asked);
  fabric.run(SOON_MS);
  const borrower = [0, 2, 3].find((number) => fabric.node(number).roleOf(id) === "") ?? 0;
  fabric.node(borrower).take("q", 1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(borrower).roleOf(id), "borrowed queued");
  return { fabric, id, borrower };
}

test("a push that arrives after its loan is over puts nothing into a queue", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take("q", 1, 0);
  fabric.run(SOON_MS);
  fabric.silence(1, 0);
  const { id } = fabric.node(1).add({ retry: 1 });
  fabric.run(1200);
  assert.equal(fabric.whereabouts(id), "1 own queued");
  fabric.node(1).take();
  assert.equal(fabric.node(1).ack(id), true);
  fabric.heal();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "");
  fabric.node(0).take("q", 1, 0);
  assert.deepEqual(fabric.node(0).delivered, []);
});

test("a job is asked back from a borrower that is believed dead", () => {
  const { fabric, id, borrower } = withLoan();
  fabric.node(1).setLive(borrower, false);
  fabric.run(SOON_MS);
  assert.equal(fabric.count("recall"), 1);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("a job whose keeper changes while it is lent is due at the new one when nobody took it", () => {
  const { fabric, id, borrower } = withLoan({ replicate: 2 });
  const holder = fabric.node(1).listOf(id)[1] as number;
  fabric.node(holder).setLive(1, false);
  fabric.run(SOON_MS);
  fabric.node(holder).take();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(holder).delivered, [id]);
  assert.equal(fabric.node(borrower).roleOf(id), "");
});

test("WORKING at the keeper of a lent job holds although the borrower becomes its keeper", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take("q", 1, 0);
  fabric.run(SOON_MS);
  fabric.silence(0, 1);
  const { id } = fabric.node(1).add({ replicate: 1, retry: 5 });
  const keeper = fabric.node(1);
  keeper.jobs.postpone(keeper.find(id));
  keeper.turn();
  fabric.heal();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own active");
});

test("DELJOB of a job that waits at a borrower brings it back to its keeper", () => {
  const { fabric, id, borrower } = withLoan();
  const node = fabric.node(borrower);
  node.jobs.delete(node.find(id));
  node.turn();
  // It may come once more, for whoever has asked here.
  fabric.run(2100);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("who waits at a borrower after DELJOB is served at once, though more was asked for before", () => {
  const fabric = new Fabric(2);
  const borrower = fabric.node(0);
  borrower.take("q", 3, SOON_MS);
  fabric.run(2 * SOON_MS);
  borrower.take("q", 1, 0);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  assert.equal(borrower.roleOf(id), "borrowed queued");
  borrower.jobs.delete(borrower.find(id));
  borrower.turn();
  borrower.take();
  fabric.run(SOON_MS);
  assert.deepEqual(borrower.delivered, [id]);
});

test("DELJOB at a borrower gives back what somebody there was to get in the same turn", () => {
  const fabric = new Fabric(2);
  const borrower = fabric.node(0);
  borrower.take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add();
  borrower.isStill = true;
  fabric.run(SOON_MS);
  borrower.jobs.delete(borrower.find(id));
  borrower.isStill = false;
  borrower.turn();
  fabric.run(SOON_MS);
  assert.deepEqual(borrower.delivered, [id]);
});

test("DELJOB at a borrower takes nothing from a client there, however soon it comes", () => {
  for (const hasAnswered of [true, false]) {
    const fabric = new Fabric(2);
    const [borrower, keeper] = [fabric.node(0), fabric.node(1)];
    borrower.take("q", 1, 0);
    fabric.run(SOON_MS);
    const { id } = keeper.add({ retry: 5 });
    fabric.run(SOON_MS);
    assert.equal(borrower.roleOf(id), "borrowed queued");
    borrower.isStill = !hasAnswered;
    borrower.take("q", 1, 0);
    assert.deepEqual(borrower.delivered, [id]);
    borrower.jobs.delete(borrower.find(id));
    borrower.isStill = false;
    borrower.turn();
    keeper.take();
    fabric.run(SOON_MS);
    fabric.breakStream(1, 0);
    fabric.run(SOON_MS);
    assert.deepEqual(keeper.delivered, []);
    fabric.run(5000);
    assert.deepEqual(keeper.delivered, [id]);
  }
});

test("a borrowed job whose reply was lost goes back at once, though its queue is paused in input here", () => {
  const fabric = new Fabric(2);
  const borrower = fabric.node(0);
  borrower.take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add({ retry: 1 });
  fabric.run(SOON_MS);
  borrower.broker.pause(borrower.queue(), true, false);
  borrower.broker.lifecycle.takeBack(borrower.find(id), true);
  borrower.turn();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

/** Node 0 has a job of node 1 in a reply, and then, asked for it too late by whoever was keeper, a copy. */
function copyInReply(): { fabric: Fabric; id: string; unwritten: UnwrittenJobs } {
  const fabric = new Fabric(2);
  const borrower = fabric.node(0);
  borrower.take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add({ retry: 5 });
  fabric.run(SOON_MS);
  const unwritten = new UnwrittenJobs();
  unwritten.add(borrower.broker, borrower.find(id));
  const { roles } = borrower.broker;
  roles.giveUp(borrower.find(id));
  roles.setList(borrower.find(id), [borrower.indexOf(1), OWN_INDEX]);
  assert.equal(fabric.whereabouts(id), "0 copy, 1 own lent");
  return { fabric, id, unwritten };
}

/** The same, and its keeper knows of that copy. */
function outWhereCopyIs(): { fabric: Fabric; id: string } {
  const { fabric, id } = copyInReply();
  const keeper = fabric.node(1);
  const { roles } = keeper.broker;
  const [, ...loans] = roles.list(keeper.find(id));
  roles.setList(keeper.find(id), [OWN_INDEX, keeper.indexOf(0), ...loans]);
  return { fabric, id };
}

test("WORKING of who has a job holds though the copy came there behind it", () => {
  const { fabric, id } = outWhereCopyIs();
  fabric.run(1000);
  fabric.node(0).jobs.postpone(fabric.node(0).find(id));
  fabric.node(0).turn();
  fabric.run(SOON_MS);
  const { jobs } = fabric.node(1).broker;
  assert.ok(jobs.dueAtMs(fabric.node(1).find(id)) >= fabric.nowMs + 4900);
});

test("a NACK of who has a job brings it back though the copy came there behind it", () => {
  const { fabric, id } = outWhereCopyIs();
  assert.equal(fabric.node(0).jobs.requeue(fabric.node(0).find(id), "nack"), true);
  fabric.node(0).turn();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 copy, 1 own queued");
});

test("a job whose reply is lost comes back at once though its borrower has a copy by now", () => {
  const { fabric, id, unwritten } = copyInReply();
  unwritten.handedOver();
  unwritten.takeBack(fabric.node(0).broker);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 copy, 1 own queued");
  const { jobs } = fabric.node(1).broker;
  assert.equal(jobs.additionalDeliveries(fabric.node(1).find(id)), 0);
  fabric.node(0).take();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(0).delivered, [id, id]);
});

test("it does not come back when its reply is lost after its lease, or has been written", () => {
  const late = copyInReply();
  late.fabric.run(5000);
  late.fabric.sent.length = 0;
  late.unwritten.takeBack(late.fabric.node(0).broker);
  late.fabric.run(SOON_MS);
  assert.equal(late.fabric.count("returned"), 0);

  const written = copyInReply();
  written.unwritten.handedOver();
  written.unwritten.written();
  written.unwritten.takeBack(written.fabric.node(0).broker);
  written.fabric.run(SOON_MS);
  assert.equal(written.fabric.whereabouts(written.id), "0 copy, 1 own lent");
});

test("a lease goes on when the node that has the job from its keeper is gone", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add({ retry: 3 });
  fabric.run(SOON_MS);
  fabric.restart(0);
  fabric.run(1000);
  assert.equal(fabric.node(1).broker.roles.isLent(fabric.node(1).find(id)), false);
  assert.equal(fabric.whereabouts(id), "1 own active");
});

test("a copy that seems to be too many is not dropped while the job is lent to its node", () => {
  const { fabric, id, borrower } = withLoan({ replicate: 2 });
  const keeper = fabric.node(1);
  const job = keeper.find(id);
  const { roles } = keeper.broker;
  // Its copy was dropped when the push came, and that is not known here.
  const loan = roles.list(job).slice(-1);
  roles.setList(job, [...roles.list(job).slice(0, -1), keeper.indexOf(borrower), ...loan]);
  keeper.jobs.examine(job);
  keeper.turn();
  fabric.run(SOON_MS);
  assert.equal(fabric.node(borrower).roleOf(id), "borrowed queued");
});

test("a job that was delivered before comes back, too, when it may have been lost on its way", () => {
  const { fabric, id, borrower } = withLoan({ retry: 60 });
  const keeper = fabric.node(1);
  keeper.broker.jobs.setFlag(keeper.find(id), JobFlag.delivered, true);
  keeper.jobs.streamBroken(keeper.indexOf(borrower));
  assert.equal(keeper.roleOf(id), "own queued");
});

test("who has taken a job that is delivered at most once is told to an acknowledgement that comes late", () => {
  const fabric = new Fabric(3);
  const node = fabric.node(0);
  const { id, job } = node.add({ retry: 0 });
  const { roles, jobs } = node.broker;
  const words = Int32Array.from({ length: 6 }, (_, word) => jobs.idWord(job, word));
  const ids = Buffer.alloc(24);
  for (const [word, value] of words.entries()) ids.writeInt32BE(value, word * 4);
  roles.lend(node.queue(), node.indexOf(1));
  assert.equal(node.jobs.givenTo(words), -1);
  node.jobs.lending.loans.handed(node.indexOf(1), {
    type: "handed",
    ids,
    lastHeard: 1,
  });
  assert.equal(node.roleOf(id), "");
  assert.equal(node.jobs.givenTo(words), node.indexOf(1));
});
