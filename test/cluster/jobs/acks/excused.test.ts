/** Questions about acknowledged jobs to a node that has lost its memory: who is asked instead, and how long that goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EXCUSED_QUESTIONS_PER_TURN } from "../../../../src/cluster/jobs/acks/excused.ts";
import { TombstoneCluster } from "../support/tombstone-cluster.ts";

const LOST = 2;
const HIDDEN = 3;
const ID_BYTES = 24;

/**
 * Jobs of 0, 1 and the lost node, acknowledged at 0 while that is away. It has made node 3 copies of which
 * nobody else knows.
 */
function lost(count: number) {
  const cluster = new TombstoneCluster(4);
  cluster.isolate(LOST);
  const ids: Int32Array[] = [];
  for (let n = 0; n < count; n++) {
    const id = cluster.newId(3);
    for (const holder of [0, 1]) cluster.put(holder, id, [0, 1, LOST]);
    cluster.put(HIDDEN, id, [HIDDEN]);
    cluster.ack(0, id);
    ids.push(id);
  }
  cluster.run(500);
  return { cluster, ids };
}

/** Node 1 has come to the end with these jobs, and tells node 0. */
function endAtOther(cluster: TombstoneCluster, ids: readonly Int32Array[]): void {
  const packed = Buffer.alloc(ids.length * ID_BYTES);
  for (const [n, id] of ids.entries()) {
    for (const [at, word] of id.entries()) packed.writeInt32BE(word, n * ID_BYTES + at * 4);
  }
  const { collector, view } = cluster.node(0);
  collector.received(view.indexOf(1), { type: "finish", ids: packed });
}

function workOff({ collector }: ReturnType<TombstoneCluster["node"]>, nowMs: number): number {
  let turns = 0;
  for (; collector.nextWakeAtMs <= nowMs; turns++) collector.tick();
  return turns;
}

test("a copy that only the lost node knew of is asked for, though another one comes to the end before its turn", () => {
  const { cluster, ids } = lost(1);
  cluster.restart(LOST);
  endAtOther(cluster, ids);
  cluster.heal();
  cluster.run(3000);
  assert.equal(cluster.records, 0);
});

test("so are many, though another one comes to the end before they have answered", () => {
  const { cluster, ids } = lost(4200);
  cluster.isolate(HIDDEN);
  cluster.restart(LOST);
  workOff(cluster.node(0), cluster.nowMs);
  workOff(cluster.node(1), cluster.nowMs);
  endAtOther(cluster, ids);
  assert.equal(cluster.node(0).collector.tombstoneCount, ids.length);
  cluster.heal();
  cluster.run(3000);
  assert.equal(cluster.records, 0);
});

test("who had nothing before the lost node made it a copy is told at the end, whoever else has come to it", () => {
  const cluster = new TombstoneCluster(5);
  const id = cluster.newId(3);
  cluster.put(0, id, [0, 1, LOST, HIDDEN, 4]);
  for (const away of [LOST, 4]) cluster.isolate(away);
  cluster.ack(0, id);
  cluster.run(500);
  cluster.put(HIDDEN, id, [HIDDEN]);
  cluster.remove(LOST);
  workOff(cluster.node(0), cluster.nowMs);
  endAtOther(cluster, [id]);
  cluster.heal();
  cluster.run(3000);
  assert.equal(cluster.records, 0);
});

for (const count of [3, 30]) {
  test(`of ${count} members, a turn asks some thousands of questions`, () => {
    const cluster = new TombstoneCluster(count);
    cluster.isolate(LOST);
    const jobs = EXCUSED_QUESTIONS_PER_TURN;
    for (let n = 0; n < jobs; n++) {
      const id = cluster.newId(2);
      cluster.put(0, id, [0, LOST]);
      cluster.ack(0, id);
    }
    cluster.remove(LOST);
    const left = count - 1;
    const turns = workOff(cluster.node(0), cluster.nowMs);
    assert.equal(cluster.node(0).collector.answersAwaited, jobs * (left - 1));
    assert.equal(turns, Math.ceil(jobs / Math.ceil(EXCUSED_QUESTIONS_PER_TURN / left)));
  });
}
