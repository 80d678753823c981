/**
 * All queues of the node, or what all nodes tell of theirs, read again and again while a page shows them.
 *
 * Page after page, so that no request costs the node more than some milliseconds; thousands are read rarely.
 */
import type { QueueShape } from "../shapes/api-shapes.ts";
import { pauseAfter, type QueueRow, withRates } from "../shapes/queue-rows.ts";
import { get } from "./api.ts";
import { Rest } from "./rest.ts";
import type { Scope } from "./scope.ts";
import { Store } from "./store.ts";

/** As many as the API gives at once. */
const PER_REQUEST = 250;
/** More than this is for programs. */
const QUEUES_MAX = 50_000;

/** What was read. */
export interface QueueList {
  readonly rows: readonly QueueRow[];
  readonly isComplete: boolean;
  /** All have been read once. */
  readonly isRead: boolean;
  readonly problem: string | undefined;
}

interface QueuesAnswer {
  readonly queues: readonly QueueShape[];
  readonly next: number | null;
  readonly isPartial?: boolean;
}

const NOTHING: QueueList = { rows: [], isComplete: true, isRead: false, problem: undefined };

/** Reads for one scope until it is told to stop. */
export class QueueReader {
  readonly list = new Store<QueueList>(NOTHING);
  readonly #scope: Scope;
  readonly #ending = new AbortController();
  readonly #rest = new Rest();
  #readAtMs = 0;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** Reads until `stop`. */
  async run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const startedMs = performance.now();
      try {
        await this.#read();
      } catch (error) {
        if (signal.aborted) return;
        this.list.set({ ...this.list.value, problem: String((error as Error).message) });
      }
      await this.#rest.take(pauseAfter(this.list.value.rows.length, performance.now() - startedMs));
    }
  }

  /** Reads at once, because something was done. */
  refresh(): void {
    this.#rest.cutShort();
  }

  stop(): void {
    this.#ending.abort();
    this.#rest.cutShort();
  }

  async #read(): Promise<void> {
    const startedMs = performance.now();
    const seconds = (startedMs - this.#readAtMs) / 1000;
    const before = new Map(this.list.value.rows.map((row) => [row.nameUrl, row]));
    const queues: QueueShape[] = [];
    let cursor: number | null = 0;
    let isPartial = false;
    while (cursor !== null && queues.length < QUEUES_MAX) {
      const query = this.#scope === "cluster" ? "scope=cluster" : `cursor=${cursor}`;
      const path = `/api/queues?count=${PER_REQUEST}&${query}`;
      const answer: QueuesAnswer = await get<QueuesAnswer>(path, this.#ending.signal);
      queues.push(...answer.queues);
      isPartial ||= answer.isPartial === true;
      cursor = answer.next;
      if (!this.list.value.isRead) this.#show(withRates(queues, before, 0), false, false);
    }
    this.#readAtMs = startedMs;
    this.#show(withRates(queues, before, seconds), cursor === null && !isPartial, true);
  }

  #show(rows: readonly QueueRow[], isComplete: boolean, isRead: boolean): void {
    this.list.set({ rows, isComplete, isRead, problem: undefined });
  }
}
