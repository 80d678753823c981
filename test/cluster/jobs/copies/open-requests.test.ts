/**
 * A node asks for a copy, and another one keeps the job before that request arrives. The next keeper hears from there
 * that there is no copy, rightly. What becomes of the job must reach the copy all the same when it comes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { words } from "../../../support/id-words.ts";
import { Fabric } from "../support/fabric.ts";
import type { FabricNode } from "../support/fabric-node.ts";

const SOON_MS = 10;
/** Whoever has asked for a copy waits no longer for the answer. */
const SILENT_MS = 500;
/** Longer than who has nothing refuses copies of what is over. */
const LATE_MS = 12_000;
const RETRY_SECONDS = 3;
/** Who follows a keeper that is silent takes its job over. */
const DELIVERED_MS = 10_000;

interface Open {
  readonly fabric: Fabric;
  readonly id: string;
  readonly asking: FabricNode;
  readonly holder: FabricNode;
  /** Does not hear of the request yet. */
  readonly asked: FabricNode;
}

/** A job with one of two copies that are to be; `ageMs`: since they were asked for. */
function open(ageMs: number): Open {
  const fabric = new Fabric(4);
  const asking = fabric.node(0);
  for (const { number } of fabric.nodes) fabric.silence(0, number);
  const { id } = asking.add({ replicate: 3, retry: RETRY_SECONDS, isAsync: true });
  const [, holder = 0, asked = 0] = asking.listOf(id);
  fabric.endSilence(0, holder);
  // Nobody is asked instead, nor by the next keeper.
  for (const { number } of fabric.nodes) {
    asking.setLive(number, [holder, asked].includes(number));
    fabric.node(holder).setLive(number, false);
  }
  fabric.run(SOON_MS + ageMs);
  return { fabric, id, asking, holder: fabric.node(holder), asked: fabric.node(asked) };
}

/** The holder keeps the job from now on, and knows of no copy where one was asked for. */
function takeOver({ fabric, id, holder, asked }: Open): void {
  holder.jobs.takeOver(holder.find(id));
  holder.turn();
  fabric.run(SOON_MS);
  assert.equal(holder.roleOf(id), "own queued");
  assert.equal(asked.roleOf(id), "");
}

/** All that was said arrives, and whoever waits is served. */
function assertOver({ fabric, id }: Open): void {
  fabric.heal();
  fabric.run(DELIVERED_MS);
  for (const node of fabric.nodes) node.take();
  fabric.run(DELIVERED_MS);
  const delivered = fabric.nodes.filter((node) => node.delivered.length > 0);
  assert.deepEqual(delivered, [], `it is over: ${fabric.whereabouts(id)}`);
  assert.equal(fabric.records, 0, fabric.whereabouts(id));
}

function assertNotListed({ id, holder, asked }: Open): void {
  assert.ok(!holder.listOf(id).includes(asked.number), `${holder.listOf(id)}`);
}

for (const ageMs of [0, SILENT_MS]) {
  const when = ageMs === 0 ? "just" : "a while ago";
  for (const who of ["holder", "asking"] as const) {
    test(`an acknowledgement at the ${who} node reaches a copy that the former keeper has asked for ${when}`, () => {
      const of = open(ageMs);
      takeOver(of);
      assert.deepEqual(of.asking.listOf(of.id), [of.holder.number, 0]);
      of[who].ack(of.id);
      of.fabric.run(LATE_MS);
      assert.equal(of.fabric.whereabouts(of.id), "0 tombstone", "it waits for that one");
      assertOver(of);
    });

    test(`FASTACK at the ${who} node reaches a copy that the former keeper has asked for ${when}`, () => {
      const of = open(ageMs);
      takeOver(of);
      assert.equal(of[who].jobs.fastAck(words(of.id)), true);
      of[who].turn();
      of.fabric.run(SOON_MS);
      // Nobody hears that it has come.
      of.fabric.silence(of.asked.number, 0);
      of.fabric.endSilence(0, of.asked.number);
      of.fabric.run(SOON_MS);
      assert.equal(of.fabric.whereabouts(of.id), "");
    });
  }

  test(`DELJOB at a keeper reaches a copy that it has asked for ${when}`, () => {
    const of = open(ageMs);
    const { fabric, id, asking, holder } = of;
    asking.jobs.delete(asking.find(id));
    asking.turn();
    fabric.run(SOON_MS);
    assert.equal(fabric.whereabouts(id), `${holder.number} own queued`);
    holder.ack(id);
    fabric.run(LATE_MS);
    assertOver(of);
  });
}

test("a former keeper keeps its copy while who was asked for one has not answered", () => {
  const of = open(0);
  const { fabric, id, asking, holder } = of;
  takeOver(of);
  holder.jobs.dropCopies(holder.find(id), [holder.indexOf(0)], true);
  holder.turn();
  fabric.run(SOON_MS);
  assert.equal(asking.roleOf(id), "copy");
  fabric.heal();
  fabric.run(LATE_MS);
  holder.jobs.dropCopies(holder.find(id), [holder.indexOf(0)], true);
  holder.turn();
  fabric.run(SOON_MS);
  assert.equal(asking.roleOf(id), "");
});

test("one that cannot be asked does not keep it from going", () => {
  const of = open(SILENT_MS);
  const { fabric, id, asking, holder, asked } = of;
  takeOver(of);
  fabric.cut(0, asked.number);
  holder.jobs.dropCopies(holder.find(id), [holder.indexOf(0)], true);
  holder.turn();
  fabric.run(SOON_MS);
  assert.equal(asking.roleOf(id), "");
});

test("an acknowledgement reaches a copy of which a former keeper has not heard before their link broke", () => {
  const of = open(0);
  const { fabric, id, holder, asked } = of;
  takeOver(of);
  // It has the copy, and cannot tell anybody.
  for (const { number } of fabric.nodes) fabric.silence(asked.number, number);
  fabric.endSilence(0, asked.number);
  fabric.until(() => asked.roleOf(id) === "copy", SOON_MS);
  fabric.cut(0, asked.number);
  assertNotListed(of);
  holder.ack(id);
  fabric.run(SOON_MS);
  assertOver(of);
});

test("an acknowledgement reaches a copy of which only the former keeper has heard", () => {
  const of = open(0);
  const { fabric, id, holder, asked } = of;
  takeOver(of);
  fabric.silence(asked.number, holder.number);
  fabric.endSilence(0, asked.number);
  fabric.until(() => asked.roleOf(id) === "copy", SOON_MS);
  fabric.run(SOON_MS);
  assertNotListed(of);
  holder.ack(id);
  fabric.run(LATE_MS);
  assertOver(of);
});

test("nobody is asked twice where all requests are answered", () => {
  const of = open(0);
  const { fabric, id, holder } = of;
  fabric.heal();
  fabric.run(SOON_MS);
  holder.jobs.takeOver(holder.find(id));
  holder.turn();
  fabric.run(SOON_MS);
  const others = holder.listOf(id).length - 1;
  fabric.sent.length = 0;
  holder.ack(id);
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "");
  assert.equal(fabric.count("ack"), others);
});

test("a repair that is answered in part when another node keeps the job comes to its end once", () => {
  const fabric = new Fabric(6, { repairDelayMs: 100 });
  const asking = fabric.node(0);
  const { id } = asking.add({ replicate: 4 });
  fabric.run(SOON_MS);
  const [, holder = 0, ...lost] = asking.listOf(id);
  const asked = [1, 2, 3, 4, 5].filter((number) => !asking.listOf(id).includes(number));
  for (const number of asked) fabric.silence(number, 0);
  for (const number of lost) {
    fabric.crash(number);
    fabric.setLive(number, false);
  }
  fabric.until(() => asked.every((number) => asking.listOf(id).includes(number)), DELIVERED_MS);
  const next = fabric.node(holder);
  next.jobs.takeOver(next.find(id));
  next.turn();
  fabric.until(() => asking.roleOf(id) === "copy", SOON_MS);
  fabric.endSilence(asked[0] ?? 0, 0);
  fabric.run(SOON_MS);
  const added = [1, 2].map(() => asking.add({ replicate: 2, timeoutMs: DELIVERED_MS }));
  fabric.run(SILENT_MS);
  assert.deepEqual(
    added.map(({ outcome }) => outcome),
    ["added", "added"],
  );
});
