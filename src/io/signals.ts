/**
 * What the process does when it is told to stop, to reload, or when it is broken.
 *
 * SIGTERM and SIGINT ask for an orderly stop, once. One Ctrl-C under `npm start` arrives twice
 * within a millisecond (from the terminal and from npm), so repeats within a second are the same
 * wish; a SIGINT after that means "now". SIGUSR1 is left alone, because Node opens its debugger on
 * it. After a bug nothing is trusted any more: it is logged and the process ends. Nothing here
 * knows how a server stops.
 */

/** Signals closer together than this are one. */
const SAME_SIGNAL_MS = 1000;

/** Exit code of an impatient stop and of a bug. */
const FAILURE = 1;

/** What to do about each. */
export interface SignalActions {
  /** The first SIGTERM or SIGINT. A promise that rejects is a bug like any other. */
  onStop(signal: "SIGTERM" | "SIGINT"): void | Promise<void>;
  /** SIGHUP. */
  onReload(): void | Promise<void>;
  /** An exception nobody caught; log it. The process exits when this returns. */
  onFatal(error: unknown, origin: string): void;
  /** Ends the process at once. */
  exit(code: number): void;
  /** Monotonic clock, milliseconds. */
  nowMs(): number;
}

/** The part of an event emitter that is used. */
type Emitter = Pick<NodeJS.EventEmitter, "on" | "removeListener">;

type Listen = (emitter: Emitter, ...listener: Parameters<Emitter["on"]>) => void;

/** The part of `process` that is used; a test has its own. */
export interface ProcessLike extends Emitter {
  readonly stdout: Emitter;
  readonly stderr: Emitter;
}

/**
 * Installs the handlers, first thing in a process: as process 1 of a container it would not even
 * get a SIGTERM without one. Returns a function that removes them.
 */
export function installSignals(actions: SignalActions, target: ProcessLike = process): () => void {
  const remove: (() => void)[] = [];
  const listen: Listen = (emitter, event, listener) => {
    emitter.on(event, listener);
    remove.push(() => emitter.removeListener(event, listener));
  };

  const stopper = new Stopper(actions);
  listen(target, "SIGTERM", () => stopper.signal("SIGTERM"));
  listen(target, "SIGINT", () => stopper.signal("SIGINT"));
  listen(target, "SIGHUP", () => void actions.onReload());

  const fatal = fatalOnce(actions);
  listen(target, "uncaughtException", (error: unknown) => fatal(error, "uncaughtException"));
  listen(target, "unhandledRejection", (reason: unknown) => fatal(reason, "unhandledRejection"));

  // Whoever read our output is gone, or its disk is full. That is no reason to lose jobs.
  const ignore = (): void => undefined;
  listen(target.stdout, "error", ignore);
  listen(target.stderr, "error", ignore);

  return () => {
    for (const undo of remove) undo();
  };
}

/** Counts wishes to stop, not signals. */
class Stopper {
  readonly #actions: SignalActions;
  #stoppingSinceMs: number | undefined;

  constructor(actions: SignalActions) {
    this.#actions = actions;
  }

  signal(name: "SIGTERM" | "SIGINT"): void {
    const nowMs = this.#actions.nowMs();
    if (this.#stoppingSinceMs === undefined) {
      this.#stoppingSinceMs = nowMs;
      void this.#actions.onStop(name);
    } else if (name === "SIGINT" && nowMs - this.#stoppingSinceMs >= SAME_SIGNAL_MS) {
      this.#actions.exit(FAILURE);
    }
  }
}

/** The first bug is logged; one in the logging of it is not. Either way the process ends. */
function fatalOnce(actions: SignalActions): (error: unknown, origin: string) => void {
  let isDying = false;
  return (error, origin) => {
    const isFirst = !isDying;
    isDying = true;
    try {
      if (isFirst) actions.onFatal(error, origin);
    } finally {
      actions.exit(FAILURE);
    }
  };
}
