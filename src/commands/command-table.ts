/**
 * Finds commands by the bytes of their name, ignoring case; knows about renamed ones.
 *
 * A lookup happens for every request, so it neither makes a string nor hashes one: names are put
 * into a small table by length and two letters, and compared byte by byte.
 */
import type { Rename } from "../config/config.ts";
import type { Request } from "../protocol/request.ts";
import { assert } from "../util/assert.ts";
import { equalsIgnoringCase } from "../util/byte-text.ts";
import type { CommandSpec } from "./command.ts";
import { type CommandCounter, CommandStats } from "./observe/command-stats.ts";

const BUCKETS = 256;

/** A command of a server, with its counters and the name the server gives it. */
export interface Command {
  readonly spec: CommandSpec;
  /** What clients call it here, lower case (rename-command); other than in `spec` when it was renamed. */
  readonly name: string;
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
  /** Of all commands, also of those that nobody can run. */
  readonly stats: CommandStats;
  /** By the names they have here, in the order of the table. */
  readonly #commands: ReadonlyMap<string, Command>;
  /** Names of the specs to names here. */
  readonly #givenNames = new Map<string, string>();
  readonly #buckets: Command[][] = Array.from({ length: BUCKETS }, () => []);

  /** @param renames in order, as config/renames.ts has checked them */
  constructor(specs: readonly CommandSpec[], renames: readonly Rename[] = []) {
    this.stats = new CommandStats(specs.map((spec) => spec.name));
    const names = new Map(specs.map((spec) => [spec.name, spec]));
    for (const { from, to } of renames) {
      const spec = names.get(from);
      assert(spec !== undefined && !names.has(to), "renames are checked when they are read");
      names.delete(from);
      if (to !== "") names.set(to, spec);
    }
    for (const [name, spec] of names) this.#givenNames.set(spec.name, name);
    this.#commands = new Map(
      specs.flatMap((spec) => {
        const name = this.#givenNames.get(spec.name);
        return name === undefined ? [] : [[name, this.#commandOf(spec, name)]];
      }),
    );
    for (const command of this.#commands.values()) {
      const { word } = command;
      this.#buckets[bucketOf(word, 0, word.length)]?.push(command);
    }
  }

  /** Every command that can be run, in the order of the table. */
  get all(): Iterable<Command> {
    return this.#commands.values();
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
  get(name: string): Command | undefined {
    return this.#commands.get(name);
  }

  /** What the command is called here that is `own` (lower case) elsewhere; undefined: it was removed. */
  givenName(own: string): string | undefined {
    return this.#givenNames.get(own);
  }

  #commandOf(spec: CommandSpec, name: string): Command {
    const counter = this.stats.counter(spec.name);
    assert(counter !== undefined, "every command of the table is counted");
    return {
      spec,
      name,
      counter,
      word: Buffer.from(name.toUpperCase(), "latin1"),
      isFast: spec.flags.includes("fast"),
      isWrite: spec.flags.includes("write"),
      runsWhileLoading: spec.flags.includes("loading") || spec.name === "ping",
    };
  }
}

/** Length, first and last letter; 0x1f makes both cases of a letter equal. */
function bucketOf(buffer: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  const first = (buffer[start] as number) & 0x1f;
  const last = (buffer[end - 1] as number) & 0x1f;
  return ((end - start) * 67 + first * 7 + last) & (BUCKETS - 1);
}
