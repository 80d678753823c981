/**
 * From file, environment and flags to a `Config`, or to everything that is wrong with them.
 *
 * Each later source wins: default, file (line by line, includes in their places), RINGQ_CONF_
 * variables, flags; CONFIG SET comes after all of them. Every value goes through its row of the
 * table, whatever its source, so what one source accepts the others accept too.
 */

import { splitArgs } from "../protocol/split-args.ts";
import { Config, type ConfigState, defaultState, type Override } from "./config.ts";
import { contradictions } from "./contradictions.ts";
import type { AnyDirective } from "./directive.ts";
import { directives, findDirective, statements as plainStatements } from "./directives.ts";
import { WRONG_COUNT } from "./kinds.ts";
import { expandIncludes, parseFile, type ReadFile, type Statement } from "./parse.ts";
import { type ConfigProblem, type Origin, shownText } from "./problem.ts";
import { isIgnored } from "./redis-directives.ts";
import { RenameReader } from "./renames.ts";
import { nearest } from "./suggest.ts";
import { toByteString } from "./text.ts";

/** Variables that begin so are directives, in capitals and with _ for -. */
export const ENVIRONMENT_PREFIX = "RINGQ_CONF_";

/** More would scroll the first ones away. */
const PROBLEMS_MAX = 20;

/** Where to look. All parts are optional. */
export interface ConfigSources {
  /** The main file: its name for messages, its content as latin1. */
  readonly file?: { readonly path: string; readonly text: string };
  /** Reads included files; without it, an include is a problem. */
  readonly readFile?: ReadFile;
  /** All variables; only those with the prefix count. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `parseFlags(argv).statements`. */
  readonly flags?: readonly Statement[];
  /** Names of all commands, to check `rename-command`; without them any name passes. */
  readonly commandNames?: readonly string[];
  /** What `dir` is when nobody says; "./" without it. */
  readonly defaultDir?: string;
}

/** A configuration, or why there is none. */
export type Loaded = { readonly config: Config } | { readonly problems: readonly ConfigProblem[] };

const cannotRead: ReadFile = () => ({ error: "files cannot be read here" });

/** Reads all sources. Never throws, whatever they contain. */
export function loadConfig(sources: ConfigSources): Loaded {
  const { file, readFile = cannotRead } = sources;
  const loader = new Loader(sources);
  const levels = [
    file === undefined ? [] : parseFile(file.path, file.text, readFile),
    expandIncludes(environmentStatements(sources.env ?? {}), readFile),
    expandIncludes(sources.flags ?? [], readFile),
  ];
  for (const [level, statements] of levels.entries()) {
    for (const statement of statements) loader.take(statement, level);
  }
  if (loader.problems.length > 0) return { problems: loader.problems };
  const config = new Config(loader.state());
  const problems = contradictions(config);
  return problems.length > 0 ? { problems } : { config };
}

/**
 * One statement per variable, in alphabetical order. Statements with several arguments are split
 * like a line.
 */
function environmentStatements(env: Readonly<Record<string, string | undefined>>): Statement[] {
  const found: Statement[] = [];
  for (const variable of Object.keys(env).sort()) {
    const value = env[variable];
    if (value === undefined || !variable.startsWith(ENVIRONMENT_PREFIX)) continue;
    const name = variable.slice(ENVIRONMENT_PREFIX.length).toLowerCase().replaceAll("_", "-");
    const bytes = toByteString(value);
    found.push({
      name,
      args: findDirective(name) === undefined ? (splitArgs(bytes) ?? []) : [bytes],
      text: shownText(name, `${name} ${bytes}`),
      origin: { from: "environment", variable },
      unreadable: "",
    });
  }
  return found;
}

/** Collects statements into a state, and what is wrong with them. */
class Loader {
  readonly problems: ConfigProblem[] = [];
  readonly #defaults: ConfigState;
  readonly #file: string | undefined;
  readonly #values: Record<string, unknown>;
  readonly #origins = new Map<string, Origin>();
  readonly #levels = new Map<string, number>();
  readonly #included = new Set<string>();
  readonly #written = new Map<string, string>();
  readonly #overrides: Override[] = [];
  readonly #ignored = new Set<string>();
  readonly #renames: RenameReader;

  constructor(sources: ConfigSources) {
    this.#defaults = defaultState(sources.defaultDir);
    this.#file = sources.file?.path;
    this.#values = { ...this.#defaults.values };
    this.#renames = new RenameReader(sources.commandNames);
  }

  state(): ConfigState {
    return {
      ...this.#defaults,
      values: this.#values,
      origins: this.#origins,
      included: this.#included,
      written: this.#written,
      renames: this.#renames.renames,
      overrides: this.#overrides,
      ignored: [...this.#ignored],
    };
  }

  /** `level` is the source: 0 the file, then stronger ones. */
  take(statement: Statement, level: number): void {
    const { name } = statement;
    const row = findDirective(name);
    if (statement.unreadable !== "") this.#refuse(statement, statement.unreadable, "");
    else if (row !== undefined) this.#takeValue(row, statement, level);
    else if (name === "rename-command") this.#takeRename(statement);
    else if (isIgnored(name)) this.#ignored.add(name);
    else this.#refuse(statement, WRONG_COUNT, hintFor(name));
  }

  #takeValue(row: AnyDirective, statement: Statement, level: number): void {
    const { args, origin } = statement;
    const parsed = this.#read(row, args);
    if ("error" in parsed) {
      this.#refuse(statement, parsed.error, parsed.hint);
    } else {
      this.#remember(row, origin, args, level);
      this.#values[row.name] = parsed.value;
    }
  }

  /** The value that `args` mean for `row`, or the reference's text and a hint. */
  #read(
    row: AnyDirective,
    args: readonly string[],
  ): { value: unknown } | { error: string; hint: string } {
    const { name, kind } = row;
    if (!row.inFile)
      return { error: WRONG_COUNT, hint: `${name} can only be changed with CONFIG SET` };
    const hint = `${name} takes ${kind.syntax}`;
    if (args.length < kind.minArgs || args.length > kind.maxArgs)
      return { error: WRONG_COUNT, hint };
    const parsed = kind.parse(args, this.#values[name]);
    if ("error" in parsed) return { error: row.invalid ?? parsed.error, hint };
    const refusal = row.refuse(parsed.value);
    return refusal === undefined ? parsed : { error: refusal, hint: "" };
  }

  /** Everything about a value but the value itself. */
  #remember(
    { name, unused }: AnyDirective,
    origin: Origin,
    args: readonly string[],
    level: number,
  ): void {
    const loser = this.#origins.get(name);
    if (loser !== undefined && this.#levels.get(name) !== level) {
      this.#overrides.push({ name, winner: origin, loser });
    }
    this.#origins.set(name, origin);
    this.#levels.set(name, level);
    if (unused) this.#ignored.add(name);
    if (origin.from !== "file") return;
    this.#written.set(name, JSON.stringify(args));
    if (origin.file !== this.#file) this.#included.add(name);
  }

  #takeRename(statement: Statement): void {
    const { args, name, origin } = statement;
    const [from = "", to = ""] = args;
    const refusal =
      args.length === 2
        ? this.#renames.take(from, to, origin)
        : { message: WRONG_COUNT, hint: hintFor(name) };
    if (refusal !== undefined) this.#refuse(statement, refusal.message, refusal.hint);
  }

  #refuse({ origin, text }: Statement, message: string, hint: string): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ origin, text, message, hint });
  }
}

/** What to say about a name that is no directive, or about a statement with a wrong count. */
function hintFor(name: string): string {
  const known = plainStatements.find((statement) => statement.name === name);
  if (known !== undefined) return `${name} takes ${known.syntax}`;
  const meant = nearest(
    name,
    [...directives, ...plainStatements].map((row) => row.name),
  );
  return meant === undefined
    ? "there is no such directive"
    : `there is no such directive; did you mean ${meant}?`;
}
