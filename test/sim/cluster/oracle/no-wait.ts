/**
 * 9. A client blocked on q at any node and a deliverable job of q at any unpaused node connected to it
 *    do not coexist longer than D = 3 RTT + processing when views agree, 3 s when owners are wrong, first
 *    broadcast interval otherwise.
 *
 * Looked at for the job that has been queued longest and the client that has waited longest. A node whose
 * memory is full and has no room for all queues hears of none that it does not know (trades.ts), and those who have
 * told it believe that it does: who waits is found when all are asked, which tells it again. A node whose memory is
 * full asks for no jobs, either, until it has looked at it again.
 */
import { MEMORY_LOOK_MS } from "../../../../src/cluster/jobs/lending/demand.ts";
import { SHARE_WHEN_FULL, TRADE_BYTES } from "../../../../src/cluster/jobs/lending/trades.ts";
import { JobFlag } from "../../../../src/core/job.ts";
import type { Queue } from "../../../../src/core/queue.ts";
import type { ClusterWorld } from "../cluster-world.ts";
import type { SimProcess } from "../process.ts";
import { roundTripMs } from "./bounds.ts";
import { type Checker, Violation } from "./checker.ts";

/** Once views agree, all that waits has been said again after so long. */
const RETOLD_MS = 3000;

/** What was pushed for clients who ask again and again stays for them so long (credits.ts). */
const STAYS_MS = 2000;

/** The level at which memory is full. */
const FULL = 3;
/** The names are short. */
const QUEUE_BYTES_MAX = TRADE_BYTES + 16;
/** Who begins to wait asks all after so long, and at least this often from then on (demand.ts). */
const ASKS_ALL_MS = 2000;
const ASKS_AGAIN_MS = 30_000;

interface Since {
  readonly what: unknown;
  sinceMs: number;
  isStaying: boolean;
}

/** Compares the front of queues with the front of lines. */
export class NoWait implements Checker {
  readonly name = "9 no wait with work";
  readonly #cluster: ClusterWorld;
  readonly #waits = new Map<string, Since>();
  readonly #works = new Map<string, Since>();
  /** When a node had no room for all queues last. */
  #fullAtMs = Number.NEGATIVE_INFINITY;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  looked(): void {
    const { world, running } = this.#cluster;
    if (running.some((process) => isDeaf(process, world.config.queues))) {
      this.#fullAtMs = world.nowMs;
    }
    for (let i = 0; i < world.config.queues; i++) {
      const name = Buffer.from(`queue-${i}`, "latin1");
      let waitSinceMs = Number.POSITIVE_INFINITY;
      let waiting: SimProcess | undefined;
      let workSinceMs = Number.POSITIVE_INFINITY;
      let working: SimProcess | undefined;
      for (const process of running) {
        const queue = process.broker.queues.find(name, 0, name.length);
        const waitMs = this.#waitSinceMs(`${process.serial} ${i}`, process, queue);
        const job = jobOf(process, queue);
        let workMs = this.#since(this.#works, `${process.serial} ${i}`, job);
        // One that was here before may have gone and come back for them since it was looked at last.
        if (isStaying(process, queue)) workMs = this.#stays(`${process.serial} ${i}`);
        if (waitMs < waitSinceMs) [waitSinceMs, waiting] = [waitMs, process];
        if (workMs < workSinceMs) [workSinceMs, working] = [workMs, process];
      }
      if (waiting === undefined || working === undefined) continue;
      const heardMs = this.#heardMs(waitSinceMs);
      this.#judge(`queue-${i}`, waiting, working, Math.max(waitSinceMs, workSinceMs), heardMs);
    }
  }

  /**
   * When who waits has been heard of, if what was said of the queue may have come to a node whose memory was full, or
   * that has forgotten it with the member of whom it was said.
   */
  #heardMs(waitSinceMs: number): number {
    const isForgotten = this.#cluster.ledger.membersForgotten > 0;
    const askedMs = isForgotten ? waitSinceMs + ASKS_ALL_MS : Number.NEGATIVE_INFINITY;
    const againMs = this.#fullAtMs + ASKS_AGAIN_MS;
    if (waitSinceMs > againMs) return askedMs;
    return waitSinceMs <= this.#fullAtMs ? againMs : waitSinceMs + ASKS_ALL_MS;
  }

  /** Since when clients wait, and their node asks for jobs; Infinity when none does. */
  #waitSinceMs(key: string, { broker }: SimProcess, queue: Queue | undefined): number {
    const sinceMs = this.#since(this.#waits, key, waiterOf(queue));
    const known = this.#waits.get(key);
    if (known === undefined || broker.memory.level < FULL) return sinceMs;
    known.sinceMs = this.#cluster.world.nowMs + MEMORY_LOOK_MS;
    return known.sinceMs;
  }

  /** Since when this has been so; Infinity when it is not. */
  #since(times: Map<string, Since>, key: string, what: unknown): number {
    if (what === undefined) {
      times.delete(key);
      return Number.POSITIVE_INFINITY;
    }
    const known = times.get(key);
    if (known?.what === what) return known.sinceMs;
    const sinceMs = this.#cluster.world.nowMs;
    times.set(key, { what, sinceMs, isStaying: false });
    return sinceMs;
  }

  /** What is first in a queue is nobody else's for a while. Returns when that is over. */
  #stays(key: string): number {
    const known = this.#works.get(key);
    if (known === undefined) return Number.POSITIVE_INFINITY;
    if (!known.isStaying) known.sinceMs += STAYS_MS;
    known.isStaying = true;
    return known.sinceMs;
  }

  #judge(
    queue: string,
    waiting: SimProcess,
    working: SimProcess,
    sinceMs: number,
    heardMs: number,
  ): void {
    const { world, weather } = this.#cluster;
    const { calmSinceMs } = weather;
    if (calmSinceMs === Number.POSITIVE_INFINITY) return;
    world.mark(`checked: ${this.name}`);
    const roundTrips = 3 * roundTripMs(world.config);
    const boundMs = Math.max(sinceMs, heardMs, calmSinceMs + RETOLD_MS) + roundTrips;
    if (world.nowMs <= boundMs) return;
    const facts = `${waiting.name} waits for ${queue}, ${working.name} has jobs, for ${(world.nowMs - sinceMs).toFixed(0)} ms`;
    throw new Violation(this.name, facts, idOfFirst(working, queue));
  }
}

function waiterOf(queue: Queue | undefined): unknown {
  if (queue === undefined || queue.isPausedOut) return undefined;
  return queue.firstSeat?.waiter;
}

/** It may not hear of a queue. */
function isDeaf({ broker: { memory } }: SimProcess, queues: number): boolean {
  const hasRoom = queues * QUEUE_BYTES_MAX < memory.maxBytes * SHARE_WHEN_FULL;
  return memory.level >= FULL && !hasRoom;
}

/** The handle and the place of the first job; undefined when nobody may have it. */
function jobOf({ broker }: SimProcess, queue: Queue | undefined): unknown {
  if (queue === undefined || queue.isPausedOut || queue.length === 0) return undefined;
  const job = queue.jobs.first();
  if (broker.clock.isExpired(job)) return undefined;
  return `${job} ${broker.jobs.idWord(job, 2)} ${broker.jobs.queuedAtMs(job)}`;
}

function isStaying({ broker }: SimProcess, queue: Queue | undefined): boolean {
  if (queue === undefined || queue.length === 0) return false;
  return broker.jobs.hasFlag(queue.jobs.first(), JobFlag.isBorrowed | JobFlag.isLodger);
}

function idOfFirst({ broker }: SimProcess, queue: string): string {
  const name = Buffer.from(queue, "latin1");
  const bytes = Buffer.alloc(40);
  const found = broker.queues.find(name, 0, name.length);
  if (found !== undefined) broker.jobs.copyId(found.jobs.first(), bytes, 0);
  return bytes.toString("latin1");
}
