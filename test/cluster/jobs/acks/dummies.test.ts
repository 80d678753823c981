/**
 * Acknowledgements given to nodes that do not know the job.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DUMMIES_MAX, LOOKUPS_PER_TURN } from "../../../../src/cluster/jobs/acks/dummies.ts";
import { NO_JOB } from "../../../../src/core/job.ts";
import { TombstoneCluster } from "../support/tombstone-cluster.ts";

/** A job with three copies where the ring wants them, and the nodes that have none. */
function placed(nodes: number, seed = 1) {
  const cluster = new TombstoneCluster(nodes, seed);
  const origin = seed % nodes;
  const id = cluster.newId(3, origin);
  const list = cluster.predicted(id, origin, 3);
  for (const holder of list) cluster.put(holder, id, list);
  const strangers = [...Array(nodes).keys()].filter((node) => !list.includes(node));
  return { cluster, id, list, strangers };
}

test("at a stranger among seven nodes an acknowledgement costs twelve messages at most", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { cluster, id, strangers } = placed(7, seed);
    cluster.ack(strangers[seed % strangers.length] as number, id);
    cluster.run(500);
    assert.equal(cluster.records, 0);
    assert.ok(cluster.sent.length <= 12, `${cluster.sent.length}: ${cluster.sent}`);
  }
});

test("acknowledgements of a turn at a stranger are one message for each node", () => {
  const cluster = new TombstoneCluster(4);
  for (let n = 0; n < 500; n++) {
    const id = cluster.newId(2, 1);
    for (const holder of [1, 2]) cluster.put(holder, id, [1, 2]);
    cluster.ack(0, id);
  }
  cluster.run(500);
  assert.equal(cluster.records, 0);
  assert.ok(cluster.sent.length <= 9, `${cluster.sent}`);
});

test("an id that nobody knows is asked for once at every node, and forgotten", () => {
  const cluster = new TombstoneCluster(7);
  const id = cluster.newId(3);
  cluster.ack(0, id);
  assert.equal(cluster.whatHas(0, id), "dummy");
  cluster.run(50);
  assert.equal(cluster.records, 0);
  assert.equal(cluster.sent.length, 12);
  assert.equal(cluster.nextWakeAtMs, Number.POSITIVE_INFINITY);
});

test("a job is found where the ring would not look for it", () => {
  const { cluster, id, list } = placed(7);
  const other = new TombstoneCluster(7);
  const elsewhere = [...Array(7).keys()].filter((node) => !list.includes(node));
  const [asker = 0, ...moved] = elsewhere;
  for (const holder of moved) other.put(holder, id, moved);
  other.ack(asker, id);
  other.run(100);
  assert.equal(other.records, 0);
  assert.equal(cluster.records, 3, "the same id where it was");
});

test("an acknowledgement waits for holders that are away, whoever was told", () => {
  const { cluster, id, list, strangers } = placed(5);
  for (const holder of list) cluster.isolate(holder);
  for (const stranger of strangers) cluster.ack(stranger, id);
  cluster.run(60_000);
  for (const stranger of strangers) assert.equal(cluster.whatHas(stranger, id), "dummy");
  assert.equal(cluster.node(strangers[0] as number).collector.dummyCount, 1);
  cluster.heal();
  cluster.run(100);
  assert.equal(cluster.records, 0);
});

test("a node that is away is not waited for when the others have the job", () => {
  const { cluster, id, list, strangers } = placed(7);
  const [asker = 0, away = 0] = strangers;
  cluster.isolate(away);
  cluster.ack(asker, id);
  cluster.run(200);
  assert.equal(cluster.records, 0, `${list}: ${cluster.whereabouts(id)}`);
});

test("it is not waited for either when the job is where the ring would not look for it", () => {
  const cluster = new TombstoneCluster(8);
  const id = cluster.newId(2, 1);
  const likely = cluster.predicted(id, 1, 4);
  const [hidden = 0, away = 0] = [2, 3, 4, 5, 6, 7].filter((node) => !likely.includes(node));
  cluster.put(hidden, id, [hidden]);
  cluster.isolate(away);
  cluster.ack(0, id);
  cluster.run(200);
  assert.equal(cluster.records, 0);
});

test("a dummy is a tombstone when somebody has its job", () => {
  const { cluster, id, list, strangers } = placed(5);
  const [, , away = 0] = list;
  cluster.isolate(away);
  cluster.ack(strangers[0] as number, id);
  assert.equal(cluster.node(strangers[0] as number).collector.dummyCount, 1);
  cluster.run(500);
  const { broker, collector } = cluster.node(strangers[0] as number);
  assert.equal(cluster.whatHas(strangers[0] as number, id), "tombstone");
  assert.deepEqual([collector.dummyCount, collector.tombstoneCount], [0, 1]);
  broker.memory.maxBytes = 1;
  collector.makeRoom();
  assert.deepEqual([collector.dummiesEvicted, collector.tombstonesEvicted], [0, 1]);
});

test("holders that do not answer do not keep the others from being asked", () => {
  const cluster = new TombstoneCluster(5);
  const id = cluster.newId(2, 1);
  const likely = cluster.predicted(id, 1, 4);
  const hidden = [1, 2, 3, 4].find((node) => !likely.includes(node)) as number;
  cluster.put(hidden, id, [hidden]);
  cluster.ack(0, id);
  // They look linked, and nothing arrives.
  cluster.run(1);
  for (const node of likely) if (node !== 0) cluster.breakStream(0, node);
  for (const node of likely) if (node !== 0) cluster.isolate(node);
  cluster.run(300);
  assert.equal(cluster.whatHas(hidden, id), "tombstone");
  cluster.heal();
  cluster.run(2000);
  assert.equal(cluster.records, 0);
});

test("the job of an even id is acknowledged once where it may be, and nothing is remembered", () => {
  const { cluster, list, strangers } = placed(5);
  const before = cluster.records;
  const id = cluster.newId(3, list[0]);
  id[5] = (id[5] as number) & ~1;
  const holders = cluster.predicted(id, list[0] as number, 3);
  for (const holder of holders) cluster.put(holder, id, holders);
  const asker = strangers.find((node) => !holders.includes(node)) ?? 0;
  cluster.ack(asker, id);
  assert.equal(cluster.whatHas(asker, id), "");
  cluster.run(3000);
  assert.equal(cluster.records, before);
});

test("a lone node remembers nothing of ids it does not know", () => {
  const cluster = new TombstoneCluster(1);
  cluster.ack(0, cluster.newId(1));
  assert.equal(cluster.records, 0);
});

test("a dummy ends with the longest life that its id can tell: of 60 minutes with RETRY, or nearly 62", () => {
  const cluster = new TombstoneCluster(2);
  const id = cluster.newId(1);
  cluster.isolate(1);
  cluster.ack(0, id);
  cluster.run(62 * 60_000 - 1);
  assert.equal(cluster.whatHas(0, id), "dummy");
  cluster.run(2);
  assert.equal(cluster.records, 0);
});

test("only so many lookups begin in a turn", () => {
  const cluster = new TombstoneCluster(2);
  for (let n = 0; n < LOOKUPS_PER_TURN + 1; n++) cluster.ack(0, cluster.newId(1));
  const { collector } = cluster.node(0);
  collector.tick();
  assert.equal(cluster.sent.length, 1);
  assert.equal(collector.nextWakeAtMs, cluster.nowMs);
  collector.tick();
  // What begins now is said with whatever else is to be said a moment later.
  cluster.run(collector.nextWakeAtMs - cluster.nowMs);
  assert.equal(cluster.sent.filter((message) => message.endsWith(" ack")).length, 2);
});

test("beyond a number of dummies the oldest go, and are counted", () => {
  const cluster = new TombstoneCluster(2);
  cluster.isolate(1);
  const first = cluster.newId(1);
  cluster.ack(0, first);
  const second = cluster.newId(1);
  cluster.ack(0, second);
  for (let n = 2; n < DUMMIES_MAX; n++) cluster.ack(0, cluster.newId(1));
  const { collector, broker } = cluster.node(0);
  assert.equal(collector.dummiesEvicted, 0);
  cluster.ack(0, cluster.newId(1));
  assert.equal(collector.dummiesEvicted, 1);
  assert.equal(collector.dummyCount, DUMMIES_MAX);
  assert.deepEqual([broker.find(first) === NO_JOB, broker.find(second) === NO_JOB], [true, false]);
});
