/** Jobs go to where clients wait for them, soon, and each to one of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

/** Long enough for everything that follows from one thing; short of any second thoughts. */
const SOON_MS = 30;

/** What was said of jobs, each with the ends, in order. */
function said(fabric: Fabric): string[] {
  const types = new Set(["want", "have", "grant", "push", "handed", "returned"]);
  return fabric.sent.filter((line) => types.has(line.split(" ")[1] as string));
}

test("who waits on one node gets the first job that was ever added on another", () => {
  const fabric = new Fabric(3, { delayMsMax: 1 });
  fabric.node(0).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add();
  const tookMs = fabric.until(() => fabric.node(0).delivered.length > 0, SOON_MS);
  assert.deepEqual(fabric.node(0).delivered, [id]);
  assert.ok(tookMs <= 4, `${tookMs} ms, one hop takes 1`);
  assert.equal(fabric.whereabouts(id), "0 borrowed active, 1 own lent");
});

test("a job that is there already comes to who begins to wait elsewhere", () => {
  const fabric = new Fabric(3, { delayMsMax: 1 });
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  fabric.node(0).take();
  const tookMs = fabric.until(() => fabric.node(0).delivered.length > 0, SOON_MS);
  assert.deepEqual(fabric.node(0).delivered, [id]);
  assert.ok(tookMs <= 4, `${tookMs} ms, one hop takes 1`);
});

test("two nodes that know each other need one message a job each way", () => {
  const fabric = new Fabric(5, { delayMsMax: 1 });
  const pass = (jobs: number) => {
    for (let i = 0; i < jobs; i++) {
      fabric.node(0).take();
      fabric.run(SOON_MS);
      fabric.node(1).add();
      fabric.run(SOON_MS);
    }
  };
  // Within a second all are told what is no longer so.
  pass(20);
  fabric.sent.length = 0;
  pass(10);
  assert.equal(fabric.node(0).delivered.length, 30);
  const kinds = new Set(said(fabric));
  assert.deepEqual(kinds, new Set(["0>1 want", "1>0 push", "0>1 handed"]));
  assert.equal(said(fabric).length, 30);
});

test("clients of the node that has the job come first", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take();
  fabric.node(1).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
  assert.deepEqual(fabric.node(0).delivered, []);
});

test("a job that nobody takes any more goes back to its queue, as if nothing had happened", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take("q", 1, SOON_MS);
  fabric.run(2 * SOON_MS);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  assert.equal(fabric.count("push"), 1);
  assert.equal(fabric.count("returned"), 1);
  assert.equal(fabric.whereabouts(id), "1 own queued");
  const { jobs } = fabric.node(1).broker;
  assert.equal(jobs.additionalDeliveries(fabric.node(1).find(id)), 0);
  fabric.run(5000);
  assert.equal(fabric.count("push"), 1);
});

test("who asks without waiting finds the job when it asks again", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  fabric.node(0).take("q", 1, 0);
  fabric.run(1000);
  fabric.node(0).take("q", 1, 0);
  assert.deepEqual(fabric.node(0).delivered, [id]);
});

test("who asks without waiting and never again does not keep the job", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  fabric.node(0).take("q", 1, 0);
  fabric.run(1000);
  assert.equal(fabric.whereabouts(id), "0 borrowed queued, 1 own lent");
  fabric.run(1100);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("a paused queue neither lends nor borrows", () => {
  const fabric = new Fabric(2);
  const lender = fabric.node(1);
  lender.broker.pause(lender.queue(), false, true);
  const { id } = lender.add();
  fabric.node(0).take();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own queued");
  lender.broker.pause(lender.queue(), false, false);
  lender.turn();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(0).delivered, [id]);
});

test("a job delivered at most once moves, and is delivered once", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(1).add({ retry: 0 });
  fabric.node(0).take();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(0).delivered, [id]);
  assert.equal(fabric.whereabouts(id), "0 own active");
});

test("a job delivered at most once whose receiver dies is not delivered again", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take();
  fabric.run(SOON_MS);
  fabric.cut(0, 1);
  fabric.join(0, 1);
  fabric.node(1).add({ retry: 0 });
  assert.equal(fabric.count("push"), 1);
  fabric.restart(0);
  fabric.run(SOON_MS);
  assert.equal(fabric.records, 0);
});

test("a borrowed job that is not acknowledged is due again at its keeper, RETRY after it was handed out", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add({ retry: 3 });
  fabric.run(2900);
  assert.equal(fabric.whereabouts(id), "0 borrowed active, 1 own lent");
  fabric.run(200);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("acknowledging a borrowed job ends it everywhere", () => {
  const fabric = new Fabric(3);
  fabric.node(0).take();
  const { id } = fabric.node(1).add({ replicate: 2 });
  fabric.run(SOON_MS);
  assert.equal(fabric.node(0).ack(id), true);
  fabric.run(SOON_MS);
  assert.equal(fabric.records, 0);
});

test("a job that comes to a node with a copy of it makes that node its keeper", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add({ replicate: 2 });
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(0).delivered, [id]);
  assert.equal(fabric.whereabouts(id), "0 own active, 1 copy");
  assert.deepEqual(fabric.node(1).listOf(id), [0, 1]);
});

test("nobody is told anything about queues that are served where they are", () => {
  const fabric = new Fabric(3);
  fabric.sent.length = 0;
  for (let i = 0; i < 10; i++) {
    fabric.node(1).add();
    fabric.node(1).take();
  }
  fabric.run(5000);
  assert.ok(said(fabric).length <= 4, said(fabric).join());
});

test("QSTAT names the nodes jobs come from while they come", () => {
  const fabric = new Fabric(2);
  const { lending } = fabric.node(0).jobs;
  fabric.node(0).take();
  fabric.node(1).add();
  fabric.run(SOON_MS);
  assert.deepEqual(lending.importsFrom(fabric.node(0).queue()), [fabric.node(1).id]);
  assert.ok(lending.importRate(fabric.node(0).queue()) > 0);
  fabric.run(5100);
  assert.deepEqual(lending.importsFrom(fabric.node(0).queue()), []);
  assert.equal(lending.importRate(fabric.node(0).queue()), 0);
});

test("as many jobs come as are asked for", () => {
  const fabric = new Fabric(2);
  for (let i = 0; i < 5; i++) fabric.node(1).add();
  fabric.run(SOON_MS);
  fabric.node(0).take("q", 3);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(0).delivered.length, 3);
  assert.equal(fabric.node(1).jobs.lending.jobsPushed, 3);
});

test("nobody waits for a node whose jobs were taken by its own clients while another one has some", () => {
  for (const empty of [1, 2, 3]) {
    const fabric = new Fabric(4);
    const ids = [1, 2, 3].map((number) => fabric.node(number).add().id);
    fabric.run(SOON_MS);
    fabric.node(empty).take();
    fabric.node((empty % 3) + 1).take();
    fabric.node(0).take();
    fabric.run(SOON_MS);
    assert.deepEqual(fabric.node(0).delivered, [ids[(empty + 1) % 3]]);
  }
});

test("when a job came for nobody, no other node sends one", () => {
  const fabric = new Fabric(4);
  const nodes = [1, 2, 3].map((number) => fabric.node(number));
  for (const node of nodes) {
    node.add();
    fabric.run(SOON_MS);
    fabric.node(0).take();
    fabric.run(SOON_MS);
  }
  fabric.node(0).take("q", 1, 10);
  fabric.run(SOON_MS);
  for (const node of nodes) {
    node.add();
    fabric.run(SOON_MS);
  }
  assert.equal(fabric.node(0).jobs.lending.jobsReturned, 1);
});

test("who asks again and again without waiting gets job after job", () => {
  const fabric = new Fabric(2);
  for (let i = 0; i < 3; i++) fabric.node(1).add();
  for (let i = 0; i < 4; i++) {
    fabric.node(0).take("q", 1, 0);
    fabric.run(SOON_MS);
  }
  assert.equal(fabric.node(0).delivered.length, 3);
});

test("who waits elsewhere gets what nobody has asked for again within two seconds", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  fabric.node(0).take("q", 1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 borrowed queued, 1 own lent");
  fabric.node(2).take();
  fabric.run(2100);
  assert.deepEqual(fabric.node(2).delivered, [id]);
});

test("waiting nodes are served in turns", () => {
  const fabric = new Fabric(3);
  for (const number of [0, 2]) fabric.node(number).take("q", 10);
  fabric.run(SOON_MS);
  for (let i = 0; i < 4; i++) {
    fabric.node(1).add();
    fabric.run(SOON_MS);
    for (const number of [0, 2]) fabric.node(number).take("q", 10);
    fabric.run(SOON_MS);
  }
  for (const number of [0, 2]) {
    assert.ok(fabric.node(number).delivered.length >= 1, `node ${number} got none`);
  }
});

test("a job that is promised here and not written comes back to its keeper uncounted", () => {
  const fabric = new Fabric(2);
  const borrower = fabric.node(0);
  borrower.take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  borrower.broker.lifecycle.takeBack(borrower.find(id), false);
  borrower.turn();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own queued");
  const { jobs } = fabric.node(1).broker;
  assert.equal(jobs.additionalDeliveries(fabric.node(1).find(id)), 0);
});
