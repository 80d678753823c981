/**
 * Everything a client could learn about a node by JSCAN, QSCAN, SHOW, QSTAT and INFO.
 *
 * Read from the records and not through the index, so that a job which the index has lost still
 * shows; that both agree is checked by the broker's own check.
 */
import { JobState } from "../../src/core/job.ts";
import type { ShownJob, ShownQueue, Snapshot } from "./history.ts";
import type { SimNode } from "./node.ts";

/** Looks at everything; expired jobs are invisible, as they are to clients. */
export function snapshotOf(node: SimNode): Snapshot {
  const { clock, jobs, queues, stats, usedBytes } = node.broker;
  const shownJobs = new Map<string, ShownJob>();
  for (let job = 0; job < jobs.handleLimit; job++) {
    if (!jobs.isLive(job) || clock.isExpired(job)) continue;
    shownJobs.set(node.idOf(job), {
      state: jobs.state(job) === JobState.queued ? "queued" : "active",
      nacks: jobs.nacks(job),
      additionalDeliveries: jobs.additionalDeliveries(job),
      requeueWithinMs: clock.requeueWithinMs(job),
    });
  }
  const shownQueues = new Map<string, ShownQueue>();
  for (let number = 0; number < queues.numberLimit; number++) {
    const queue = queues.at(number);
    if (!queue?.isRegistered) continue;
    shownQueues.set(queue.name.toString("latin1"), {
      length: queue.length,
      waiters: queue.waiterCount,
      jobsIn: queue.jobsIn,
      jobsOut: queue.jobsOut,
      pause: queue.pauseState,
      createdAtMs: queue.createdAtMs,
    });
  }
  const {
    jobsByState: _states,
    firstDeliveryMs: _first,
    acknowledgementMs: _acks,
    ...totals
  } = stats;
  return { jobs: shownJobs, queues: shownQueues, stats: totals, usedBytes };
}
