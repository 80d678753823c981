/**
 * The slow log: the last commands that took longer than a threshold, newest first.
 *
 * It keeps a shortened copy of each command, never a view of the request, so that one entry costs
 * at most about 4 KB whatever the client sent. Only the time spent running counts; a GETJOB that
 * blocked for a minute is not slow. Whether a client may read an argument is decided before
 * (redact.ts).
 */
import { type ArgumentList, argumentSize, argumentText } from "./argument-list.ts";

/** Arguments kept of one command; of a longer one the last place says how many are missing. */
const ARGS_MAX = 32;

/** Bytes kept of one argument; a longer one ends with a note saying how many are missing. */
const ARG_BYTES_MAX = 128;

/** What stands in the place of an argument that nobody may read. */
const REDACTED = "(redacted)";

/** One finished command, as the dispatcher reports it. */
export interface SlowCommand {
  /** When it began, seconds since 1970. */
  readonly startedAtUnixSeconds: number;
  /** How long it ran, whole microseconds. */
  readonly durationMicros: number;
  readonly args: ArgumentList;
  /** Positions in `args` that must not be shown; none when absent. */
  readonly secretPositions?: ReadonlySet<number>;
  /** The client as `ip:port` or `path:0`. */
  readonly clientAddress: string;
  /** What the client called itself, or "". */
  readonly clientName: string;
}

/** One line of the slow log. SLOWLOG GET shows the first four fields, in this order. */
export interface SlowlogEntry {
  /** Counts up for the life of the process; a reset does not start it again. */
  readonly id: number;
  readonly startedAtUnixSeconds: number;
  readonly durationMicros: number;
  /** The shortened arguments, one character a byte (latin1). */
  readonly args: readonly string[];
  readonly clientAddress: string;
  readonly clientName: string;
}

/** The log itself. Adding and dropping the oldest are O(1), reading is O(entries read). */
export class Slowlog {
  #thresholdMicros: number;
  #lengthMax: number;
  #nextId = 0;
  /** Keyed by id. Ids are consecutive, so the oldest entry is always `#nextId - size`. */
  readonly #entries = new Map<number, SlowlogEntry>();

  /**
   * @param thresholdMicros commands at least this slow are kept; 0 keeps all, a negative value none
   * @param lengthMax entries kept, >= 0
   */
  constructor(thresholdMicros: number, lengthMax: number) {
    this.#thresholdMicros = thresholdMicros;
    this.#lengthMax = lengthMax;
  }

  /** Entries held. */
  get length(): number {
    return this.#entries.size;
  }

  /** The directive `slowlog-log-slower-than`; see the constructor. */
  get thresholdMicros(): number {
    return this.#thresholdMicros;
  }

  set thresholdMicros(micros: number) {
    this.#thresholdMicros = micros;
  }

  /** The directive `slowlog-max-len`; a smaller value drops the oldest entries at once. */
  get lengthMax(): number {
    return this.#lengthMax;
  }

  set lengthMax(entries: number) {
    this.#lengthMax = entries;
    this.#trim();
  }

  /**
   * Whether a command that ran this long belongs here. Ask first: it saves building the argument.
   */
  wants(durationMicros: number): boolean {
    return this.#thresholdMicros >= 0 && durationMicros >= this.#thresholdMicros;
  }

  /** Keeps `command` if it was slow enough. Copies what it keeps. */
  add(command: SlowCommand): void {
    if (!this.wants(command.durationMicros)) return;
    const id = this.#nextId++;
    this.#entries.set(id, {
      id,
      startedAtUnixSeconds: command.startedAtUnixSeconds,
      durationMicros: command.durationMicros,
      args: shorten(command.args, command.secretPositions),
      clientAddress: command.clientAddress,
      clientName: command.clientName,
    });
    this.#trim();
  }

  /** The newest entries first, at most `count`; a negative count means all. */
  newest(count: number): SlowlogEntry[] {
    const wanted = count < 0 ? this.length : Math.min(count, this.length);
    const found: SlowlogEntry[] = [];
    for (let id = this.#nextId - 1; found.length < wanted; id--) {
      const entry = this.#entries.get(id);
      if (entry === undefined) break;
      found.push(entry);
    }
    return found;
  }

  /** Drops all entries. Ids go on, so that a reader who remembers the last one sees what is new. */
  reset(): void {
    this.#entries.clear();
  }

  #trim(): void {
    while (this.length > this.#lengthMax) this.#entries.delete(this.#nextId - this.length);
  }
}

/** The arguments as kept: few, short, and without secrets. */
function shorten(args: ArgumentList, secret: ReadonlySet<number> | undefined): string[] {
  const isCut = args.count > ARGS_MAX;
  const shown = isCut ? ARGS_MAX - 1 : args.count;
  const kept: string[] = [];
  for (let index = 0; index < shown; index++) {
    kept.push(secret?.has(index) === true ? REDACTED : shortenOne(args, index));
  }
  if (isCut) kept.push(`... (${args.count - shown} more arguments)`);
  return kept;
}

/** One argument as text: a Buffer would pin the memory it was cut from, a string does not. */
function shortenOne(args: ArgumentList, index: number): string {
  const text = argumentText(args, index, ARG_BYTES_MAX);
  const missing = argumentSize(args, index) - text.length;
  return missing > 0 ? `${text}... (${missing} more bytes)` : text;
}
