/**
 * How often each command ran, and for how long.
 *
 * Plain numbers, because this is counted for every request: a dispatcher looks its counter up once
 * per command when it is built and then only adds. Time spent blocked does not count. INFO and the
 * metrics read from here; the order is that of the command table.
 */

/** The counters of one command. */
export class CommandCounter {
  readonly name: string;
  /** Times it ran, whatever it answered. */
  calls = 0;
  /** Time spent running, microseconds. */
  micros = 0;
  /** Times it ran and answered an error. Part of `calls`. */
  failed = 0;
  /**
   * Times it was refused before it ran (arity, password, memory, disk, loading). Not in `calls`.
   */
  rejected = 0;

  /** @param name the command's own name in lower case */
  constructor(name: string) {
    this.name = name;
  }

  /** Counts one run; its time is added when it was measured (stopwatch.ts). */
  ran(hasFailed: boolean): void {
    this.calls++;
    if (hasFailed) this.failed++;
  }

  /**
   * As a line of INFO's Commandstats without its end: exactly three fields, which clients match.
   */
  line(): string {
    const average = this.calls === 0 ? 0 : this.micros / this.calls;
    const times = `usec=${Math.round(this.micros)},usec_per_call=${average.toFixed(2)}`;
    return `cmdstat_${this.name}:calls=${this.calls},${times}`;
  }

  /** Back to zero, as CONFIG RESETSTAT does. */
  reset(): void {
    this.calls = 0;
    this.micros = 0;
    this.failed = 0;
    this.rejected = 0;
  }
}

/** The counters of all commands. */
export class CommandStats {
  readonly #counters = new Map<string, CommandCounter>();

  /** @param names all commands in lower case, in the order in which they are listed */
  constructor(names: Iterable<string>) {
    for (const name of names) this.#counters.set(name, new CommandCounter(name));
  }

  /** The counter of a command, or undefined for a name that is none. Keep it: it never changes. */
  counter(name: string): CommandCounter | undefined {
    return this.#counters.get(name);
  }

  /** All counters in order, those of commands never called too. */
  all(): IterableIterator<CommandCounter> {
    return this.#counters.values();
  }

  /** The lines of INFO's Commandstats: one for each command called at least once. */
  lines(): string[] {
    return [...this.all()].filter((counter) => counter.calls > 0).map((counter) => counter.line());
  }

  /** Everything back to zero. */
  reset(): void {
    for (const counter of this.all()) counter.reset();
  }
}
