/** What lending survives: links that break, nodes that die, owners that change. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";
import type { FabricNode } from "../support/fabric-node.ts";

/** Long enough for everything that follows from one thing; short of any second thoughts. */
const SOON_MS = 40;

/** The number of the node that acts as owner of queue "q", as all see it. */
function ownerOf(fabric: Fabric): number {
  const { lending } = fabric.node(0).jobs;
  assert.equal(lending.markets, 0);
  fabric.node(0).add();
  fabric.run(SOON_MS);
  const first = fabric.sent.find((line) => line.endsWith(" have"));
  return Number(first?.split(/[> ]/)[1] ?? 0);
}

for (const victim of [0, 1, 2, 3]) {
  test(`whoever dies, waiters and jobs of the others find each other (node ${victim})`, () => {
    const fabric = new Fabric(4);
    const [waiting = 0, having = 0] = [0, 1, 2, 3].filter((number) => number !== victim);
    fabric.node(waiting).take();
    fabric.run(SOON_MS);
    fabric.crash(victim);
    fabric.setLive(victim, false);
    fabric.run(SOON_MS);
    const { id } = fabric.node(having).add();
    fabric.run(SOON_MS);
    assert.deepEqual(fabric.node(waiting).delivered, [id]);
  });

  test(`whoever starts again, waiters and jobs of the others find each other (node ${victim})`, () => {
    const fabric = new Fabric(4);
    const [waiting = 0, having = 0] = [0, 1, 2, 3].filter((number) => number !== victim);
    fabric.node(waiting).take();
    fabric.run(SOON_MS);
    fabric.restart(victim);
    fabric.run(SOON_MS);
    const { id } = fabric.node(having).add();
    fabric.run(SOON_MS);
    assert.deepEqual(fabric.node(waiting).delivered, [id]);
  });
}

test("jobs that a node had before its link broke come to who waits behind it, when it is back", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  fabric.split([1], [0, 2]);
  fabric.node(0).take();
  fabric.run(500);
  assert.deepEqual(fabric.node(0).delivered, []);
  fabric.heal();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(0).delivered, [id]);
});

test("where the owner is not heard and nobody knows it yet, all nodes are asked after two seconds", () => {
  const fabric = new Fabric(4);
  const owner = ownerOf(fabric);
  const others = [0, 1, 2, 3].filter((number) => number !== owner);
  const [waiting = 0, having = 0] = others;
  fabric.node(waiting).take();
  fabric.run(SOON_MS);
  const before = fabric.node(waiting).delivered.length;
  for (const other of others) {
    fabric.silence(other, owner);
    fabric.silence(owner, other);
  }
  fabric.node(waiting).take();
  const { id } = fabric.node(having).add();
  const tookMs = fabric.until(() => fabric.node(waiting).delivered.length > before, 2100);
  assert.ok(fabric.node(waiting).delivered.includes(id), `${tookMs} ms`);
});

test("a job that waits for somebody at a borrower that dies is back at once", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  fabric.node(0).take("q", 1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 borrowed queued, 1 own lent");
  fabric.restart(0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("a client keeps its job for RETRY when the borrower it got it from dies", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add({ retry: 3 });
  fabric.run(SOON_MS);
  fabric.restart(0);
  fabric.run(2800);
  assert.equal(fabric.whereabouts(id), "1 own active");
  fabric.run(200);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("a lent job comes back when it may have been lost on its way", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take();
  fabric.run(SOON_MS);
  fabric.cut(0, 1);
  fabric.join(0, 1);
  fabric.silence(1, 0);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own lent");
  fabric.node(1).jobs.streamBroken(fabric.node(1).indexOf(0));
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("a node that knows a job as acknowledged does not hand it out, and tells who sent it", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  fabric.split([0], [1, 2]);
  fabric.node(0).take();
  assert.equal(fabric.node(0).ack(id), false);
  fabric.heal();
  fabric.run(2000);
  assert.deepEqual(fabric.node(0).delivered, []);
  assert.equal(fabric.records, 0);
});

test("the last node of a cluster stops dealing", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take();
  fabric.run(SOON_MS);
  fabric.forget(1);
  fabric.run(SOON_MS);
  const { lending } = fabric.node(0).jobs;
  assert.equal(lending.trades, 0);
  assert.equal(fabric.node(0).broker.queues.notesChanges, false);
  assert.equal(lending.nextWakeAtMs, Number.POSITIVE_INFINITY);
});

test("nothing is remembered of queues that nobody uses any more", () => {
  const fabric = new Fabric(3);
  fabric.node(0).take("q", 1, 100);
  const { id } = fabric.node(1).add({ queue: "r" });
  fabric.run(SOON_MS);
  fabric.node(0).take("r");
  fabric.run(SOON_MS);
  fabric.node(0).ack(id);
  fabric.node(1).add({ queue: "q", ttl: 60 });
  fabric.run(400_000);
  for (const { jobs } of fabric.nodes) assert.equal(jobs.lending.trades, 0);
});

test("what may not have arrived is said again", () => {
  const fabric = new Fabric(2);
  const [waiting, having] = [fabric.node(0), fabric.node(1)];
  waiting.take();
  having.add({ queue: "r" });
  fabric.run(SOON_MS);
  fabric.sent.length = 0;
  waiting.jobs.streamBroken(waiting.indexOf(1));
  waiting.turn();
  having.jobs.streamBroken(having.indexOf(0));
  having.turn();
  assert.equal(fabric.count("want"), 1);
  assert.equal(fabric.count("have"), 1);
});

test("ENQUEUE at the keeper takes a job away from its borrower", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take();
  fabric.run(SOON_MS);
  const keeper = fabric.node(1);
  const { id } = keeper.add();
  fabric.run(SOON_MS);
  assert.equal(keeper.jobs.requeue(keeper.find(id), "client"), true);
  keeper.turn();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("a node that forgets all its jobs and queues deals again afterwards", () => {
  const fabric = new Fabric(3);
  fabric.node(0).take();
  fabric.node(1).add({ queue: "r" });
  fabric.run(SOON_MS);
  for (const number of [0, 1]) {
    fabric.node(number).jobs.flush();
    fabric.node(number).turn();
  }
  fabric.run(SOON_MS);
  fabric.node(0).take("r");
  const { id } = fabric.node(1).add({ queue: "r" });
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(0).delivered, [id]);
});

test("nonsense does nothing", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(1).add();
  fabric.run(SOON_MS);
  const { jobs } = fabric.node(1);
  const nonsense = Buffer.alloc(61, 7);
  jobs.received(1, { type: "push", jobs: nonsense, number: undefined });
  jobs.received(1, { type: "handed", ids: nonsense, lastHeard: undefined });
  jobs.received(1, { type: "returned", ids: nonsense, lastHeard: undefined });
  const queue = Buffer.from("q");
  const credits = Number.MAX_SAFE_INTEGER;
  jobs.received(1, { type: "grant", grants: [{ queue, nodeId: "e".repeat(40), credits }] });
  jobs.received(1, { type: "have", queues: [{ queue: Buffer.alloc(0), jobs: credits }] });
  fabric.node(1).turn();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

for (const retry of [30, 0]) {
  test(`a job that comes when memory is full goes back, and comes again when it is not (RETRY ${retry})`, () => {
    const fabric = new Fabric(2);
    const [waiting, having] = fabric.nodes as [FabricNode, FabricNode];
    waiting.take();
    fabric.run(SOON_MS);
    waiting.broker.memory.maxBytes = 1;
    const { id } = having.add({ retry });
    fabric.run(SOON_MS);
    assert.equal(fabric.count("returned"), 1);
    assert.equal(fabric.whereabouts(id), "1 own queued");
    assert.deepEqual([waiting.broker.jobs.count, waiting.jobs.lending.jobsReturned], [0, 1]);
    fabric.run(5000);
    assert.ok(fabric.count("push") <= 2, "it does not go to and fro");
    waiting.broker.memory.maxBytes = 0;
    fabric.run(1100);
    assert.deepEqual(waiting.delivered, [id]);
  });
}

test("owners with a full memory bring together who waits and what is there, of queues that are new to them", () => {
  const fabric = new Fabric(4);
  const [having, waiting] = fabric.nodes as [FabricNode, FabricNode];
  for (const { broker } of fabric.nodes.slice(2)) {
    broker.memory.maxBytes = 1_000_000;
    broker.otherBytes = 1_000_001;
  }
  const queues = Array.from({ length: 20 }, (_, n) => `queue-${n}`);
  for (const queue of queues) waiting.take(queue);
  fabric.run(SOON_MS);
  for (const queue of queues) having.add({ queue });
  fabric.run(2 * SOON_MS);
  assert.equal(waiting.delivered.length, queues.length);
});
