/**
 * 15. Per-peer buffers <= hard limit; tombstones <= unacked history x holders; no timer wakeups without
 *     due work.
 *
 * Buffers are bounded by the bus. Here: memories of acknowledgements do not outnumber what was
 * acknowledged, nobody wakes up again and again for nothing, and a cluster without jobs says nothing but
 * heartbeats.
 */
import type { Message } from "../../../../src/cluster/messages.ts";
import { isMembershipMessage } from "../../../../src/cluster/messages.ts";
import type { ClusterWorld } from "../cluster-world.ts";
import type { SimProcess } from "../process.ts";
import { type Checker, Violation } from "./checker.ts";

const WINDOW_MS = 1000;
/** Wake-ups within a window after which nothing has happened. */
const IDLE_WAKES_MAX = 60;
/** What a node may say in the last second or two of a life. */
const MESSAGES_MAX = 20;
/** For a congested node several machines look again so often whether it still is. */
const CONGESTION_LOOKS = (3 * WINDOW_MS) / 10;
/** Clocks that run a little fast wake up a little early, and again. */
const RINGS = 4;

interface Wakes {
  windowMs: number;
  idle: number;
  /** Turns in which something had arrived. */
  asked: number;
  /** It was not rid of what it had to say to somebody. */
  isCongested: boolean;
  /** Something was said or changed since the last turn. */
  isBusy: boolean;
}

/** Counts memories, wake-ups and words. */
export class Limits implements Checker {
  readonly name = "15 bounds";
  readonly #cluster: ClusterWorld;
  readonly #wakes = new Map<SimProcess, Wakes>();
  #acked = 0;
  #chatter = 0;
  #emptySinceMs = Number.POSITIVE_INFINITY;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  sent(process: SimProcess, message: Message): void {
    this.#of(process).isBusy = true;
    if (!isMembershipMessage(message)) this.#chatter++;
  }

  asked(_story: unknown, verb: string): void {
    if (verb === "ack") this.#acked++;
  }

  copyChanged(_story: unknown, { process }: { process: SimProcess }): void {
    this.#of(process).isBusy = true;
  }

  copyGone(_story: unknown, { process }: { process: SimProcess }): void {
    this.#of(process).isBusy = true;
  }

  turnEnded(process: SimProcess, isOwnWish: boolean): void {
    const wakes = this.#of(process);
    const { nowMs } = this.#cluster.world;
    if (nowMs - wakes.windowMs > WINDOW_MS) {
      Object.assign(wakes, { windowMs: nowMs, idle: 0, asked: 0, isCongested: false });
    }
    if (process.congested.size > 0) wakes.isCongested = true;
    if (!isOwnWish) wakes.asked++;
    else if (!wakes.isBusy) wakes.idle++;
    wakes.isBusy = false;
    // A turn may want another one right behind it.
    const looks = wakes.isCongested ? CONGESTION_LOOKS : 0;
    if (wakes.idle <= IDLE_WAKES_MAX + looks + 2 * wakes.asked) return;
    throw new Violation(this.name, `${process.name} wakes up for nothing: ${wakes.idle} in 1 s`);
  }

  lookedClosely(): void {
    const { ledger, world, running, weather } = this.#cluster;
    let memories = 0;
    let jobs = 0;
    for (const { broker } of running) {
      memories += broker.stats.jobsByState[3] ?? 0;
      jobs += broker.jobs.count;
    }
    const failed = ledger.stories.size;
    if (memories > (this.#acked + failed) * RINGS * running.length) {
      throw new Violation(this.name, `${memories} tombstones`);
    }
    const isQuiet = jobs === 0 && ledger.isDraining && weather.calmForMs > WINDOW_MS;
    if (!isQuiet) this.#emptySinceMs = Number.POSITIVE_INFINITY;
    else if (this.#emptySinceMs === Number.POSITIVE_INFINITY) {
      this.#emptySinceMs = world.nowMs;
      this.#chatter = 0;
    }
  }

  ended(): void {
    const { world } = this.#cluster;
    const quietMs = world.nowMs - this.#emptySinceMs - WINDOW_MS;
    if (!(quietMs > 0)) return;
    world.mark(`checked: ${this.name}`);
    const nodes = this.#cluster.running.length;
    // Who had jobs of a queue is told of every node whose clients do not wait for it any more: once.
    const goodbyes = nodes * nodes * world.config.queues;
    const allowed = MESSAGES_MAX * nodes + goodbyes;
    if (this.#chatter <= allowed) return;
    throw new Violation(this.name, `${this.#chatter} messages in ${quietMs} ms without a job`);
  }

  #of(process: SimProcess): Wakes {
    let wakes = this.#wakes.get(process);
    if (wakes === undefined) {
      wakes = { windowMs: 0, idle: 0, asked: 0, isCongested: false, isBusy: true };
      this.#wakes.set(process, wakes);
    }
    return wakes;
  }
}
