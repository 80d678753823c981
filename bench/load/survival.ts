/**
 * How many jobs get their copies in time while some nodes of the cluster stand still.
 *
 * A stopped process keeps its connections, and nothing comes back: to the others it looks as if its
 * packets were dropped. Jobs are added on a fixed schedule: whoever sent the next one after a reply
 * would ask seldom where it goes badly, and often where it goes well.
 */
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { openConnection } from "../../src/client/load/connection.ts";
import { request } from "../../src/client/load/dialect.ts";
import { Meter } from "../../src/client/load/meter.ts";
import type { LoadResult, SurvivalPlan } from "../../src/client/load/plan.ts";

/** One job per node and interval. */
const INTERVAL_MS = 10;
/** Of each node; a server that answers one client's requests one after the other is not at a loss. */
const CONNECTIONS = 20;
/** Beyond the timeout of the last job. */
const LAST_MS = 2000;

const PLUS = 43;
const LF = 10;

/** When an ADDJOB was sent: in the first part of the window (0), or later (1). */
type Phase = 0 | 1 | "warm-up";

/** Counts of the window. */
class Counts {
  readonly asked: [number, number] = [0, 0];
  readonly promised: [number, number] = [0, 0];
  unanswered = 0;

  ask(phase: Phase): void {
    this.unanswered++;
    if (phase !== "warm-up") this.asked[phase]++;
  }

  answer(phase: Phase, isPromise: boolean): void {
    this.unanswered--;
    if (phase !== "warm-up" && isPromise) this.promised[phase]++;
  }
}

interface Producer {
  add(phase: Phase): void;
  close(): void;
}

/** Runs the plan; rejects when a connection fails. Refusals are what is counted. */
export async function survival(plan: SurvivalPlan): Promise<LoadResult> {
  const counts = new Counts();
  let fail = (_error: Error) => {};
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const opening = Array.from({ length: plan.ports.length * CONNECTIONS }, (_, i) =>
    openProducer(plan, plan.ports[i % plan.ports.length] ?? plan.port, counts, (error) =>
      fail(error),
    ),
  );
  const producers = await Promise.all(opening);
  let next = 0;
  const addFor = async (ms: number, phase: Phase): Promise<void> => {
    const startMs = performance.now();
    for (let sent = 0; performance.now() - startMs < ms; sent++) {
      for (let node = 0; node < plan.ports.length; node++) {
        producers[next++ % producers.length]?.add(phase);
      }
      await Promise.race([
        failed,
        sleep(Math.max(0, startMs + (sent + 1) * INTERVAL_MS - performance.now())),
      ]);
    }
  };
  try {
    await addFor(plan.warmUpSeconds * 1000, "warm-up");
    const meter = new Meter(plan.serverPids);
    for (const pid of plan.frozenPids) process.kill(pid, "SIGSTOP");
    await addFor(plan.firstSeconds * 1000, 0);
    await addFor(plan.seconds * 1000, 1);
    const endsMs = performance.now() + plan.timeoutMs + LAST_MS;
    while (counts.unanswered > 0 && performance.now() < endsMs) await sleep(INTERVAL_MS);
    const { asked, promised } = counts;
    return { ...meter.stop(promised[0] + promised[1]), survival: { asked, promised } };
  } finally {
    for (const pid of plan.frozenPids) process.kill(pid, "SIGCONT");
    for (const producer of producers) producer.close();
  }
}

async function openProducer(
  plan: SurvivalPlan,
  port: number,
  counts: Counts,
  onFailure: (error: Error) => void,
): Promise<Producer> {
  const body = "x".repeat(plan.bodyBytes);
  const replicate = `${plan.replicate}`;
  const add = request("ADDJOB", plan.queue, body, `${plan.timeoutMs}`, "REPLICATE", replicate);
  const phases: Phase[] = [];
  // Every reply is one line: an id or an error.
  let isLineStart = true;
  let isPromise = false;
  const onBytes = (bytes: Buffer, length: number) => {
    for (let at = 0; at < length; at++) {
      if (isLineStart) isPromise = bytes[at] === PLUS;
      isLineStart = bytes[at] === LF;
      if (isLineStart) counts.answer(phases.shift() ?? "warm-up", isPromise);
    }
  };
  const socket = await openConnection({ port }, onBytes, onFailure);
  return {
    add(phase) {
      phases.push(phase);
      counts.ask(phase);
      socket.write(add);
    },
    close: () => socket.destroy(),
  };
}
