/**
 * A moderate load on a fixed schedule, with probes: finds the moments when the server does nothing.
 *
 * Every millisecond a batch of jobs is added, taken and acknowledged, a PING is sent and a job goes
 * to a second queue where a consumer waits for it. Latency counts from the *intended* time: when the
 * server stalls for 50 ms, fifty probes are late, not one (coordinated omission).
 * The process spins instead of sleeping, because a timer is only good to a millisecond; it has a
 * core of its own, and the time when it does not get it does not count.
 */
import { openConnection } from "../../src/client/load/connection.ts";
import { startConsumer } from "../../src/client/load/consumer.ts";
import { dialects, repeated, request } from "../../src/client/load/dialect.ts";
import { LatencyRecorder, Meter } from "../../src/client/load/meter.ts";
import type { LoadResult, PacedPlan } from "../../src/client/load/plan.ts";
import { ReplyScanner } from "../../src/client/load/reply-scanner.ts";
import { WakefulClock } from "./wakeful-clock.ts";

const INTERVAL_MS = 1;

/** The first part of a run, while code is compiled and caches fill; not recorded. */
const WARM_UP_MS = 500;

/** So many jobs of the second queue are taken at a time. */
const HANDOVER_COUNT = 50;

type Fail = (error: Error) => void;

/** Told the intended time of a probe when its answer is there. */
type OnArrival = (intendedMs: number) => void;

/** Something sent on a schedule. */
interface Paced {
  send(intendedMs: number): void;
  close(): void;
}

/** Runs the plan; rejects when a connection fails or a reply is an error. */
export async function paced(plan: PacedPlan): Promise<LoadResult> {
  let fail: Fail = () => {};
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const ping = new LatencyRecorder();
  const handover = new LatencyRecorder();
  const clock = new WakefulClock();
  let done = 0;
  const onDone = (jobs: number) => {
    done += jobs;
  };
  const all = await Promise.all([
    openLoad(plan, onDone, fail),
    openPing(plan, (sentMs) => ping.record(clock.now() - sentMs), fail),
    openHandover(plan, (sentMs) => handover.record(clock.now() - sentMs), fail),
  ]);

  try {
    await Promise.race([failed, sendOnSchedule(all, WARM_UP_MS, clock)]);
    for (const recorder of [ping, handover]) recorder.reset();
    const meter = new Meter(plan.serverPids);
    const doneBefore = done;
    await Promise.race([failed, sendOnSchedule(all, plan.seconds * 1000, clock)]);
    return meter.stop(done - doneBefore, { ping, handover });
  } finally {
    for (const each of all) each.close();
  }
}

/** Sends each on every interval, spread over it. */
function sendOnSchedule(
  all: readonly Paced[],
  durationMs: number,
  clock: WakefulClock,
): Promise<void> {
  const spacingMs = INTERVAL_MS / all.length;
  const startMs = clock.now();
  let sent = 0;
  return new Promise((resolve) => {
    const turn = () => {
      const elapsedMs = clock.now() - startMs;
      while (sent * spacingMs <= elapsedMs) {
        all[sent % all.length]?.send(startMs + sent * spacingMs);
        sent++;
      }
      if (elapsedMs < durationMs) setImmediate(turn);
      else resolve();
    };
    turn();
  });
}

async function openLoad(
  plan: PacedPlan,
  onDone: (jobs: number) => void,
  onFailure: Fail,
): Promise<Paced> {
  const jobs = plan.jobsPerMs * INTERVAL_MS;
  const producer = await openProducer(plan, plan.queue, jobs, onFailure);
  const consumer = await startConsumer({
    ...plan,
    count: jobs,
    waitMs: 0,
    inFlight: 0,
    takeAgain: "never",
    onJobs: () => {},
    onDone,
    onFailure,
  });
  return {
    send() {
      producer.send();
      consumer.take();
    },
    close() {
      producer.close();
      consumer.close();
    },
  };
}

async function openPing(plan: PacedPlan, onArrival: OnArrival, onFailure: Fail): Promise<Paced> {
  const ping = request("PING");
  const scanner = new ReplyScanner();
  const intended: number[] = [];
  const socket = await openConnection(
    plan,
    (bytes, length) => {
      for (let left = scanner.feed(bytes, length); left > 0; left--) {
        onArrival(intended.shift() ?? Number.NaN);
      }
    },
    onFailure,
  );
  return {
    send(intendedMs) {
      intended.push(intendedMs);
      socket.write(ping);
    },
    close: () => socket.destroy(),
  };
}

async function openHandover(
  plan: PacedPlan,
  onArrival: OnArrival,
  onFailure: Fail,
): Promise<Paced> {
  const queue = `${plan.queue}-probe`;
  const intended: number[] = [];
  const consumer = await startConsumer({
    ...plan,
    queue,
    // What a stall has left behind comes at once: it counts for as long as it was, not as the consumer is slow.
    count: HANDOVER_COUNT,
    waitMs: 5000,
    inFlight: 1,
    takeAgain: "always",
    onJobs: (jobs) => {
      for (let job = 0; job < jobs; job++) onArrival(intended.shift() ?? Number.NaN);
    },
    onDone: () => {},
    onFailure,
  });
  const producer = await openProducer(plan, queue, 1, onFailure);
  return {
    send(intendedMs) {
      intended.push(intendedMs);
      producer.send();
    },
    close() {
      producer.close();
      consumer.close();
    },
  };
}

/** A connection that adds `jobs` jobs in one write. */
async function openProducer(plan: PacedPlan, queue: string, jobs: number, onFailure: Fail) {
  const add = request(...dialects[plan.dialect].addCommand(queue, "x".repeat(plan.bodyBytes)));
  const batch = repeated(add, jobs);
  const scanner = new ReplyScanner();
  const onBytes = (bytes: Buffer, length: number) => {
    scanner.feed(bytes, length);
  };
  const socket = await openConnection(plan, onBytes, onFailure);
  return { send: () => socket.write(batch), close: () => socket.destroy() };
}
