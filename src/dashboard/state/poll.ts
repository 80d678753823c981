/**
 * Asking the API for one thing again and again while a component shows it.
 *
 * The next question is asked some time after the last answer, so a slow node is asked less often. What
 * was answered last stays when a question fails, beside the reason.
 */
import { useEffect, useMemo } from "preact/hooks";
import { ApiFailure, get } from "./api.ts";
import { Rest } from "./rest.ts";
import { Store, useStore } from "./store.ts";

/** What is known of the thing. */
export interface Polled<T> {
  readonly value: T | undefined;
  /** Why the last question failed. */
  readonly problem: string | undefined;
  /** The API says that there is no such thing. */
  readonly isGone: boolean;
  /** When it was answered, ms of the page's own clock. */
  readonly atMs: number;
}

/** Nothing has this name, or can have it. */
const NO_SUCH_THING: readonly number[] = [400, 404];
const UNKNOWN = { value: undefined, problem: undefined, isGone: false, atMs: 0 };

/** Asks until it is stopped. */
class Poller<T> {
  readonly answer = new Store<Polled<T>>(UNKNOWN);
  readonly #path: string;
  readonly #pauseMs: number;
  readonly #ending = new AbortController();
  readonly #rest = new Rest();

  constructor(path: string, pauseMs: number) {
    this.#path = path;
    this.#pauseMs = pauseMs;
  }

  readonly refresh = (): void => this.#rest.cutShort();

  async run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        const value = await get<T>(this.#path, signal);
        this.answer.set({ value, problem: undefined, isGone: false, atMs: performance.now() });
      } catch (error) {
        if (signal.aborted) return;
        const isGone = error instanceof ApiFailure && NO_SUCH_THING.includes(error.status);
        this.answer.set({ ...this.answer.value, problem: (error as Error).message, isGone });
      }
      await this.#rest.take(this.#pauseMs);
    }
  }

  stop(): void {
    this.#ending.abort();
    this.#rest.cutShort();
  }
}

/** What the API answers at this path; `refresh` asks at once, because something was done. */
export function usePolled<T>(path: string, pauseMs = 2000): Polled<T> & { refresh: () => void } {
  const poller = useMemo(() => new Poller<T>(path, pauseMs), [path, pauseMs]);
  useEffect(() => {
    void poller.run();
    return () => poller.stop();
  }, [poller]);
  return { ...useStore(poller.answer), refresh: poller.refresh };
}
