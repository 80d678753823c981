/**
 * A walk over all queues of the node, some of them a turn: how old the oldest job is, which queues
 * are longest.
 *
 * There may be a million queues, and nobody keeps these answers up to date, because that would cost every
 * job something. So they are found when somebody asks; who asks while a walk is under way, or was a
 * moment ago, gets the result of that. A queue that comes or goes meanwhile may be seen or not.
 */
import { oldestAgeMs } from "../cluster/totals-figures.ts";
import type { ServerState } from "../commands/server-state.ts";
import type { Queue } from "../core/queue.ts";

/** Numbers of queues looked at in one turn: less than a millisecond. */
const QUEUES_PER_TURN = 500;
/** A walk looks at so many; of more queues the result is partial. */
const QUEUES_MAX = 200_000;
/** A result is good for so long. */
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
  readonly #touch: () => void;
  #running: Promise<Survey> | undefined;
  #last: Survey | undefined;
  #lastAtMs = Number.NEGATIVE_INFINITY;

  /** @param touch a turn goes on: clocks are read */
  constructor(server: ServerState, touch: () => void) {
    this.#server = server;
    this.#touch = touch;
  }

  /** The result of a walk that is under way or recent, or of a new one. */
  async take(): Promise<Survey> {
    const { host } = this.#server;
    if (this.#last !== undefined && host.nowMs - this.#lastAtMs < FRESH_MS) return this.#last;
    this.#running ??= this.#walk().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #walk(): Promise<Survey> {
    const { broker, host } = this.#server;
    const longest = new Longest();
    let oldest: number | null = null;
    let number = 0;
    while (number < Math.min(broker.queues.numberLimit, QUEUES_MAX)) {
      const end = Math.min(broker.queues.numberLimit, number + QUEUES_PER_TURN);
      for (; number < end; number++) {
        const queue = broker.queues.at(number);
        if (!queue?.isRegistered || queue.length === 0) continue;
        oldest = Math.max(oldest ?? 0, oldestAgeMs(queue, broker, host.wallMs) ?? 0);
        longest.note(queue);
      }
      await nextTurn();
      this.#touch();
    }
    const isPartial = number < broker.queues.numberLimit;
    this.#last = { oldestAgeMs: oldest, longest: longest.queues(), isPartial };
    this.#lastAtMs = host.nowMs;
    return this.#last;
  }
}

/** The longest of many queues: a list that is cut now and then costs less than keeping it in order. */
class Longest {
  #queues: Queue[] = [];
  #lengthMin = 0;

  note(queue: Queue): void {
    if (queue.length <= this.#lengthMin) return;
    this.#queues.push(queue);
    if (this.#queues.length >= 4 * LONGEST_QUEUES) this.#cut();
  }

  queues(): Queue[] {
    this.#cut();
    return this.#queues;
  }

  #cut(): void {
    this.#queues.sort((a, b) => b.length - a.length);
    if (this.#queues.length <= LONGEST_QUEUES) return;
    this.#queues.length = LONGEST_QUEUES;
    this.#lengthMin = this.#queues.at(-1)?.length ?? 0;
  }
}

/** Lets everything that is waiting have its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
