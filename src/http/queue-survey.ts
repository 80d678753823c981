/**
 * How old the oldest job of the node is, and which queues are longest: found by a walk when somebody asks.
 *
 * Nobody keeps these answers up to date, because that would cost every job something. Who asks while a
 * walk is under way, or was a moment ago, gets the result of that.
 */
import { oldestAgeMs } from "../cluster/totals-figures.ts";
import type { ServerState } from "../commands/server-state.ts";
import type { Queue } from "../core/queue.ts";
import { walkIsGoodForMs, walkQueues } from "./queue-walk.ts";
import type { Slices } from "./slices.ts";
import { TopRows } from "./top-rows.ts";

/** A result is good for so long, where queues are few: the live feed has news every second. */
const FRESH_MS = 900;
/** How many of the longest queues are found. */
export const LONGEST_QUEUES = 50;

/** What a walk has found. */
export interface Survey {
  /** Null when no job waits anywhere. */
  readonly oldestAgeMs: number | null;
  /** Longest first; empty ones are not among them. */
  readonly longest: readonly Queue[];
  /** There are more queues than a walk looks at. */
  readonly isPartial: boolean;
}

/** Walks. */
export class QueueSurvey {
  readonly #server: ServerState;
  readonly #slices: Slices;
  #running: Promise<Survey> | undefined;
  #last: Survey | undefined;
  #lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(server: ServerState, slices: Slices) {
    this.#server = server;
    this.#slices = slices;
  }

  /** The result of a walk that is under way or recent, or of a new one. */
  async take(): Promise<Survey> {
    const { broker, host } = this.#server;
    const goodForMs = walkIsGoodForMs(broker.queues.numberLimit, FRESH_MS);
    if (this.#last !== undefined && host.nowMs - this.#lastAtMs < goodForMs) return this.#last;
    this.#running ??= this.#walk().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #walk(): Promise<Survey> {
    const { broker, host } = this.#server;
    const longest = new TopRows<Queue>(LONGEST_QUEUES, { value: -1, name: 1 });
    let oldest: number | null = null;
    const isWhole = await walkQueues(this.#server, this.#slices, (queue) => {
      const { length } = queue;
      if (length === 0) return;
      oldest = Math.max(oldest ?? 0, oldestAgeMs(queue, broker, host.wallMs) ?? 0);
      longest.offer(queue, length, queue.name);
    });
    longest.merge(LONGEST_QUEUES);
    this.#last = { oldestAgeMs: oldest, longest: longest.rows, isPartial: !isWhole };
    this.#lastAtMs = host.nowMs;
    return this.#last;
  }
}
