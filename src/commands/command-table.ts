/**
 * Finds commands by the bytes of their name, ignoring case; knows about renamed ones.
 *
 * A lookup happens for every request, so it neither makes a string nor hashes one: names are put
 * into a small table by length and two letters, and compared byte by byte.
 */
import type { Request } from "../protocol/request.ts";
import { assert } from "../util/assert.ts";
import { equalsIgnoringCase } from "../util/byte-text.ts";
import type { CommandSpec } from "./command.ts";
import { type CommandCounter, CommandStats } from "./observe/command-stats.ts";

const BUCKETS = 256;

/** A command of a server, with its counters and the name the server gives it. */
export interface Command {
  readonly spec: CommandSpec;
  readonly counter: CommandCounter;
  readonly word: Uint8Array;
  /** Flagged so: usually done in microseconds. */
  readonly isFast: boolean;
  /** Flagged so: it changes jobs, and its reply promises that. */
  readonly isWrite: boolean;
  /** It is answered while the log is loaded: flagged so, or PING, which probes a server. */
  readonly runsWhileLoading: boolean;
}

/** The commands of a server under the names it gives them. */
export class CommandTable {
  /** In the order of the table. */
  readonly specs: readonly CommandSpec[];
  readonly stats: CommandStats;
  readonly #names = new Map<string, CommandSpec>();
  #buckets: Command[][] = [];

  constructor(specs: readonly CommandSpec[]) {
    this.specs = specs;
    this.stats = new CommandStats(specs.map((spec) => spec.name));
    for (const spec of specs) this.#names.set(spec.name, spec);
    this.#build();
  }

  /** The command a request names, or undefined. */
  find(request: Request): Command | undefined {
    const start = request.start(0);
    const end = request.end(0);
    const bucket = this.#buckets[bucketOf(request.buffer, start, end)] as Command[];
    for (const command of bucket) {
      if (equalsIgnoringCase(request.buffer, start, end, command.word)) return command;
    }
    return undefined;
  }

  /** The command with this name (lower case), or undefined. */
  get(name: string): CommandSpec | undefined {
    return this.#names.get(name);
  }

  /** Gives a command another name, or none; the reason when that cannot be done (reference 9.3). */
  rename(from: string, to: string): string | undefined {
    const spec = this.#names.get(from.toLowerCase());
    if (spec === undefined) return "No such command in rename-command";
    this.#names.delete(from.toLowerCase());
    if (to !== "") {
      if (this.#names.has(to.toLowerCase())) return "Target command name already exists";
      this.#names.set(to.toLowerCase(), spec);
    }
    this.#build();
    return undefined;
  }

  #build(): void {
    this.#buckets = Array.from({ length: BUCKETS }, () => []);
    for (const [name, spec] of this.#names) {
      const word = Buffer.from(name.toUpperCase(), "latin1");
      const counter = this.stats.counter(spec.name);
      assert(counter !== undefined, "every command of the table is counted");
      this.#buckets[bucketOf(word, 0, word.length)]?.push({
        word,
        spec,
        counter,
        isFast: spec.flags.includes("fast"),
        isWrite: spec.flags.includes("write"),
        runsWhileLoading: spec.flags.includes("loading") || spec.name === "ping",
      });
    }
  }
}

/** Length, first and last letter; 0x1f makes both cases of a letter equal. */
function bucketOf(buffer: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  const first = (buffer[start] as number) & 0x1f;
  const last = (buffer[end - 1] as number) & 0x1f;
  return ((end - start) * 67 + first * 7 + last) & (BUCKETS - 1);
}
