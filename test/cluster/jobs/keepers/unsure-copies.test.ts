/** A copy that nobody is sure of is not counted on when another one is dropped for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DOUBT_BYTES } from "../../../../src/cluster/jobs/copies/unconfirmed-copies.ts";
import { Fabric } from "../support/fabric.ts";
import { fewestCopies } from "../support/fewest-copies.ts";

test("a leaving holder keeps its copy until who is told to forget a request has another one", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const [, leaving] = fabric.node(0).listOf(id) as [number, number];
  const other = 3 - leaving;
  fabric.node(leaving).setLeaving(true);
  assert.ok(fabric.sent.includes(`0>${other} store`));
  // The request is lost with the link, and nobody else could be asked.
  fabric.cut(0, other);
  fabric.run(1000);
  fabric.join(0, other);
  assert.equal(fewestCopies(fabric, id, 5000), 2);
  assert.equal(fabric.node(leaving).broker.jobs.count, 0);
});

test("who was told to drop its copy does not count, however long its answer takes", () => {
  const fabric = new Fabric(4);
  const { id, job } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const [, leaving] = fabric.node(0).listOf(id) as [number, number];
  assert.equal(fabric.node(0).jobs.makeCopies(job, 1), 1);
  fabric.run(50);
  const [, , tooMany] = fabric.node(0).listOf(id) as [number, number, number];
  fabric.silence(tooMany, 0);
  fabric.node(0).jobs.examine(job);
  fabric.run(5000);
  assert.equal(fabric.node(tooMany).roleOf(id), "");
  assert.deepEqual(fabric.node(0).listOf(id), [0, leaving, tooMany]);
  fabric.node(leaving).setLeaving(true);
  assert.equal(fewestCopies(fabric, id, 5000), 2);
  assert.equal(fabric.node(leaving).broker.jobs.count, 0);
});

test("a leaving node that has started again counts nobody for a holder who was only asked for a copy", () => {
  const fabric = new Fabric(5, { hasLogs: true });
  for (const { number } of fabric.nodes) fabric.silence(number, 4);
  const added = Array.from({ length: 40 }, () => fabric.node(0).add({ replicate: 3 }));
  fabric.run(500);
  const asked = added.map(({ id }) => id).filter((id) => fabric.node(0).listOf(id).includes(4));
  assert.notEqual(asked.length, 0);
  fabric.crash(4);
  fabric.restart(0, true);
  fabric.run(10);
  fabric.node(0).setLeaving(true);
  for (const id of asked) {
    fabric.until(() => fabric.node(0).roleOf(id) === "", 500);
    assert.equal(fabric.whereabouts(id).split(", ").length, 3, fabric.whereabouts(id));
  }
});

test("an answer that was lost is asked for again", () => {
  const fabric = new Fabric(3);
  const { id, job } = fabric.node(0).add();
  assert.equal(fabric.node(0).jobs.makeCopies(job, 1), 1);
  fabric.run(50);
  const [, tooMany] = fabric.node(0).listOf(id) as [number, number];
  fabric.silence(tooMany, 0);
  fabric.node(0).jobs.examine(job);
  fabric.run(50);
  assert.deepEqual(fabric.node(0).listOf(id), [0, tooMany]);
  fabric.breakStream(tooMany, 0);
  fabric.heal();
  fabric.run(10);
  assert.deepEqual(fabric.node(0).listOf(id), []);
  assert.deepEqual(fabric.node(0).jobs.unconfirmed(job), []);
});

test("what is not answered counts against the memory limit until it is", () => {
  const fabric = new Fabric(2);
  const { broker, jobs } = fabric.node(0);
  const { job } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const bytes = broker.otherBytes;
  fabric.silence(1, 0);
  jobs.dropCopies(job, [fabric.node(0).indexOf(1)], true);
  jobs.dropCopies(job, [fabric.node(0).indexOf(1)], true);
  fabric.run(50);
  assert.equal(broker.otherBytes, bytes + DOUBT_BYTES);
  fabric.endSilence(1, 0);
  fabric.run(50);
  assert.equal(broker.otherBytes, bytes);
});

test("a flush forgets what was not answered", () => {
  const fabric = new Fabric(2);
  const { broker, jobs } = fabric.node(0);
  jobs.flush();
  const bytes = broker.otherBytes;
  const { job } = fabric.node(0).add({ replicate: 2 });
  jobs.dropCopies(job, [fabric.node(0).indexOf(1)], true);
  jobs.flush();
  assert.equal(broker.otherBytes, bytes);
});

test("a leaving holder is relieved while another node is away that owes many answers", () => {
  const fabric = new Fabric(4);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const [, leaving] = fabric.node(0).listOf(id) as [number, number];
  const away = leaving === 1 ? 2 : 1;
  fabric.cut(0, away);
  fabric.node(0).setLive(away, false);
  const { jobs } = fabric.node(0);
  for (let n = 0; n < 20_010; n++) {
    jobs.dropCopies(fabric.node(0).add().job, [fabric.node(0).indexOf(away)], true);
  }
  fabric.node(leaving).setLeaving(true);
  fabric.run(10_000);
  assert.equal(fabric.node(leaving).broker.jobs.count, 0);
});

test("a copy that is held on another keeper's word is one, and the two agree on the keeper", () => {
  const fabric = new Fabric(3);
  const { id, job } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const [, other] = fabric.node(0).listOf(id) as [number, number];
  fabric.silence(other, 0);
  fabric.node(other).jobs.takeOver(fabric.node(other).find(id));
  fabric.node(0).jobs.dropCopies(job, [fabric.node(0).indexOf(other)], true);
  fabric.run(50);
  assert.equal(fabric.whereabouts(id), `0 own queued, ${other} own queued`);
  fabric.heal();
  fabric.run(50);
  assert.equal(fabric.whereabouts(id), `0 copy, ${other} own queued`);
  assert.deepEqual(fabric.node(0).jobs.unconfirmed(job), []);
});

test("an answer about another job says nothing about a request that nobody waits for any more", () => {
  const fabric = new Fabric(3);
  const { id, job } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const [, leaving] = fabric.node(0).listOf(id) as [number, number];
  const other = fabric.node(3 - leaving);
  fabric.silence(other.number, 0);
  // Two requests, of which the second one is refused, and both answers take long.
  fabric.node(0).add({ replicate: 3, isAsync: true });
  fabric.run(20);
  other.broker.memory.maxBytes = 1;
  fabric.node(leaving).setLeaving(true);
  fabric.run(1000);
  fabric.endSilence(other.number, 0);
  for (let ms = 0; ms < 20; ms++) {
    fabric.node(0).jobs.examine(job);
    assert.equal(fewestCopies(fabric, id, 1), 2);
  }
});

test("a next keeper does not count on who was asked for a copy, and leaves only when another has one", () => {
  const fabric = new Fabric(5);
  const giver = fabric.node(0);
  const { id, job } = giver.add({ replicate: 2 });
  fabric.run(50);
  const [, holder] = giver.listOf(id) as [number, number];
  const [next, ...asked] = [1, 2, 3, 4].filter((node) => node !== holder) as [number, ...number[]];
  fabric.cut(0, next);
  assert.equal(giver.jobs.makeCopies(job, 2), 2);
  const links = asked.flatMap((node) => [0, holder, next].map((other) => [other, node] as const));
  for (const [a, b] of links) fabric.cut(a, b);
  fabric.run(50);
  assert.deepEqual(giver.jobs.unconfirmed(job).toSorted(), asked);
  fabric.join(0, next);
  giver.setLeaving(true);
  fabric.run(2000);
  assert.equal(fabric.node(next).roleOf(id), "own queued");
  fabric.node(next).setLeaving(true);
  assert.equal(fewestCopies(fabric, id, 5000), 2);
  for (const [a, b] of links) fabric.join(a, b);
  assert.equal(fewestCopies(fabric, id, 5000), 2);
  assert.equal(fabric.node(next).broker.jobs.count, 0);
});
