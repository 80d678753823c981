/** A job is acknowledged where it was given to, before its giver has heard that it arrived there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { words } from "../../../support/id-words.ts";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 50;

/** Node 0 leaves, and node 2 as well; the only copy of its job is at node 1, whose answer never comes. */
function givenUnheard() {
  const fabric = new Fabric(3);
  fabric.node(2).setLeaving(true);
  const { id } = fabric.node(0).add({ replicate: 1, retry: 1000 });
  fabric.run(SOON_MS);
  fabric.silence(1, 0);
  fabric.node(0).setLeaving(true);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent, 1 own queued");
  return { fabric, id };
}

test("the giver is told when it is linked again, and does not bring the job back (cluster seed 1198364)", () => {
  const { fabric, id } = givenUnheard();
  fabric.cut(0, 1);
  fabric.node(0).setLive(fabric.node(0).indexOf(1), false);
  assert.equal(fabric.node(1).ack(id), true);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own queued, 1 tombstone");
  fabric.endSilence(1, 0);
  fabric.join(0, 1);
  fabric.run(60_000);
  assert.equal(fabric.whereabouts(id), "");
});

test("nothing is left when it has heard of the arrival by then", () => {
  const { fabric, id } = givenUnheard();
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own queued");
  assert.deepEqual(fabric.node(1).jobs.unconfirmed(fabric.node(1).find(id)), []);
  assert.equal(fabric.node(1).ack(id), true);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "");
});

for (const verb of ["ACKJOB", "FASTACK"]) {
  test(`a giver that comes back from its log is told of ${verb} as well (cluster seed 1303110)`, () => {
    const fabric = new Fabric(2, { hasLogs: true });
    fabric.node(0).setLeaving(true);
    const { id } = fabric.node(0).add({ replicate: 1, retry: 1000 });
    fabric.until(() => fabric.node(1).roleOf(id) === "own queued", SOON_MS);
    fabric.crash(0);
    const { jobs } = fabric.node(1);
    assert.equal(verb === "FASTACK" ? jobs.fastAck(words(id)) : jobs.ack(words(id)), true);
    fabric.run(SOON_MS);
    assert.equal(fabric.whereabouts(id), "1 tombstone");
    fabric.restart(0, true);
    assert.equal(fabric.node(0).roleOf(id), "own lent");
    fabric.until(() => fabric.whereabouts(id) === "", 60_000);
    assert.equal(fabric.node(0).delivered.length, 0);
  });
}

test("a giver that has forgotten all is not waited for", () => {
  const { fabric, id } = givenUnheard();
  const job = fabric.node(1).find(id);
  assert.deepEqual(fabric.node(1).jobs.unconfirmed(job), [fabric.node(1).indexOf(0)]);
  fabric.node(0).jobs.flush();
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).jobs.unconfirmed(job), []);
});

test("a giver that keeps it after all says so", () => {
  const { fabric, id } = givenUnheard();
  fabric.node(0).setLive(1, false);
  fabric.run(SOON_MS);
  assert.match(fabric.node(0).roleOf(id), /^own/);
  fabric.node(0).setLive(1, true);
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).jobs.unconfirmed(fabric.node(1).find(id)), []);
  assert.equal(fabric.node(1).ack(id), true);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "");
});
