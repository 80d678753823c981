/**
 * The server's command line: `ringq-server [ringq.conf | -] [--directive value ...]`.
 *
 * Redis' rule: a flag is a directive and takes everything up to the next flag, so `--bind 127.0.0.1
 * -::1` and values that begin with a dash need no special care. General option parsers cannot do
 * that, hence this pass in front of yargs, which prints the help. A word with two dashes ends a
 * value when it is a known name; an unknown one is taken for a value only while the flag before it
 * still lacks one, and for a typing mistake otherwise.
 */

import { directives, findDirective, statements } from "./directives.ts";
import type { Statement } from "./parse.ts";
import { shownText } from "./problem.ts";
import { isIgnored } from "./redis-directives.ts";
import { nearest } from "./suggest.ts";
import { toByteString } from "./text.ts";

/** Flags that are not directives. */
export const SPECIAL_FLAGS = {
  help: "Show this help and exit.",
  version: "Show the version and exit.",
  "check-config": "Read the configuration, report what is wrong with it and exit.",
  "print-config": "Show the configuration that results from file, environment and flags, and exit.",
} as const;

/** Flags that name files to be used at this start, any number of them, and are no directives. */
export const FILE_FLAGS = {
  import: "Import the jobs of append-only files of Disque, each once, and start.",
} as const;

/** The name of such a flag. */
export type SpecialFlag = keyof typeof SPECIAL_FLAGS;

/** What the command line says. */
export interface CommandLine {
  /** A path, or `-` for standard input. */
  readonly configFile: string | undefined;
  /** One per flag, in order. */
  readonly statements: readonly Statement[];
  readonly special: ReadonlySet<SpecialFlag>;
  /** Paths given with --import, as they were given. */
  readonly imports: readonly string[];
  /** One sentence each; a usage error (exit code 2) when there is any. */
  readonly usageErrors: readonly string[];
}

const SHORT_FLAGS: ReadonlyMap<string, SpecialFlag> = new Map([
  ["-h", "help"],
  ["-v", "version"],
]);

/** Reads `argv`, the words after the program's name. */
export function parseFlags(argv: readonly string[]): CommandLine {
  const reader = new FlagReader();
  for (const word of argv) reader.take(word);
  reader.finish();
  return reader;
}

/**
 * A flag whose values are still being collected. An unknown one has no name: its values are thrown
 * away.
 */
interface OpenFlag {
  readonly name: string;
  readonly flag: string;
  readonly args: string[];
  readonly minArgs: number;
}

class FlagReader implements CommandLine {
  configFile: string | undefined;
  readonly statements: Statement[] = [];
  readonly special = new Set<SpecialFlag>();
  readonly imports: string[] = [];
  readonly usageErrors: string[] = [];
  #open: OpenFlag | undefined;

  take(word: string): void {
    const name = flagName(word);
    if (isSpecial(name)) {
      this.finish();
      this.special.add(name);
    } else if (name !== undefined && minArgsOf(name) !== undefined) {
      this.#begin(word, name);
    } else if (this.#open !== undefined && (name === undefined || this.#lacksValue(this.#open))) {
      this.#open.args.push(word);
    } else {
      this.finish();
      this.#takeAlone(word, name);
    }
  }

  /** No more values for the current flag. */
  finish(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined || open.name === "") return;
    if (isFileFlag(open.name)) {
      if (open.args.length === 0) this.usageErrors.push(`${open.flag} needs the path of a file`);
      this.imports.push(...open.args);
      return;
    }
    const args = open.args.map(toByteString);
    this.statements.push({
      name: open.name,
      args,
      text: shownText(open.name, [open.name, ...args].join(" ")),
      origin: { from: "flag", flag: open.flag },
      unreadable: "",
    });
  }

  #begin(word: string, name: string): void {
    this.finish();
    const equals = word.indexOf("=");
    const args = equals < 0 ? [] : [word.slice(equals + 1)];
    this.#open = { name, flag: `--${name}`, args, minArgs: minArgsOf(name) ?? 0 };
    if (equals >= 0) this.finish();
  }

  #lacksValue(open: OpenFlag): boolean {
    return open.args.length < open.minArgs;
  }

  /** A word that belongs to no flag: the configuration file, `-h`, `-v`, or a mistake. */
  #takeAlone(word: string, name: string | undefined): void {
    const short = SHORT_FLAGS.get(word);
    if (short !== undefined) {
      this.special.add(short);
    } else if (word === "-" || !word.startsWith("-")) {
      if (this.configFile === undefined) this.configFile = word;
      else this.usageErrors.push(`Unexpected argument '${word}'`);
    } else {
      const known = [
        ...directives.map((row) => row.name),
        ...Object.keys(SPECIAL_FLAGS),
        ...Object.keys(FILE_FLAGS),
      ];
      const meant = name === undefined ? undefined : nearest(name, known);
      const shown = name === undefined ? word : `--${name}`;
      this.usageErrors.push(
        `Unknown option ${shown}${meant === undefined ? "" : `, did you mean --${meant}?`}`,
      );
      this.#open = { name: "", flag: shown, args: [], minArgs: 0 };
    }
  }
}

/** The lower-case name of `--name` or `--name=value`; undefined for other words. */
function flagName(word: string): string | undefined {
  return /^--([^=]+)/.exec(word)?.[1]?.toLowerCase();
}

function isSpecial(name: string | undefined): name is SpecialFlag {
  return name !== undefined && Object.hasOwn(SPECIAL_FLAGS, name);
}

function isFileFlag(name: string): boolean {
  return Object.hasOwn(FILE_FLAGS, name);
}

/** How many values a flag needs; undefined when there is no such flag or directive. */
function minArgsOf(name: string): number | undefined {
  if (isFileFlag(name)) return 1;
  const row = findDirective(name);
  if (row !== undefined) return row.kind.minArgs;
  if (isIgnored(name)) return 1;
  return statements.find((statement) => statement.name === name)?.args;
}
