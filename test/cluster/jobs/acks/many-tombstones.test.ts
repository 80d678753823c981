/** Very many acknowledged jobs while a holder is away: what they cost, and how it ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AckBatches } from "../../../../src/cluster/jobs/acks/ack-batches.ts";
import { EXCUSED_QUESTIONS_PER_TURN } from "../../../../src/cluster/jobs/acks/excused.ts";
import { TombstoneCluster } from "../support/tombstone-cluster.ts";

/** Jobs of lost nodes that one turn works off when two are left. */
const PER_TURN = EXCUSED_QUESTIONS_PER_TURN / 2;

/** So many jobs of nodes 0, 1, and 2, acknowledged at 0 while 2 is away. */
function acknowledged(count: number, list: readonly number[] = [0, 1, 2]) {
  const cluster = new TombstoneCluster(3);
  const away = list[list.length - 1] as number;
  cluster.isolate(away);
  const ids: Int32Array[] = [];
  for (let n = 0; n < count; n++) {
    const id = cluster.newId(2);
    for (const holder of list) if (holder !== away) cluster.put(holder, id, list);
    cluster.ack(0, id);
    ids.push(id);
  }
  cluster.run(3000);
  return { cluster, ids, ...cluster.node(0) };
}

test("who has confirmed is looked up once for all jobs of a reply", (t) => {
  const { broker, collector, cluster, ids } = acknowledged(50);
  const unknown = cluster.put(0, cluster.newId(2), [0, 1]);
  const jobs = ids.map((id) => broker.find(id));
  const lookUp = t.mock.method(AckBatches.prototype, "noteMissing");
  const confirmed = collector.confirmedBy([...jobs, unknown]);
  assert.equal(lookUp.mock.callCount(), 1);
  assert.deepEqual(confirmed, [...jobs.map(() => [0, 1]), []]);
  assert.deepEqual(collector.confirmedBy([unknown]), [[]]);
  assert.equal(lookUp.mock.callCount(), 1, "nothing to be looked up");
});

test("when a holder needs not be waited for any more, a turn asks others about a bounded number of jobs", () => {
  const { cluster, collector } = acknowledged(2 * PER_TURN + 5, [0, 2]);
  cluster.remove(2);
  const asked: number[] = [];
  while (collector.nextWakeAtMs <= cluster.nowMs) {
    collector.tick();
    asked.push(collector.answersAwaited);
  }
  assert.deepEqual(asked, [PER_TURN, 2 * PER_TURN, 2 * PER_TURN + 5]);
  cluster.run(100);
  assert.equal(collector.tombstoneCount, 0);
});

test("what waits for that may be gone meanwhile, with all jobs or alone", () => {
  const { cluster, collector, broker, ids } = acknowledged(PER_TURN + 5, [0, 2]);
  cluster.remove(2);
  collector.tick();
  const id = ids.at(-1);
  broker.lifecycle.remove(broker.find(id as Int32Array));
  const other = cluster.newId(2);
  cluster.put(0, other, [0, 1]);
  collector.tick();
  assert.equal(cluster.whatHas(0, other), "copy");
  assert.equal(collector.answersAwaited, PER_TURN + 4);
  broker.flush();
  collector.flushed();
  assert.ok(collector.nextWakeAtMs > cluster.nowMs);
});

test("the rows of what is remembered count as memory while there is something in them", () => {
  const { cluster, broker, collector } = acknowledged(5000);
  assert.ok(broker.otherBytes >= 2 * 5000 * 12, `${broker.otherBytes}`);
  cluster.heal();
  cluster.run(100);
  assert.equal(collector.tombstoneCount, 0);
  cluster.ack(0, cluster.newId(2));
  cluster.run(100);
  broker.flush();
  collector.flushed();
  assert.equal(broker.otherBytes, 0);
});
