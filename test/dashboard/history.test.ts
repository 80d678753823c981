/** What charts are drawn from: points of snapshots, with gaps where nothing is known. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SnapshotShape } from "../../src/dashboard/shapes/api-shapes.ts";
import { clusterPoint, History, nodePoint, POINTS_MAX } from "../../src/dashboard/state/history.ts";

const quiet = { unitSeconds: 0.001, buckets: [0, 0, 0] };

function snapshot(second: number, added: number, missing: string[] = []): SnapshotShape {
  const figures = { jobs_queued: 3, jobs_active: 1, total_jobs_added: added, used_memory: 50 };
  return {
    now: new Date(second * 1000).toISOString(),
    nodeId: "a",
    notReady: [],
    info: { Jobs: figures, Memory: { used_memory: 20 }, Stats: { total_commands_processed: 0 } },
    times: { firstDelivery: quiet, acknowledgement: quiet, fsync: quiet, loopLag: quiet },
    longestQueues: [],
    oldestJobAgeSeconds: null,
    isPartial: false,
    cluster: { totals: { ...figures, total_jobs_added: added * 3 }, nodes: [], missing },
    clusterAgeSeconds: 0,
  };
}

test("rates are of the time between two snapshots, and unknown for the first", () => {
  assert.equal(nodePoint(snapshot(10, 100), undefined).added, null);
  const point = nodePoint(snapshot(12, 150), snapshot(10, 100));
  assert.deepEqual([point.added, point.queued, point.memory, point.oldest], [25, 3, 20, 0]);
  assert.equal(nodePoint(snapshot(12, 5), snapshot(10, 100)).added, null, "it was started anew");
});

test("all nodes together have no rate when one of them did not answer this time", () => {
  assert.equal(clusterPoint(snapshot(12, 150), snapshot(10, 100)).added, 75);
  assert.equal(clusterPoint(snapshot(12, 150, ["b"]), snapshot(10, 100)).added, null);
});

test("history keeps some minutes, and has a gap where the stream was lost", () => {
  const history = new History();
  const point = nodePoint(snapshot(1, 1), undefined);
  history.add(1, point);
  history.add(1, point);
  history.add(30, point);
  assert.deepEqual(history.columns.times, [1, 2, 30]);
  assert.deepEqual(history.columns.series.queued, [3, null, 3]);
  for (let second = 31; second < 31 + POINTS_MAX; second++) history.add(second, point);
  assert.equal(history.columns.times.length, POINTS_MAX);
  assert.equal(history.columns.series.queued.length, POINTS_MAX);
});
