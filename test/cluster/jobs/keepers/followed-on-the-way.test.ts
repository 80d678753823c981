/** A holder that no list names speaks up to a keeper whose job is on its way to the next one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "../../../../src/core/job.ts";
import { words } from "../../../support/id-words.ts";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 30;

/** Node 2 has a copy of a job of node 0 that no list names. */
function strayCopy(fabric: Fabric, id: string): Job {
  const { broker } = fabric.node(2);
  const told = {
    id: words(id),
    queueNumber: fabric.node(2).queue().number,
    replicate: 1,
    delaySeconds: 0,
    retrySeconds: 1000,
    ttlSeconds: 3600,
    createdMs: 0,
    createdCounter: 0,
    expiresAtMs: fabric.nowMs + 3_600_000,
    epoch: 0,
    nacks: 0,
    additionalDeliveries: 0,
    wasQueued: false,
    wasDelivered: false,
  };
  const copy = broker.addTold(told, Buffer.from("body"), 0, 4);
  broker.roles.beginCopy(copy);
  const list = [0, 2].map((number) => fabric.node(2).indexOf(number));
  broker.roles.setList(copy, list);
  return copy;
}

test("the next keeper hears of it, so that no copy stays when the job is acknowledged", () => {
  const fabric = new Fabric(3);
  const [first, second, third] = [fabric.node(0), fabric.node(1), fabric.node(2)];
  fabric.silence(1, 0);
  third.setLeaving(true);
  const { id } = first.add({ retry: 1000 });
  const copy = strayCopy(fabric, id);
  first.setLeaving(true);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent, 1 own queued, 2 copy");
  third.jobs.askKeeper(copy);
  third.turn();
  fabric.run(SOON_MS);
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  second.ack(id);
  fabric.run(5000);
  assert.equal(fabric.whereabouts(id), "");
});
