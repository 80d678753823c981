/** The stream broke to a node that a leaving one had sent a job to: nobody knows whether there is a copy. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ANSWERS_MAX } from "../../../../src/cluster/jobs/copies/unconfirmed-copies.ts";
import { Fabric } from "../support/fabric.ts";
import type { FabricNode } from "../support/fabric-node.ts";
import { fewestCopies } from "../support/fewest-copies.ts";

/** Node 0 leaves, and has sent the job in vain to a third one, which is gone; another node has the only other copy. */
function sentInVain(before = (_leaving: FabricNode, _target: number): void => {}): {
  fabric: Fabric;
  id: string;
  target: number;
} {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 2, retry: 1000 });
  fabric.run(50);
  const leaving = fabric.node(0);
  const [, holder] = leaving.listOf(id) as [number, number];
  const target = 3 - holder;
  fabric.silence(0, target);
  before(leaving, leaving.indexOf(target));
  leaving.setLeaving(true);
  fabric.run(50);
  assert.ok(fabric.sent.includes(`0>${target} keep`));
  fabric.crash(target);
  leaving.jobs.streamBroken(leaving.indexOf(target));
  return { fabric, id, target };
}

test("the leaving node keeps its copy until there are as many without it", () => {
  const { fabric, id, target } = sentInVain();
  assert.equal(fewestCopies(fabric, id, 50), 2);
  fabric.endSilence(0, target);
  fabric.restart(target);
  assert.equal(fewestCopies(fabric, id, 5000), 2);
  assert.equal(fabric.node(0).roleOf(id), "");
});

test("so it does when that one owes so many answers that it is told to drop no more", () => {
  const { fabric, id, target } = sentInVain((leaving, node) => {
    const { jobs, broker } = leaving;
    const asked = { replicate: 1, delaySeconds: 0, retrySeconds: 30, ttlSeconds: 3600 };
    for (let count = 0; count < ANSWERS_MAX; count++) {
      const job = broker.addJob(leaving.queue(), Buffer.alloc(1), 0, 1, asked);
      jobs.dropCopies(job, [node], true);
      jobs.delete(job);
    }
  });
  assert.equal(fewestCopies(fabric, id, 50), 2);
  fabric.endSilence(0, target);
  fabric.restart(target);
  assert.equal(fewestCopies(fabric, id, 5000), 2);
});

test("it does not wait for one that stays dead when nobody else can take a copy", () => {
  const { fabric, id, target } = sentInVain();
  fabric.setLive(target, false);
  fabric.run(600_000);
  assert.equal(fabric.node(0).roleOf(id), "");
});

test("a holder to which the job was sent has its copy for sure, and is not told to drop it", () => {
  const fabric = new Fabric(3);
  const leaving = fabric.node(0);
  const { id } = leaving.add({ replicate: 3, retry: 1000 });
  fabric.run(50);
  const target = leaving.listOf(id)[1] as number;
  fabric.silence(0, target);
  leaving.setLeaving(true);
  fabric.run(50);
  assert.ok(fabric.sent.includes(`0>${target} keep`));
  fabric.breakStream(0, target);
  fabric.endSilence(0, target);
  fabric.run(5000);
  assert.ok(!fabric.sent.includes(`0>${target} drop`));
  assert.equal(leaving.roleOf(id), "");
});

/** What becomes of the target, so that it is never heard whether the job has arrived: it has. */
const ends: readonly (readonly [string, (fabric: Fabric) => void])[] = [
  ["its stream breaks", (fabric) => fabric.breakStream(1, 0)],
  ["it starts again", (fabric) => fabric.restart(1, true)],
];

/** Node 0 leaves, and has sent its only job to node 1. */
function leave(fabric: Fabric): void {
  fabric.silence(1, 0);
  fabric.node(0).setLeaving(true);
  fabric.run(20);
}

for (const [what, end] of ends) {
  for (const retry of [30, 0]) {
    test(`the job of an ADDJOB that waits for that is over where it is when ${what} (RETRY ${retry})`, () => {
      const fabric = new Fabric(2, { hasLogs: true });
      leave(fabric);
      const added = fabric.node(0).add({ retry });
      fabric.run(20);
      assert.equal(fabric.node(1).roleOf(added.id), "own queued");
      end(fabric);
      fabric.node(0).turn();
      assert.equal(added.outcome, "timeout");
      fabric.endSilence(1, 0);
      fabric.run(5000);
      assert.equal(fabric.whereabouts(added.id), "");
    });
  }

  for (const delay of [500, 0]) {
    const why = delay > 0 ? "is delayed" : "a client has";

    test(`a job that ${why} is not due when ${what}`, () => {
      const fabric = new Fabric(2, { hasLogs: true });
      const { id } = fabric.node(0).add({ delay, retry: 500 });
      if (delay === 0) fabric.node(0).take();
      leave(fabric);
      for (const node of fabric.nodes) node.take();
      end(fabric);
      fabric.node(0).turn();
      assert.equal(fabric.node(0).roleOf(id), "own active");
      fabric.endSilence(1, 0);
      fabric.run(5000);
      assert.deepEqual(fabric.node(0).delivered, delay > 0 ? [] : [id]);
    });
  }
}

/** Node 0 was to leave, and has called a job back that has not arrived where it was sent, or not as far as it knows. */
function calledBack(): { fabric: Fabric; id: string; first: number; other: FabricNode } {
  const fabric = new Fabric(3, { hasLogs: true });
  const node = fabric.node(0);
  const { id } = node.add({ retry: 500 });
  for (const other of [1, 2]) fabric.silence(other, 0);
  node.setLeaving(true);
  fabric.run(20);
  const first = fabric.sent.includes("0>1 keep") ? 1 : 2;
  node.setLeaving(false);
  fabric.endSilence(3 - first, 0);
  node.jobs.requeue(node.find(id), "client");
  fabric.run(20);
  return { fabric, id, first, other: fabric.node(3 - first) };
}

test("a job that was called back, and that a client has elsewhere, stays there when its first way is broken", () => {
  const { fabric, id, first, other } = calledBack();
  other.take();
  fabric.run(20);
  assert.deepEqual(other.delivered, [id]);
  fabric.node(0).take();
  fabric.breakStream(0, first);
  fabric.endSilence(first, 0);
  fabric.run(5000);
  assert.deepEqual(fabric.node(0).delivered, []);
  assert.equal(fabric.node(0).roleOf(id), "own lent");
});

test("one that has been lent elsewhere comes back when that node starts again and has not said that it handed it out", () => {
  const { fabric, id, other } = calledBack();
  other.take();
  fabric.until(() => fabric.sent.includes(`0>${other.number} push`), 20);
  fabric.silence(other.number, 0);
  fabric.run(20);
  fabric.node(0).take();
  fabric.restart(other.number, true);
  fabric.node(0).turn();
  assert.deepEqual(fabric.node(0).delivered, [id]);
});

test("a job that was on its way to a node that is forgotten does not list that one", () => {
  const fabric = new Fabric(2);
  const node = fabric.node(0);
  const { id } = node.add({ retry: 500 });
  leave(fabric);
  node.setLeaving(false);
  fabric.forget(1);
  assert.equal(node.roleOf(id), "own queued");
  assert.deepEqual(node.listOf(id), []);
});
