/**
 * A page of queues of the node, or of what all nodes tell of theirs, read again and again while it is shown.
 *
 * Another view is read at once, and an answer for the former one is not waited for. What was read stays until
 * then.
 */
import type { QueueShape } from "../shapes/api-shapes.ts";
import {
  pagesOf,
  pauseAfter,
  type QueueRow,
  type QueueView,
  queuesPath,
  withRates,
} from "../shapes/queue-rows.ts";
import { get } from "./api.ts";
import { Rest } from "./rest.ts";
import type { Scope } from "./scope.ts";
import { Store } from "./store.ts";

/** What was read. */
export interface QueueList {
  readonly rows: readonly QueueRow[];
  /** Rows that fit, on all pages. */
  readonly found: number;
  /** From 0; another one than was asked for when there are not so many any more. */
  readonly page: number;
  readonly queueCount: number;
  readonly jobCount: number;
  readonly isPartial: boolean;
  /** Something was read. */
  readonly isRead: boolean;
  readonly problem: string | undefined;
}

interface QueuesAnswer extends Pick<QueueList, "found" | "queueCount" | "jobCount" | "isPartial"> {
  readonly queues: readonly QueueShape[];
}

const NOTHING: QueueList = {
  rows: [],
  found: 0,
  page: 0,
  queueCount: 0,
  jobCount: 0,
  isPartial: false,
  isRead: false,
  problem: undefined,
};

/** Reads for one scope until it is told to stop. */
export class QueueReader {
  readonly list = new Store<QueueList>(NOTHING);
  readonly #scope: Scope;
  readonly #rest = new Rest();
  #view: QueueView;
  /** Of the question that is open, or the next one. */
  #asking = new AbortController();
  #isStopped = false;
  #readAtMs = 0;

  constructor(scope: Scope, view: QueueView) {
    this.#scope = scope;
    this.#view = view;
  }

  /** Reads until `stop`. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      const startedMs = performance.now();
      const { signal } = this.#asking;
      try {
        await this.#read(signal);
      } catch (error) {
        if (!signal.aborted) this.#fail(String((error as Error).message));
      }
      const tookMs = performance.now() - startedMs;
      await this.#rest.take(pauseAfter(this.list.value.queueCount, tookMs));
    }
  }

  /** Something else is looked at. */
  look(view: QueueView): void {
    if (view === this.#view) return;
    this.#view = view;
    this.#askAnew();
  }

  /** Reads at once, because something was done. */
  refresh(): void {
    this.#rest.cutShort();
  }

  stop(): void {
    this.#isStopped = true;
    this.#askAnew();
  }

  #askAnew(): void {
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#rest.cutShort();
  }

  async #read(signal: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    let { page } = this.#view;
    let answer = await this.#ask(page, signal);
    const lastPage = pagesOf(answer.found) - 1;
    if (page > lastPage) {
      page = lastPage;
      answer = await this.#ask(page, signal);
    }
    signal.throwIfAborted();
    const seconds = (startedMs - this.#readAtMs) / 1000;
    const before = new Map(this.list.value.rows.map((row) => [row.nameUrl, row]));
    this.#readAtMs = startedMs;
    const { queues, found, queueCount, jobCount, isPartial } = answer;
    const rows = withRates(queues, before, seconds);
    const facts = { found, queueCount, jobCount, isPartial };
    this.list.set({ ...facts, rows, page, isRead: true, problem: undefined });
  }

  #ask(page: number, signal: AbortSignal): Promise<QueuesAnswer> {
    return get<QueuesAnswer>(queuesPath({ ...this.#view, page }, this.#scope), signal);
  }

  #fail(problem: string): void {
    this.list.set({ ...this.list.value, problem });
  }
}
