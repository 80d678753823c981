/** A node that starts again with its jobs: it is counted on as before, and all agree again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_JOB } from "../../../src/core/job.ts";
import { Fabric } from "./support/fabric.ts";
import type { Asked } from "./support/fabric-add.ts";

const SOON_MS = 100;
const LONG_RETRY = 300;
/** An audit begins a second after its reason. */
const AUDIT_MS = 2000;

/** Nodes, and a job that the first one has added with copies on all. */
function withJob(asked: Asked = {}, count = 3): { fabric: Fabric; id: string; heir: number } {
  const fabric = new Fabric(count, { hasLogs: true });
  const added = fabric.node(0).add({ replicate: count, retry: LONG_RETRY, ...asked });
  fabric.run(SOON_MS);
  assert.equal(added.outcome, "added");
  return { fabric, id: added.id, heir: fabric.node(0).listOf(added.id)[1] as number };
}

/** Numbers of the nodes that are keepers of a job. */
function keepers(fabric: Fabric, id: string): number[] {
  return fabric.running.filter((node) => node.roleOf(id).startsWith("own")).map((n) => n.number);
}

/** Everybody who has the job names the same nodes, the keeper first. */
function assertAgreed(fabric: Fabric, id: string): void {
  const holders = fabric.running.filter((node) => node.find(id) !== NO_JOB);
  const [keeper, ...others] = keepers(fabric, id);
  assert.deepEqual(others, [], fabric.whereabouts(id));
  for (const node of holders) {
    const list = node.listOf(id);
    assert.equal(list[0], keeper, `${node.number}: ${list}`);
    assert.deepEqual([...list].sort(), holders.map(({ number }) => number).sort());
  }
}

test("a holder that was away for a moment is still one, and no copy is made", () => {
  const { fabric, id, heir } = withJob({}, 3);
  fabric.sent.length = 0;
  fabric.restart(heir, true);
  fabric.run(AUDIT_MS);
  assert.equal(fabric.count("store"), 0);
  assert.equal(fabric.node(heir).roleOf(id), "copy");
  assertAgreed(fabric, id);
});

test("a keeper that is back before anybody missed it has the job in its queue", () => {
  const { fabric, id } = withJob();
  fabric.restart(0, true);
  fabric.run(AUDIT_MS);
  assert.equal(fabric.node(0).roleOf(id), "own queued");
  assert.equal(fabric.node(0).broker.jobs.additionalDeliveries(fabric.node(0).find(id)), 0);
  assertAgreed(fabric, id);
});

test("a lease goes on where it was when its keeper is back", () => {
  const { fabric, id } = withJob({ retry: 30 });
  fabric.node(0).take();
  fabric.run(20_000);
  fabric.restart(0, true);
  fabric.run(9_000);
  assert.equal(fabric.node(0).roleOf(id), "own active");
  fabric.run(2_000);
  assert.equal(fabric.node(0).roleOf(id), "own queued");
});

test("a job that was taken over meanwhile stays with its new keeper", () => {
  const { fabric, id, heir } = withJob();
  fabric.crash(0);
  fabric.setLive(0, false);
  fabric.run(SOON_MS);
  assert.deepEqual(keepers(fabric, id), [heir]);
  fabric.restart(0, true);
  fabric.run(AUDIT_MS);
  assert.deepEqual(keepers(fabric, id), [heir]);
  assert.equal(fabric.node(0).roleOf(id), "copy");
  assertAgreed(fabric, id);
});

test("an acknowledged job does not come back with a holder that was away, whatever its log has lost", () => {
  const cases = [0, 1].flatMap((away) => [false, true].map((mayMiss) => ({ away, mayMiss })));
  for (const { away, mayMiss } of cases) {
    const { fabric, id, heir } = withJob();
    const gone = away === 0 ? 0 : heir;
    fabric.crash(gone);
    fabric.setLive(gone, false);
    fabric.run(SOON_MS);
    const other = fabric.running[0];
    assert.ok(other?.ack(id));
    fabric.run(5000);
    assert.notEqual(fabric.whereabouts(id), "");
    fabric.restart(gone, true, mayMiss);
    fabric.run(5000);
    assert.equal(fabric.records, 0, fabric.whereabouts(id));
    assert.deepEqual(fabric.node(gone).delivered, []);
  }
});

test("an acknowledgement that a node took with it is told when it is back", () => {
  const { fabric, id } = withJob();
  fabric.split([0], [1, 2]);
  assert.ok(fabric.node(0).ack(id));
  fabric.run(SOON_MS);
  fabric.crash(0);
  fabric.heal();
  fabric.restart(0, true);
  fabric.run(5000);
  assert.equal(fabric.records, 0, fabric.whereabouts(id));
});

test("an acknowledgement of an unknown id is not forgotten by the node that took it", () => {
  const fabric = new Fabric(3, { hasLogs: true });
  const { id } = fabric.node(0).add({ retry: LONG_RETRY });
  fabric.run(SOON_MS);
  fabric.split([0], [1, 2]);
  fabric.node(2).ack(id);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(2).roleOf(id), "dummy");
  fabric.crash(2);
  fabric.restart(2, true);
  fabric.run(SOON_MS);
  fabric.heal();
  fabric.run(5000);
  assert.equal(fabric.records, 0, fabric.whereabouts(id));
});

test("all nodes may go at once: every job is there again, with its copies and one keeper", () => {
  const fabric = new Fabric(4, { hasLogs: true });
  const ids = Array.from({ length: 50 }, (_, at) => {
    return fabric.node(at % 4).add({ replicate: 3, retry: LONG_RETRY }).id;
  });
  fabric.run(SOON_MS);
  const acked = ids.splice(0, 10);
  for (const id of acked) fabric.node(0).ack(id);
  for (const { number } of fabric.nodes) fabric.crash(number);
  fabric.run(1000);
  for (const { number } of fabric.nodes) fabric.restart(number, true);
  fabric.run(5000);
  for (const id of ids) {
    assertAgreed(fabric, id);
    assert.equal(fabric.whereabouts(id).split(",").length, 3);
  }
  for (const id of acked) assert.equal(fabric.whereabouts(id), "");
});

test("a holder that has deleted its copy meanwhile is found out when the keeper is back", () => {
  const { fabric, id, heir } = withJob();
  fabric.crash(0);
  const node = fabric.node(heir);
  node.jobs.delete(node.find(id));
  fabric.run(SOON_MS);
  fabric.sent.length = 0;
  fabric.restart(0, true);
  fabric.run(AUDIT_MS);
  assert.equal(fabric.count("gone"), 1);
  assert.equal(fabric.count("store"), 1);
  assertAgreed(fabric, id);
});

test("when the keeper has deleted the job meanwhile, a holder that is back asks and takes over", () => {
  const { fabric, id, heir } = withJob({}, 2);
  fabric.crash(heir);
  fabric.node(0).jobs.delete(fabric.node(0).find(id));
  fabric.run(SOON_MS);
  fabric.restart(heir, true);
  fabric.run(AUDIT_MS);
  assert.deepEqual(keepers(fabric, id), [heir]);
});

test("a holder that was forgotten meanwhile is replaced when the keeper is back", () => {
  const fabric = new Fabric(3, { hasLogs: true });
  const { id } = fabric.node(0).add({ replicate: 2, retry: LONG_RETRY });
  fabric.run(SOON_MS);
  const holder = fabric.node(0).listOf(id)[1] as number;
  const third = 3 - holder;
  fabric.crash(0);
  fabric.node(third).removed(holder);
  fabric.node(0).removed(holder);
  fabric.node(holder).stop();
  fabric.restart(0, true);
  fabric.run(AUDIT_MS);
  assert.deepEqual(fabric.node(0).listOf(id), [0, third]);
  assertAgreed(fabric, id);
});

test("a list that changed meanwhile is the one that counts", () => {
  const fabric = new Fabric(4, { repairDelayMs: 1000, hasLogs: true });
  const { id } = fabric.node(0).add({ replicate: 2, retry: LONG_RETRY });
  fabric.run(SOON_MS);
  const holder = fabric.node(0).listOf(id)[1] as number;
  fabric.crash(holder);
  fabric.setLive(holder, false);
  fabric.run(5000);
  assert.equal(fabric.whereabouts(id).split(",").length, 2);
  fabric.restart(holder, true);
  fabric.run(10_000);
  // One copy is too many now, and whoever has it drops it.
  assert.equal(fabric.whereabouts(id).split(",").length, 2, fabric.whereabouts(id));
  assertAgreed(fabric, id);
});

test("copies wait for their keeper as long as RETRY after a start of all, not for ever", () => {
  const { fabric, id, heir } = withJob({ retry: 5 });
  for (const { number } of fabric.nodes) fabric.crash(number);
  for (const node of fabric.nodes) if (node.number !== 0) fabric.restart(node.number, true);
  fabric.run(4000);
  assert.deepEqual(keepers(fabric, id), []);
  fabric.run(4000);
  assert.deepEqual(keepers(fabric, id), [heir]);
});
