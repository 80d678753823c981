/**
 * One turn of the event loop, and the one place that knows its order.
 *
 *   read -> run commands -> do what is due -> write the nodes file and the log -> send to other
 *   nodes -> send replies -> arm one timer
 *
 * Nothing is said to anyone before it is written, or, if that was promised, on the disk (held-back.ts). Everything that arrives in one pass of the loop is
 * handled first, then the turn is finished once for all of it: one write per socket, one reading of
 * the clock, one timer. Redis calls this `beforeSleep`.
 *
 * A frame costs a wake-up at the other node and one here for its answer, whatever is in it. So a busy node that has
 * others waits for one more pass: what arrives in that goes with the rest. After a long pass there is enough to send,
 * and waiting would only leave the others idle.
 */

/** Longest time a timer can be set to; longer waits are armed again. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** Rates in INFO are sampled this often while something happens. */
const SAMPLE_MS = 100;

/** A turn that comes so soon after another one shows that there is more to come. */
const BUSY_MS = 1;
/** A pass that took so long has gathered enough for a frame of its own. */
const LONG_PASS_MICROS = 250;

/** Something that has work at moments of its own. */
export interface Machine {
  /** The clock was read, at the beginning of a turn or for its end, and nothing was done since. */
  timePassed?(): void;
  /** Does what is due. */
  tick(): void;
  /** Monotonic ms at which there is something to do; Infinity: only after something happened. */
  readonly nextWakeAtMs: number;
}

/** What takes part in a turn. */
export interface TurnParts {
  /** In the order in which they take their part. */
  readonly machines: readonly Machine[];
  readonly clock: { nowMs: number; refresh(): void; elapsedMicros(): number };
  /** Writes what must be on disk before replies leave; when it must be tried again, or Infinity. */
  readonly persist: () => number;
  /** Sends what was written for other nodes, then for clients. */
  readonly flush: () => void;
  /** Goes on with clients that were blocked or held; the earliest moment when it must run again. */
  readonly resume: () => number;
  readonly sample: (nowMs: number) => void;
  /** Whether what is sent may go to other nodes. */
  readonly isLinked: () => boolean;
}

/** Ends turns, and starts one when time has come. */
export class Turn {
  readonly #parts: TurnParts;
  #isScheduled = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #sampledAtMs = 0;
  #finishedAtMs = Number.NEGATIVE_INFINITY;
  #touchedAtMicros = 0;

  constructor(parts: TurnParts) {
    this.#parts = parts;
  }

  /** Something happens now: finish the turn after everything that happens in this pass, or the next. */
  touch(): void {
    if (this.#isScheduled || this.#isStopped) return;
    this.#isScheduled = true;
    const { clock, isLinked } = this.#parts;
    this.#readClock();
    const isBusy = clock.nowMs - this.#finishedAtMs <= BUSY_MS;
    const mayWait = isBusy && isLinked();
    if (mayWait) this.#touchedAtMicros = clock.elapsedMicros();
    setImmediate(mayWait ? this.#passOn : this.#finish);
  }

  /** No further turns. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  readonly #passOn = (): void => {
    const passMicros = this.#parts.clock.elapsedMicros() - this.#touchedAtMicros;
    if (passMicros < LONG_PASS_MICROS) setImmediate(this.#finish);
    else this.#finish();
  };

  readonly #finish = (): void => {
    if (this.#isStopped) return;
    const { machines, clock, persist, flush, resume, sample } = this.#parts;
    this.#readClock();
    for (const machine of machines) machine.tick();
    const persistAtMs = persist();
    flush();
    // What happened up to here is taken care of; what clients do who go on needs another turn.
    this.#isScheduled = false;
    this.#finishedAtMs = clock.nowMs;
    const resumeAtMs = resume();
    if (clock.nowMs - this.#sampledAtMs >= SAMPLE_MS) {
      this.#sampledAtMs = clock.nowMs;
      sample(clock.nowMs);
    }
    let wakeAtMs = Math.min(resumeAtMs, persistAtMs);
    for (const { nextWakeAtMs } of machines) wakeAtMs = Math.min(wakeAtMs, nextWakeAtMs);
    this.#arm(wakeAtMs);
  };

  #readClock(): void {
    const { clock, machines } = this.#parts;
    clock.refresh();
    for (const machine of machines) machine.timePassed?.();
  }

  /** An armed timer that is early enough stays: it costs one empty turn instead of two calls now. */
  #arm(atMs: number): void {
    const waitMs = atMs - this.#parts.clock.nowMs;
    if (waitMs <= 0) {
      this.touch();
      return;
    }
    if (this.#timer !== undefined && this.#timerAtMs <= atMs) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    if (waitMs === Number.POSITIVE_INFINITY) return;
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(this.#wake, Math.min(waitMs, TIMER_MS_MAX));
  }

  readonly #wake = (): void => {
    this.#timer = undefined;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    this.touch();
  };
}
