/**
 * The life of a job, sustained: producers add, consumers wait for jobs, take and acknowledge them.
 *
 * Producers pause while a few thousand jobs wait, so that queue length stays bounded whoever is
 * faster; then the slower half decides, as in any system that keeps up. Counted are jobs done.
 */
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { openConnection } from "./connection.ts";
import { startConsumer } from "./consumer.ts";
import { dialects, repeated, request } from "./dialect.ts";
import { LoadWatch } from "./load-watch.ts";
import { LatencyRecorder, Meter } from "./meter.ts";
import type { CyclePlan, LoadResult } from "./plan.ts";
import { FixedReplyCounter, ReplyScanner } from "./reply-scanner.ts";

/** Jobs waiting beyond what consumers have asked for, at which producers pause. */
const BACKLOG_MAX = 4096;

/** How long a take waits. Longer than any gap in the load, so that it practically never ends. */
const TAKE_WAIT_MS = 5000;

/** Counters shared by all connections of the load. */
class Flow {
  added = 0;
  taken = 0;
  done = 0;
  readonly latency = new LatencyRecorder();
  /** Producers that stopped because enough jobs are waiting. */
  readonly paused: (() => void)[] = [];

  get isBacklogged(): boolean {
    return this.added - this.taken >= BACKLOG_MAX;
  }

  take(jobs: number): void {
    this.taken += jobs;
    while (this.paused.length > 0 && !this.isBacklogged) this.paused.pop()?.();
  }
}

/** Runs the plan; rejects when a connection fails or a reply is an error. */
export async function cycle(plan: CyclePlan, watch = new LoadWatch()): Promise<LoadResult> {
  const flow = new Flow();
  let fail = (_error: Error) => {};
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  watch.begin(() => flow.done, fail);
  const each = { length: plan.connections };
  const consumers = await Promise.all(Array.from(each, () => openConsumer(plan, flow, fail)));
  const producers = await Promise.all(Array.from(each, () => openProducer(plan, flow, fail)));
  try {
    await Promise.race([failed, sleep(plan.warmUpSeconds * 1000)]);
    flow.latency.reset();
    const meter = new Meter(plan.serverPids);
    const { added, done } = flow;
    await Promise.race([failed, sleep(plan.seconds * 1000)]);
    // On a server that held jobs before, more may come out than went in.
    const operations = Math.min(flow.added - added, flow.done - done);
    return meter.stop(operations, { batch: flow.latency });
  } finally {
    for (const connection of [...producers, ...consumers]) connection.close();
  }
}

function openConsumer(plan: CyclePlan, flow: Flow, onFailure: (error: Error) => void) {
  return startConsumer({
    ...plan,
    waitMs: TAKE_WAIT_MS,
    // An acknowledgement and a take for every reply: half of the requests in flight are takes.
    inFlight: Math.max(1, plan.pipeline / 2),
    takeAgain: "always",
    onJobs: (jobs) => flow.take(jobs),
    onDone: (jobs) => {
      flow.done += jobs;
    },
    onFailure,
  });
}

async function openProducer(plan: CyclePlan, flow: Flow, onFailure: (error: Error) => void) {
  const dialect = dialects[plan.dialect];
  const counter = dialect.isAddReplyFixed ? new FixedReplyCounter() : new ReplyScanner();
  const words = dialect.addCommand(plan.queue, "x".repeat(plan.bodyBytes));
  const add = request(...words, ...(plan.addOptions ?? []));
  const batch = repeated(add, plan.pipeline);
  let inFlight = 0;
  let sentAtMs = 0;

  const send = () => {
    if (flow.isBacklogged) {
      flow.paused.push(send);
      return;
    }
    flow.added += plan.pipeline;
    inFlight = plan.pipeline;
    sentAtMs = performance.now();
    socket.write(batch);
  };
  const onBytes = (bytes: Buffer, length: number) => {
    inFlight -= counter.feed(bytes, length);
    if (inFlight > 0) return;
    flow.latency.since(sentAtMs);
    send();
  };
  const socket = await openConnection(plan, onBytes, onFailure);
  send();
  return { close: () => socket.destroy() };
}
