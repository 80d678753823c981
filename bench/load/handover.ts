/**
 * From a producer at one node to a consumer that waits at another, one job at a time.
 *
 * The first job counts as much as the others: nobody has added to the queue or waited for it before. A
 * job is timed from its write to the arrival of its bytes at the consumer; the next one follows at its
 * time whether or not the last one has arrived.
 */
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { openConnection } from "../../src/client/load/connection.ts";
import { startConsumer } from "../../src/client/load/consumer.ts";
import { dialects, request } from "../../src/client/load/dialect.ts";
import { LatencyRecorder, Meter } from "../../src/client/load/meter.ts";
import type { HandoverPlan, LoadResult } from "../../src/client/load/plan.ts";
import { ReplyScanner } from "../../src/client/load/reply-scanner.ts";

/** How long the consumer waits for one job; longer than any interval. */
const TAKE_WAIT_MS = 60_000;
/** How long the last jobs may take. */
const LAST_MS = 60_000;
/** The consumer's request is there before the first job. */
const HEAD_START_MS = 500;

/** Runs the plan; rejects when a connection fails, a reply is an error or a job does not come. */
export async function handover(plan: HandoverPlan): Promise<LoadResult> {
  const recorders = { handover: new LatencyRecorder(), first: new LatencyRecorder() };
  const sentAtMs: number[] = [];
  let arrived = 0;
  let finish = () => {};
  let fail = (_error: Error) => {};
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const consumer = await startConsumer({
    ...plan,
    port: plan.consumerPort,
    count: 1,
    waitMs: TAKE_WAIT_MS,
    inFlight: 1,
    takeAgain: "always",
    onJobs(jobs) {
      for (let job = 0; job < jobs; job++, arrived++) {
        const tookMs = performance.now() - (sentAtMs[arrived] ?? Number.NaN);
        recorders.handover.record(tookMs);
        if (arrived === 0) recorders.first.record(tookMs);
      }
      if (arrived >= plan.jobs) finish();
    },
    onDone: () => {},
    onFailure: fail,
  });
  const scanner = new ReplyScanner();
  const producer = await openConnection(
    plan,
    (bytes, length) => {
      scanner.feed(bytes, length);
    },
    fail,
  );
  const add = request(...dialects[plan.dialect].addCommand(plan.queue, "x".repeat(plan.bodyBytes)));
  const late = new AbortController();
  try {
    await sleep(HEAD_START_MS);
    const meter = new Meter(plan.serverPids);
    const startMs = performance.now();
    for (let job = 0; job < plan.jobs; job++) {
      const waitMs = Math.max(0, startMs + job * plan.intervalMs - performance.now());
      await Promise.race([finished, sleep(waitMs)]);
      sentAtMs.push(performance.now());
      producer.write(add);
    }
    const limit = sleep(LAST_MS, undefined, { signal: late.signal }).then(() => {
      throw new Error(`${arrived} of ${plan.jobs} jobs have arrived`);
    });
    await Promise.race([finished, limit]);
    return meter.stop(arrived, recorders);
  } finally {
    late.abort();
    consumer.close();
    producer.destroy();
  }
}
