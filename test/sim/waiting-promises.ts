/**
 * The promises to those who wait, and those about what is left when everything is quiet.
 *
 * As in promises.ts: judged from outside, one promise a checker.
 */
import {
  type Checker,
  type ShownQueue,
  type SimEvent,
  type Snapshot,
  Violation,
} from "./history.ts";

/** A client that was told to wait. */
interface Waiting {
  readonly queues: readonly string[];
  readonly deadlineMs: number;
  readonly arrival: number;
}

/** Who waits for what. */
class WaitMemory {
  readonly waiting = new Map<string, Waiting>();
  arrivals = 0;
  /** All waits end, whatever their time. */
  isFlushing = false;

  note(event: SimEvent): void {
    if (event.type === "ask" && event.deadlineMs !== undefined) {
      const { queues, deadlineMs } = event;
      this.waiting.set(event.client, { queues, deadlineMs, arrival: ++this.arrivals });
    }
    const isOver = event.type === "arrive" || event.type === "end wait" || event.type === "cancel";
    if (isOver) this.waiting.delete(event.client);
    if (event.type === "flush") this.isFlushing = true;
    if (event.type === "ticked") this.isFlushing = false;
  }
}

/** A checker that looks at every event before it is remembered; it says what is wrong in words. */
function waitPromise(
  name: string,
  judge: (event: SimEvent, memory: WaitMemory) => string | undefined,
): Checker {
  const memory = new WaitMemory();
  return {
    name,
    on: (event) => {
      const fault = judge(event, memory);
      if (fault !== undefined) throw new Violation(name, fault);
      memory.note(event);
    },
  };
}

/** A wait ends when its time is up, not before and not later. */
const punctual = () =>
  waitPromise("punctual", (event, { waiting, isFlushing }) => {
    if (event.type === "end wait" && !isFlushing) {
      const deadlineMs = waiting.get(event.client)?.deadlineMs ?? Number.POSITIVE_INFINITY;
      if (event.atMs < deadlineMs) return `${event.client} was sent away early`;
    }
    if (event.type !== "audit") return undefined;
    const late = [...waiting].find(([, { deadlineMs }]) => deadlineMs <= event.atMs);
    return late && `${late[0]} still waits after its time`;
  });

/** Nobody waits for a queue that has jobs and may give them. */
const served = () =>
  waitPromise("served", (event) => {
    if (event.type !== "audit") return undefined;
    for (const [name, queue] of event.snapshot.queues) {
      const isOpen = queue.pause === "none" || queue.pause === "in";
      if (isOpen && queue.length > 0 && queue.waiters > 0) {
        return `clients wait for ${name}, which has jobs`;
      }
    }
    return undefined;
  });

/** Who has waited longest for a queue is served first, and newcomers wait behind. */
class Fair implements Checker {
  readonly name = "fair";
  readonly #memory = new WaitMemory();
  /** Queue and arrival of those who were served in this turn. */
  #served: [queue: string, arrival: number][] = [];
  #isPlain = true;
  /** Jobs that came back behind the last tick may be promised to somebody from one turn to the next. */
  #mayHavePromised = false;
  #turnAtMs = 0;

  on(event: SimEvent): void {
    this.#observe(event);
    this.#memory.note(event);
  }

  #observe(event: SimEvent): void {
    switch (event.type) {
      case "turn":
        this.#served = [];
        this.#isPlain = !this.#mayHavePromised;
        this.#mayHavePromised = false;
        this.#turnAtMs = event.atMs;
        break;
      // Who loses a promised job to somebody's request, or in a slow turn to time, waits again.
      case "verb":
      case "lose reply":
      case "cancel":
        this.#isPlain = false;
        this.#mayHavePromised = true;
        break;
      case "tick":
        if (event.atMs > this.#turnAtMs) this.#isPlain = false;
        break;
      case "ask":
      case "arrive":
        this.#note(event.client, event.jobs[0]?.queue);
        break;
      case "ticked":
        if (this.#isPlain) this.#judge();
        break;
      default:
    }
  }

  #note(client: string, queue: string | undefined): void {
    if (queue === undefined) return;
    const newcomer = this.#memory.arrivals + 1;
    this.#served.push([queue, this.#memory.waiting.get(client)?.arrival ?? newcomer]);
  }

  #judge(): void {
    for (const [queue, arrival] of this.#served) {
      for (const [client, waiting] of this.#memory.waiting) {
        if (waiting.arrival < arrival && waiting.queues.includes(queue)) {
          throw new Violation(this.name, `${client} was passed over for ${queue}`);
        }
      }
    }
  }
}

const IDLE_MS = 300_000;
const IDLE_MS_MIN = 2000;

/** A queue stays visible while it is used and a while longer, and is then forgotten. */
class Remembered implements Checker {
  readonly name = "remembered";
  readonly #usedAtMs = new Map<string, number>();
  readonly #lastSeenBusy = new Map<string, number>();
  #before = new Map<string, ShownQueue>();
  #auditedAtMs = 0;
  readonly #idleMs: number;

  constructor(hasLittleMemory: boolean) {
    this.#idleMs = hasLittleMemory ? IDLE_MS_MIN : IDLE_MS;
  }

  on(event: SimEvent): void {
    if (event.type === "ask") for (const name of event.queues) this.#use(name, event.atMs);
    if (event.type === "add" && event.delayMs === 0) this.#use(event.queue, event.atMs);
    if (event.type === "pause") this.#lastSeenBusy.set(event.queue, event.atMs);
    if (event.type === "flush") {
      this.#usedAtMs.clear();
      this.#before.clear();
    }
    if (event.type === "audit") this.#audit(event.atMs, event.snapshot);
  }

  #use(name: string, atMs: number): void {
    this.#usedAtMs.set(name, atMs);
  }

  #audit(atMs: number, { queues }: Snapshot): void {
    for (const [name, usedAtMs] of this.#usedAtMs) {
      if (queues.has(name)) continue;
      this.#usedAtMs.delete(name);
      if (atMs >= usedAtMs + this.#idleMs) continue;
      throw new Violation(this.name, `${name} was forgotten early`);
    }
    for (const [name, shown] of queues) this.#judge(name, shown, atMs);
    this.#before = new Map(queues);
    this.#auditedAtMs = atMs;
  }

  #judge(name: string, shown: ShownQueue, atMs: number): void {
    const before = this.#before.get(name);
    const isBusy = shown.length > 0 || shown.waiters > 0 || shown.pause !== "none";
    const hasChanged = before === undefined || isChanged(before, shown);
    if (isBusy || hasChanged) this.#lastSeenBusy.set(name, atMs);
    const sinceMs = Math.max(this.#lastSeenBusy.get(name) ?? atMs, this.#usedAtMs.get(name) ?? 0);
    // The turn that finds it overdue is the one that forgets it.
    if (this.#auditedAtMs <= sinceMs + IDLE_MS) return;
    throw new Violation(this.name, `${name} was never forgotten`);
  }
}

function isChanged(before: ShownQueue, shown: ShownQueue): boolean {
  const isSameLength = before.length === shown.length && before.waiters === shown.waiters;
  const isSameUse = before.jobsIn === shown.jobsIn && before.jobsOut === shown.jobsOut;
  return !isSameLength || !isSameUse || before.pause !== shown.pause;
}

const EMPTY_BYTES_MAX = 512 * 1024;

/** When everything is gone, nothing is left: no memory, no timer. */
const quiet = () =>
  waitPromise("quiet", (event) => {
    if (event.type !== "silence") return undefined;
    if (event.usedBytes > EMPTY_BYTES_MAX) return `${event.usedBytes} bytes are left`;
    return event.nextWakeAtMs < Number.POSITIVE_INFINITY ? "a timer is left" : undefined;
  });

/** Every promise about waiting and about what is left. */
export function waitingPromises(hasLittleMemory: boolean): Checker[] {
  return [punctual(), served(), new Fair(), new Remembered(hasLittleMemory), quiet()];
}
