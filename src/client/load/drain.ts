/**
 * Emptying a queue: every job is taken and acknowledged, until a take finds nothing.
 *
 * Not measured for speed; it shows whether all jobs come out again and what memory they leave.
 */
import { startConsumer } from "./consumer.ts";
import { Meter } from "./meter.ts";
import type { DrainPlan, LoadResult } from "./plan.ts";

/** Runs the plan; rejects when a connection fails or a reply is an error. */
export async function drain(plan: DrainPlan): Promise<LoadResult> {
  const meter = new Meter(plan.serverPids);
  let taken = 0;
  let done = 0;
  let active = plan.connections;
  let finish = () => {};
  let fail = (_error: Error) => {};
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const finishWhenDone = () => {
    if (active === 0 && done === taken) finish();
  };
  const opening = Array.from({ length: plan.connections }, () =>
    startConsumer({
      ...plan,
      waitMs: 0,
      inFlight: 1,
      takeAgain: "after-jobs",
      onJobs(jobs) {
        taken += jobs;
        if (jobs === 0) active--;
        finishWhenDone();
      },
      onDone(jobs) {
        done += jobs;
        finishWhenDone();
      },
      onFailure: fail,
    }),
  );
  const consumers = await Promise.all(opening);
  try {
    await finished;
    return meter.stop(done);
  } finally {
    for (const consumer of consumers) consumer.close();
  }
}
