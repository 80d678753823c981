/** What is acknowledged before nodes know all copies again reaches those that nobody knows of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { JOB_ID_WORDS } from "../../../../src/core/job-id.ts";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 50;
const SETTLED_MS = 5000;

/** A job of node 0 with copies, which stays with as many as it has. */
function withCopies(replicate: number): { fabric: Fabric; id: string; others: number[] } {
  const fabric = new Fabric(3, { hasLogs: true, repairDelayMs: 10_000_000 });
  const { id } = fabric.node(0).add({ replicate });
  fabric.run(SOON_MS);
  return { fabric, id, others: fabric.node(0).listOf(id).slice(1) };
}

/** What a node has to tell others takes its time. */
function hinder(fabric: Fabric, number: number): void {
  for (const other of fabric.nodes) fabric.congested.add(`${number}>${other.number}`);
}

function settle(fabric: Fabric): void {
  fabric.run(SOON_MS);
  fabric.congested.clear();
  fabric.heal();
  fabric.run(SETTLED_MS);
}

function wordsOf(fabric: Fabric, id: string): Int32Array {
  const node = fabric.node(0);
  return Int32Array.from({ length: JOB_ID_WORDS }, (_, word) =>
    node.broker.jobs.idWord(node.find(id), word),
  );
}

test("a node that comes with a copy, and has not said so, hears of an acknowledgement", () => {
  const { fabric, id, others } = withCopies(2);
  const other = fabric.node(others[0] as number);
  hinder(fabric, 0);
  fabric.restart(0, true, true);
  assert.deepEqual([other.roleOf(id), other.listOf(id)], ["own queued", []]);
  other.ack(id);
  settle(fabric);
  assert.equal(fabric.whereabouts(id), "");
});

/** Node 0 has lost with its log's end that the other one, which is away, has a copy. */
function withForgottenHolder(): { fabric: Fabric; id: string; other: number } {
  const { fabric, id, others } = withCopies(2);
  const [other = 0] = others;
  const node = fabric.node(0);
  node.broker.roles.setList(node.find(id), []);
  fabric.crash(other);
  fabric.restart(0, true, true);
  return { fabric, id, other };
}

test("a node that may have lost who has copies asks all others, also those that come later", () => {
  const { fabric, id, other } = withForgottenHolder();
  fabric.node(0).ack(id);
  fabric.run(SOON_MS);
  fabric.restart(other, true);
  settle(fabric);
  assert.equal(fabric.whereabouts(id), "");
});

test("it asks them about a FASTACK, too, when one of them is away", () => {
  const { fabric, id, other } = withForgottenHolder();
  fabric.node(0).jobs.fastAck(wordsOf(fabric, id));
  fabric.run(SOON_MS);
  fabric.restart(other, true);
  settle(fabric);
  assert.equal(fabric.whereabouts(id), "");
});

test("it tells them of a FASTACK when all are there", () => {
  const { fabric, id } = withCopies(2);
  const node = fabric.node(0);
  node.broker.roles.setList(node.find(id), []);
  fabric.restart(0, true, true);
  fabric.node(0).jobs.fastAck(wordsOf(fabric, id));
  settle(fabric);
  assert.equal(fabric.whereabouts(id), "");
});

test("so it does with what another node acknowledges, which knows of no other copy", () => {
  const { fabric, id, others } = withCopies(2);
  const [other = 0] = others;
  const node = fabric.node(0);
  fabric.node(3 - other).take();
  node.broker.roles.setList(node.find(id), []);
  fabric.run(SOON_MS);
  fabric.crash(other);
  fabric.restart(0, true, true);
  fabric.node(3 - other).ack(id);
  fabric.run(SOON_MS);
  fabric.restart(other, true);
  settle(fabric);
  assert.equal(fabric.whereabouts(id), "");
});

test("a node has reported when it has told all, not before", () => {
  const { fabric } = withCopies(2);
  const reports = () => fabric.sent.filter((line) => /^0>. reported$/.test(line)).length;
  hinder(fabric, 0);
  fabric.restart(0, true, true);
  fabric.run(SETTLED_MS);
  assert.equal(reports(), 0);
  settle(fabric);
  assert.equal(reports(), 2);
});

test("so it has to one that knows it, and that it does not know", () => {
  const fabric = new Fabric(2, { hasLogs: true });
  fabric.node(0).add();
  fabric.node(0).removed(1);
  hinder(fabric, 0);
  fabric.restart(0, true, true);
  fabric.node(0).introduced(1);
  fabric.run(SETTLED_MS);
  assert.ok(fabric.sent.includes("1>0 report"));
  assert.ok(!fabric.sent.includes("0>1 reported"));
  settle(fabric);
  assert.ok(fabric.sent.includes("0>1 reported"));
});

test("it reports to one though another one does not get rid of what it is told", () => {
  const { fabric } = withCopies(2);
  fabric.congested.add("0>1");
  fabric.restart(0, true, true);
  fabric.run(SETTLED_MS);
  assert.ok(fabric.sent.includes("0>2 reported"));
  assert.ok(!fabric.sent.includes("0>1 reported"));
});

test("a node that starts again before it has told all tells it when it is asked", () => {
  const { fabric, id, others } = withCopies(2);
  const [other = 0] = others;
  const node = fabric.node(0);
  node.broker.roles.setList(node.find(id), []);
  hinder(fabric, 0);
  fabric.restart(0, true, true);
  fabric.run(SOON_MS);
  fabric.restart(0, true);
  fabric.run(SOON_MS);
  fabric.node(other).ack(id);
  settle(fabric);
  assert.equal(fabric.whereabouts(id), "");
});

/** Node 0 has lost its log's end, and starts again; node 2 is linked with neither process before that. */
function startedAgain(isTold: boolean): { fabric: Fabric; news: () => string[] } {
  const { fabric } = withCopies(2);
  if (!isTold) hinder(fabric, 0);
  fabric.restart(0, true, true);
  fabric.run(isTold ? 3 * SETTLED_MS : SOON_MS);
  fabric.crash(2);
  fabric.restart(0, true);
  fabric.run(SOON_MS);
  fabric.congested.clear();
  fabric.sent.length = 0;
  fabric.restart(2);
  fabric.run(SETTLED_MS);
  return { fabric, news: () => fabric.sent.filter((line) => line === "0>2 telling") };
}

test("a node that starts again before it has told all tells newcomers who do not ask, too", () => {
  assert.deepEqual(startedAgain(false).news(), ["0>2 telling"]);
  assert.deepEqual(startedAgain(true).news(), []);
});

test("when all is told, nobody is asked who is in no list", () => {
  const { fabric } = withCopies(2);
  fabric.restart(0, true, true);
  fabric.run(SETTLED_MS);
  fabric.sent.length = 0;
  for (const node of fabric.nodes) {
    const { id } = node.add();
    node.ack(id);
  }
  fabric.run(SOON_MS);
  assert.equal(fabric.count("ack"), 0);
});

test("a node that is not heard of for long is not asked any more", () => {
  const { fabric, others } = withCopies(2);
  fabric.crash(others[0] as number);
  fabric.restart(0, true, true);
  fabric.run(300_000);
  const { id } = fabric.node(0).add();
  fabric.node(0).ack(id);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(0).roleOf(id), "");
});

test("it is asked again when it is linked after that", () => {
  const { fabric, id, others } = withCopies(2);
  const [other = 0] = others;
  const node = fabric.node(0);
  node.broker.roles.setList(node.find(id), []);
  for (const { number } of fabric.nodes) fabric.cut(0, number);
  fabric.restart(0, true, true);
  fabric.restart(0, true);
  fabric.run(300_000);
  hinder(fabric, 0);
  fabric.join(0, other);
  fabric.run(SOON_MS);
  fabric.node(other).ack(id);
  settle(fabric);
  assert.equal(fabric.whereabouts(id), "");
});

/** Whether node 1 would ask another one about what nobody else has. */
function isInDoubt(fabric: Fabric): boolean {
  return fabric.node(1).jobs.unreported().length > 0;
}

test("a node that says that it goes on telling is waited for, however long that takes", () => {
  const fabric = new Fabric(2);
  // It does not come to the end.
  fabric.silence(1, 0);
  for (let times = 0; times < 10; times++) {
    fabric.node(1).receive(0, { type: "telling" });
    fabric.run(299_000);
  }
  assert.ok(isInDoubt(fabric));
  fabric.run(1000);
  assert.ok(!isInDoubt(fabric));
});

test("a node that is away, and that others name, is waited for once, and again when it is linked", () => {
  const fabric = new Fabric(3);
  const strangers = [fabric.node(2).id];
  const none = { jobs: Buffer.alloc(0), batch: 1, over: undefined, unsure: undefined };
  const keep = { type: "keep", strangers, ...none } as const;
  fabric.crash(2);
  fabric.node(1).receive(0, keep);
  assert.ok(isInDoubt(fabric));
  fabric.run(200_000);
  fabric.node(1).receive(0, keep);
  fabric.run(100_000);
  fabric.node(1).receive(0, keep);
  assert.ok(!isInDoubt(fabric));
  fabric.silence(2, 1);
  fabric.restart(2, true);
  assert.ok(isInDoubt(fabric));
});

test("nobody is asked what it has while nothing was lost", () => {
  const { fabric } = withCopies(2);
  fabric.restart(0, true);
  fabric.cut(0, 1);
  fabric.join(0, 1);
  fabric.run(SETTLED_MS);
  assert.equal(fabric.count("report"), 0);
});

test("a holder that was forgotten while it was down speaks up when they meet (cluster seed 1101295)", () => {
  const fabric = new Fabric(3, { hasLogs: true });
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(SOON_MS);
  const [, holder] = fabric.node(0).listOf(id) as [number, number];
  fabric.crash(holder);
  fabric.node(0).removed(holder);
  fabric.run(SOON_MS);
  assert.ok(!fabric.node(0).listOf(id).includes(holder));
  fabric.restart(holder, true);
  fabric.node(0).introduced(holder);
  fabric.run(SOON_MS);
  fabric.node(0).ack(id);
  fabric.run(SETTLED_MS);
  assert.equal(fabric.whereabouts(id), "");
});
