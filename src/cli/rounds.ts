/**
 * Doing something every second until it has been done so many times, or Ctrl-C.
 *
 * Ctrl-C is how people end what runs for ever, so it is no failure: what is under way ends, the cursor comes
 * back, and the exit code is 0.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Argv } from "yargs";
import { INTERVAL_SECONDS_MAX } from "./command-line.ts";
import type { ConnectionArguments } from "./connection-options.ts";
import { numberOption } from "./number-option.ts";

const INTERVAL_SECONDS_MIN = 0.05;

/** How often and how many times. */
export interface RoundsArguments extends ConnectionArguments {
  readonly interval: number;
  /** 0: until Ctrl-C. */
  readonly rounds: number;
}

/** Lets a parser understand `-i` and `-r`. */
export function withRounds<T>(parser: Argv<T>, seconds = 1): Argv<T & RoundsArguments> {
  return parser.options({
    interval: numberOption("-i", {
      describe: "Seconds between rounds",
      alias: "i",
      default: seconds,
      min: INTERVAL_SECONDS_MIN,
      max: INTERVAL_SECONDS_MAX,
      isWhole: false,
    }),
    rounds: numberOption("-r", {
      describe: "Rounds; 0 means until Ctrl-C",
      alias: "r",
      default: 0,
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      isWhole: true,
    }),
  }) as unknown as Argv<T & RoundsArguments>;
}

/** Says when Ctrl-C was pressed, as long as it listens. */
export class Interrupt {
  readonly #controller = new AbortController();
  readonly #onSignal = (): void => this.#controller.abort();

  constructor() {
    process.on("SIGINT", this.#onSignal);
    process.on("SIGTERM", this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isPressed(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Sleeps, or until it is pressed. */
  async sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.signal }).catch(() => undefined);
  }

  /** The promise's value; undefined when it is pressed first. */
  async race<T>(promise: Promise<T>): Promise<T | undefined> {
    const { signal } = this;
    if (signal.aborted) return undefined;
    let stop = (): void => undefined;
    const pressed = new Promise<undefined>((resolve) => {
      stop = () => resolve(undefined);
      signal.addEventListener("abort", stop, { once: true });
    });
    try {
      return await Promise.race([promise, pressed]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Leaves Ctrl-C to others again. */
  release(): void {
    process.off("SIGINT", this.#onSignal);
    process.off("SIGTERM", this.#onSignal);
  }
}

/** Runs `round` with its number, from 0, until all are done or Ctrl-C. Rejects as it does. */
export async function runRounds(
  { interval, rounds }: Pick<RoundsArguments, "interval" | "rounds">,
  round: (number: number) => Promise<void>,
): Promise<void> {
  const interrupt = new Interrupt();
  const startMs = performance.now();
  try {
    for (let number = 0; rounds === 0 || number < rounds; number++) {
      // On a schedule: what a round takes is no delay of the next one.
      const due = startMs + number * interval * 1000;
      if (number > 0) await interrupt.sleep(Math.max(0, due - performance.now()));
      if (interrupt.isPressed) return;
      const work = round(number);
      work.catch(() => undefined);
      await interrupt.race(work);
    }
  } finally {
    interrupt.release();
  }
}
