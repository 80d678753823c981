/**
 * What is remembered of tombstones, when they go without anybody being told.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Patience } from "../../../../src/cluster/jobs/acks/patience.ts";
import { Burials, Tombstones } from "../../../../src/cluster/jobs/acks/tombstones.ts";
import { TombstoneCluster } from "../support/tombstone-cluster.ts";

/** A row of jobs that are there unless a test says that they are gone. */
function rows() {
  const gone = new Set<number>();
  const isStill = (job: number) => !gone.has(job);
  return { gone, all: new Tombstones(isStill), patience: new Patience(isStill) };
}

function oldest(all: Tombstones, visitsMax: number): number[] {
  const seen: number[] = [];
  all.visitOldest(visitsMax, (job) => seen.push(job) > 0);
  return seen;
}

test("the oldest come first, and those that are gone not at all", () => {
  const { gone, all } = rows();
  for (const job of [1, 2, 3, 4, 5]) all.add(job, job);
  gone.add(1).add(3);
  assert.deepEqual(oldest(all, 10), [2, 4, 5]);
  assert.equal(all.count, 3);
});

test("a row does not grow because of tombstones that have gone behind one that stays", () => {
  const { gone, all } = rows();
  all.add(0, 0);
  for (let job = 1; job < 100_000; job++) {
    all.add(job, job);
    gone.add(job);
  }
  assert.ok(!all.hasAtLeast(4000));
});

test("patience ends in order, for those that are still there, and not too many at a time", () => {
  const { gone, patience } = rows();
  const due: number[] = [];
  for (const job of [1, 2, 3, 4]) patience.add(job, job, 100 + job);
  gone.add(1);
  patience.advance(100, 10, (job) => due.push(job));
  assert.deepEqual([due, patience.nextAtMs], [[], 102]);
  patience.advance(200, 2, (job) => due.push(job));
  assert.deepEqual([due, patience.nextAtMs], [[2, 3], 104]);
  gone.add(4);
  patience.advance(200, 2, (job) => due.push(job));
  assert.deepEqual([due, patience.nextAtMs], [[2, 3], Number.POSITIVE_INFINITY]);
});

test("who comes later does not wait less", () => {
  const { patience } = rows();
  patience.add(1, 1, 200);
  patience.add(2, 2, 100);
  patience.advance(200, 1, () => {});
  assert.equal(patience.nextAtMs, 200);
});

test("a tombstone has no delay, however many answers are awaited", () => {
  const cluster = new TombstoneCluster(2);
  const { broker } = cluster.node(0);
  const job = cluster.put(0, cluster.newId(2), [0, 1]);
  broker.roles.bury(job);
  broker.jobs.setAnswersAwaited(job, 2);
  assert.equal(broker.jobs.delaySeconds(job), 0);
});

test("a handle that is used again is another tombstone", () => {
  const cluster = new TombstoneCluster(2);
  const { broker } = cluster.node(0);
  const burials = new Burials(broker, () => {});
  const bury = () => {
    const job = cluster.put(0, cluster.newId(2), [0, 1]);
    broker.roles.bury(job);
    return { job, number: burials.note(job) };
  };
  const first = bury();
  assert.ok(burials.isStill(first.job, first.number));
  broker.lifecycle.remove(first.job);
  assert.ok(!burials.isStill(first.job, first.number), "nobody");
  const second = bury();
  assert.equal(second.job, first.job);
  assert.ok(!burials.isStill(first.job, first.number), "somebody else");
  broker.flush();
  assert.ok(!burials.isStill(second.job, second.number), "nothing");
});
