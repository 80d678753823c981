/**
 * Adding jobs as fast as the server takes them.
 *
 * Every connection writes a ready-made batch, counts the replies and writes it again: the pattern of
 * redis-benchmark, so that both generators can be compared. A batch's latency runs from its write to
 * its last reply.
 */
import { performance } from "node:perf_hooks";
import { openConnection } from "./connection.ts";
import { dialects, repeated, request } from "./dialect.ts";
import { LoadWatch } from "./load-watch.ts";
import { LatencyRecorder, Meter } from "./meter.ts";
import type { FillPlan, LoadResult } from "./plan.ts";
import { FixedReplyCounter, ReplyScanner } from "./reply-scanner.ts";

/** Runs the plan; rejects when a connection fails or a reply is an error. */
export async function fill(plan: FillPlan, watch = new LoadWatch()): Promise<LoadResult> {
  const latency = new LatencyRecorder();
  const state = { unsent: plan.jobs, unanswered: plan.jobs };
  let finish = () => {};
  let fail = (_error: Error) => {};
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const opening = Array.from({ length: plan.connections }, () =>
    openProducer(plan, state, latency, () => finish(), fail),
  );
  watch.begin(() => plan.jobs - state.unanswered, fail);
  const producers = await Promise.all(opening);
  try {
    const meter = new Meter(plan.serverPids);
    for (const producer of producers) producer.send();
    await finished;
    return meter.stop(plan.jobs, { batch: latency });
  } finally {
    for (const producer of producers) producer.close();
  }
}

async function openProducer(
  plan: FillPlan,
  state: { unsent: number; unanswered: number },
  latency: LatencyRecorder,
  finish: () => void,
  fail: (error: Error) => void,
) {
  const dialect = dialects[plan.dialect];
  const counter = dialect.isAddReplyFixed ? new FixedReplyCounter() : new ReplyScanner();
  const words = dialect.addCommand(plan.queue, "x".repeat(plan.bodyBytes));
  const one = request(...words, ...(plan.addOptions ?? []));
  const batch = repeated(one, plan.pipeline);
  let inFlight = 0;
  let sentAtMs = 0;

  const send = () => {
    const jobs = Math.min(plan.pipeline, state.unsent);
    if (jobs === 0) return;
    state.unsent -= jobs;
    inFlight = jobs;
    sentAtMs = performance.now();
    socket.write(jobs === plan.pipeline ? batch : batch.subarray(0, jobs * one.length));
  };
  const onBytes = (bytes: Buffer, length: number) => {
    const replies = counter.feed(bytes, length);
    inFlight -= replies;
    state.unanswered -= replies;
    if (inFlight < 0) throw new Error("more replies than requests");
    if (inFlight > 0) return;
    latency.since(sentAtMs);
    if (state.unanswered === 0) finish();
    else send();
  };
  const socket = await openConnection(plan, onBytes, fail);
  return { send, close: () => socket.destroy() };
}
