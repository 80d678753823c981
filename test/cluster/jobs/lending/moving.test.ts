/** Jobs that are delivered at most once, while they move to where somebody waits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 30;

/** A job on its way from node 0 to node 1, which is its keeper by now, and node 0 has not heard of that. */
function moving() {
  const fabric = new Fabric(3);
  fabric.node(1).take("q", 1, 0);
  fabric.run(SOON_MS);
  fabric.silence(1, 0);
  const { id, job } = fabric.node(0).add({ retry: 0 });
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent, 1 own queued");
  return { fabric, id, job };
}

/** Node 2 has a copy of a job that no list names, and takes node 1 for its keeper. */
function strayCopy(fabric: Fabric, id: string): number {
  const { broker } = fabric.node(1);
  const { broker: other } = fabric.node(2);
  const job = fabric.node(1).find(id);
  const words = Int32Array.from({ length: 6 }, (_, word) => broker.jobs.idWord(job, word));
  const told = {
    id: words,
    queueNumber: fabric.node(2).queue().number,
    replicate: 1,
    delaySeconds: 0,
    retrySeconds: 0,
    ttlSeconds: 3600,
    createdMs: 0,
    createdCounter: 0,
    expiresAtMs: broker.jobs.expiresAtMs(job),
    epoch: broker.jobs.epoch(job),
    nacks: 0,
    additionalDeliveries: 0,
    wasQueued: false,
    wasDelivered: false,
  };
  const copy = other.addTold(told, Buffer.from("body"), 0, 4);
  other.roles.beginCopy(copy);
  const list = [1, 2].map((number) => fabric.node(2).indexOf(number));
  other.roles.setList(copy, list);
  return copy;
}

test("a third node that names the receiver as its keeper does not make the two give it up to each other", () => {
  const { fabric, id } = moving();
  const copy = strayCopy(fabric, id);
  fabric.node(2).jobs.showTo(copy, fabric.node(2).indexOf(0));
  fabric.node(2).turn();
  fabric.run(SOON_MS);
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  fabric.node(1).take();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
});

test("nor does what the sender says of its keeper to all in its list, the receiver among them", () => {
  const { fabric, id, job } = moving();
  const { broker, jobs } = fabric.node(0);
  broker.roles.setList(job, [0, fabric.node(0).indexOf(1), ...broker.roles.list(job).slice(1)]);
  jobs.announceList(job);
  jobs.announceTaken(job);
  jobs.showTo(job, fabric.node(0).indexOf(1));
  fabric.run(SOON_MS);
  fabric.endSilence(1, 0);
  fabric.node(1).take();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
});
