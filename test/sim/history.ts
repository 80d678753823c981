/**
 * What happened in a simulated life, as an outside observer sees it.
 *
 * Clients and nodes report every request with its answer, every delivery, every turn. Checkers listen
 * and know nothing else: none of them looks into the broker, so a broker that lies to itself is still
 * found out. The history also keeps a hash of everything, by which two runs are compared, and the
 * last events, which are printed when something went wrong.
 */

/** What a client reads in a reply of GETJOB ... WITHCOUNTERS. */
export interface Delivery {
  readonly id: string;
  readonly queue: string;
  readonly body: string;
  readonly nacks: number;
  readonly additionalDeliveries: number;
}

/** What SHOW tells about a job, as far as checkers want to know it. */
export interface ShownJob {
  readonly state: "active" | "queued";
  readonly nacks: number;
  readonly additionalDeliveries: number;
  /** Ms; Infinity: never by itself. */
  readonly requeueWithinMs: number;
}

/** What QSTAT tells about a queue. */
export interface ShownQueue {
  readonly length: number;
  readonly waiters: number;
  readonly jobsIn: number;
  readonly jobsOut: number;
  readonly pause: string;
  readonly createdAtMs: number;
}

/** Everything visible of a node at the end of a turn. */
export interface Snapshot {
  readonly jobs: ReadonlyMap<string, ShownJob>;
  readonly queues: ReadonlyMap<string, ShownQueue>;
  readonly stats: Readonly<Record<string, number>>;
  readonly usedBytes: number;
}

/** What may be asked about one job by its id. */
export type JobVerb = "ack" | "delete" | "enqueue" | "nack" | "dequeue" | "working";

/** One thing that happened; `atMs` is the node's monotonic clock. */
export type SimEvent = {
  readonly atMs: number;
} /** A turn begins; the node woke up by itself, or somebody asked for something. */ & (
  | { type: "turn"; freeSinceMs: number; isOwnWish: boolean }
  | {
      type: "add";
      id: string;
      queue: string;
      body: string;
      delayMs: number;
      retryMs: number;
      ttlMs: number;
    }
  | { type: "refuse"; what: string; reason: "OOM" | "PAUSED" | "MISCONF" }
  | {
      type: "ask";
      client: string;
      queues: readonly string[];
      count: number;
      /** Monotonic ms when the client starts to wait; undefined when it does not. */
      deadlineMs: number | undefined;
      jobs: readonly Delivery[];
    }
  | { type: "arrive"; client: string; jobs: readonly Delivery[] }
  | { type: "end wait"; client: string }
  | { type: "cancel"; client: string }
  | { type: "lose reply"; client: string; ids: readonly string[]; wasHanded: boolean }
  | { type: "written"; client: string }
  | { type: "verb"; verb: JobVerb; id: string; answer: boolean }
  | { type: "pause"; queue: string; isPausedIn: boolean; isPausedOut: boolean }
  | { type: "evict"; ids: readonly string[] }
  | { type: "flush" }
  | { type: "tick" }
  | { type: "ticked" }
  | { type: "audit"; snapshot: Snapshot }
  | { type: "drain" }
  | { type: "silence"; nextWakeAtMs: number; usedBytes: number }
);

/** A broken promise. */
export class Violation extends Error {
  readonly checker: string;

  constructor(checker: string, message: string) {
    super(`${checker}: ${message}`);
    this.name = "Violation";
    this.checker = checker;
  }
}

/** Watches one promise; throws a Violation when it is broken. */
export interface Checker {
  readonly name: string;
  on(event: SimEvent): void;
}

/** Events kept for the report of a failure. */
const LAST_EVENTS = 60;

/** Passes events on to the checkers, hashes and remembers them. */
export class History {
  #checkers: readonly Checker[];
  readonly #last: SimEvent[] = [];
  #hash = 0x811c9dc5;
  #count = 0;

  constructor(checkers: readonly Checker[]) {
    this.#checkers = checkers;
  }

  /** Others go on watching: a process has ended, and with it what it had to remember. */
  watchedBy(checkers: readonly Checker[]): void {
    this.#checkers = checkers;
  }

  /** Equal for two runs in which the same happened. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  get count(): number {
    return this.#count;
  }

  /** The last events, one a line. */
  get lastLines(): string[] {
    return this.#last.map(lineOf);
  }

  emit(event: SimEvent): void {
    this.#count++;
    this.#absorb(event);
    if (event.type !== "audit") {
      this.#last.push(event);
      if (this.#last.length > LAST_EVENTS * 2) this.#last.splice(0, LAST_EVENTS);
    }
    for (const checker of this.#checkers) checker.on(event);
  }

  #absorb(event: SimEvent): void {
    const text = event.type === "audit" ? `${event.snapshot.usedBytes}` : lineOf(event);
    let hash = this.#hash;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    this.#hash = hash;
  }
}

function lineOf(event: SimEvent): string {
  const { atMs, type, ...rest } = event;
  const facts = Object.entries(rest).map(([name, value]) => `${name}=${textOf(value)}`);
  return `${atMs} ${type} ${facts.join(" ")}`;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(" ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  if ("id" in value) return String(value.id);
  return "...";
}
