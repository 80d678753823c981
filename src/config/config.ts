/**
 * The configuration of a running server: what holds, where it came from, and how it may change.
 *
 * `loadConfig` makes it. Everybody reads `settings`; whoever must act when a value changes
 * registers with `onSet`. CONFIG GET, SET and REWRITE and the reload on SIGHUP are methods here.
 * Nothing here touches a file or a socket.
 */

import { globMatch } from "../util/glob.ts";
import type { AnyDirective } from "./directive.ts";
import {
  type DirectiveName,
  directives,
  findDirective,
  inGetOrder,
  type Settings,
} from "./directives.ts";
import { type ConfigProblem, isSecretName, type Origin, shownText } from "./problem.ts";
import { isIgnored } from "./redis-directives.ts";
import { type RewriteEntry, rewriteText } from "./rewrite.ts";
import { tlsLack } from "./tls-needs.ts";

/**
 * Acts on a new value, or says why it cannot (a sentence without the error's code word; then
 * nothing must have changed). Called with the old value in second place; again the other way round
 * when a later change of the same CONFIG SET fails.
 */
export type SetHook<T> = (value: T, previous: T) => string | undefined;

/** What CONFIG GET answers for a value that it does not give. */
const HIDDEN = "(hidden)";

/** A command to be known by another name; the empty name removes it. */
export interface Rename {
  readonly from: string;
  readonly to: string;
}

/** A value of the file that a variable or a flag replaced; for the log at start. */
export interface Override {
  readonly name: string;
  readonly winner: Origin;
  readonly loser: Origin;
}

/** What `loadConfig` found. */
export interface ConfigState {
  /** A value for every directive. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Directives that something set; the others hold their defaults. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Directives that a file named by `include` sets. */
  readonly included: ReadonlySet<string>;
  /** Every directive's arguments in the files, to see what changed at a reload. */
  readonly written: ReadonlyMap<string, string>;
  readonly renames: readonly Rename[];
  readonly overrides: readonly Override[];
  /** Names found that have no effect, each once. */
  readonly ignored: readonly string[];
}

/** What a reload did. */
export interface Reloaded {
  /** Directives changed now, and those whose change needs a restart. */
  readonly changed: readonly string[];
  readonly needRestart: readonly string[];
  /** Why nothing was changed at all; empty normally. */
  readonly error: string;
}

interface Change {
  readonly row: AnyDirective;
  readonly value: unknown;
}

/** The state of a server that is started without file, variables and flags. */
export function defaultState(defaultDir = "./"): ConfigState {
  const values = Object.fromEntries(directives.map((row) => [row.name, row.default]));
  return {
    values: { ...values, dir: defaultDir },
    origins: new Map(),
    included: new Set(),
    written: new Map(),
    renames: [],
    overrides: [],
    ignored: [],
  };
}

/** See above. One per server. */
export class Config {
  /** What holds now. Always the same object: keep it, and read it when needed. */
  readonly settings: Settings;
  readonly #values: Record<string, unknown>;
  /** What was asked for; differs from #values after `settle`. */
  readonly #configured: Record<string, unknown>;
  readonly #origins: Map<string, Origin>;
  readonly #hooks = new Map<string, SetHook<unknown>[]>();
  #state: ConfigState;

  constructor(state: ConfigState = defaultState()) {
    this.#state = state;
    this.#values = { ...state.values };
    this.#configured = { ...state.values };
    this.#origins = new Map(state.origins);
    // The only place where the names of the table and the types derived from it are put together.
    this.settings = this.#values as Settings;
  }

  /** `rename-command` lines in order, already checked. */
  get renames(): readonly Rename[] {
    return this.#state.renames;
  }

  get overrides(): readonly Override[] {
    return this.#state.overrides;
  }

  /** Sentences for the log at start. */
  get warnings(): readonly string[] {
    const names = this.#state.ignored;
    if (names.length === 0) return [];
    return [`accepted in the configuration, but without effect in ringq: ${names.join(", ")}`];
  }

  /** Where the value of `name` comes from. */
  originOf(name: DirectiveName): Origin {
    return this.#origins.get(name) ?? { from: "default" };
  }

  /** A problem that shows only when the whole is known (contradictions.ts), pinned to where it was written. */
  problemWith(name: DirectiveName, message: string): ConfigProblem {
    const text = shownText(name, this.#lineOf(name, this.#values[name]));
    return { origin: this.originOf(name), text, message, hint: "" };
  }

  /** Whether values of `name` (any case) must be kept out of MONITOR, SLOWLOG and logs. */
  isSecret(name: string): boolean {
    return isSecretName(name.toLowerCase());
  }

  /** Calls `hook` whenever CONFIG SET or a reload changes `name`. */
  onSet<N extends DirectiveName>(name: N, hook: SetHook<Settings[N]>): void {
    const hooks = this.#hooks.get(name) ?? [];
    hooks.push(hook as SetHook<unknown>);
    this.#hooks.set(name, hooks);
  }

  /** Calls `hook` once for every CONFIG SET or reload that changes any of these. */
  onSetAny(names: readonly DirectiveName[], hook: () => string | undefined): void {
    for (const name of names) this.onSet(name, hook);
  }

  /**
   * Records what a value turned out to be: `dir` as an absolute path, `maxclients` lowered to what
   * the system allows. CONFIG GET shows it; CONFIG REWRITE goes on writing what was asked for
   * (except `dir`). Hooks are not called.
   */
  settle<N extends DirectiveName>(name: N, value: Settings[N]): void {
    this.#values[name] = value;
  }

  /**
   * Name and text of every directive matching `pattern`, in the reference's order. Byte strings.
   * Redis directives without effect are "" when asked for by their full name.
   */
  get(pattern: string): [name: string, text: string][] {
    const found = inGetOrder
      .filter((row) => globMatch(pattern, row.name))
      .map((row): [string, string] => [row.name, this.#shown(row)]);
    return isIgnored(pattern) ? [[pattern, ""]] : found;
  }

  /**
   * CONFIG SET: all of the pairs or none. Returns the error's text without its code word, or
   * undefined. Values are byte strings.
   */
  set(pairs: readonly (readonly [name: string, text: string])[]): string | undefined {
    const changes: Change[] = [];
    const seen = new Set<string>();
    for (const [name, text] of pairs) {
      const row = findDirective(name.toLowerCase());
      if (row === undefined || !row.mutable) return `Unsupported CONFIG parameter: ${name}`;
      if (seen.has(row.name)) return `Duplicate CONFIG parameter: ${name}`;
      seen.add(row.name);
      const parsed = row.kind.parse([text], this.#values[row.name]);
      if ("error" in parsed) return `Invalid argument '${text}' for CONFIG SET '${name}'`;
      const refusal = row.refuse(parsed.value);
      if (refusal !== undefined) return refusal;
      changes.push({ row, value: parsed.value });
    }
    const error = this.#apply(changes);
    if (error !== undefined) return error;
    for (const { row } of changes) this.#origins.set(row.name, { from: "set" });
    return undefined;
  }

  /**
   * CONFIG REWRITE: the new text of the configuration file, given the one that is there. Byte
   * strings.
   */
  rewrite(oldText: string): string {
    const entries: RewriteEntry[] = [];
    for (const row of directives) {
      // A variable wins over the file at the next start as well, and its password is not in a file
      // on purpose.
      const isFromEnvironment = this.#origins.get(row.name)?.from === "environment";
      if (row.rewrite === "never" || (isFromEnvironment && row.rewrite !== "always")) continue;
      const isAlways = row.rewrite === "always";
      const value = isAlways ? this.#values[row.name] : this.#configured[row.name];
      const isIncluded = this.#state.included.has(row.name);
      const isDefault = row.kind.print(value) === row.kind.print(row.default);
      entries.push({
        name: row.name,
        line: this.#lineOf(row.name, value),
        isNeeded: isAlways || isIncluded || !isDefault,
        isIncluded,
      });
    }
    return rewriteText(oldText, entries);
  }

  /**
   * SIGHUP: takes over, from a configuration loaded anew, the directives whose text in the files
   * has changed. What CONFIG SET changed meanwhile stays, unless the file changed there too.
   */
  reload(next: Config): Reloaded {
    const before = this.#state.written;
    const after = next.#state.written;
    const differing = directives.filter((row) => before.get(row.name) !== after.get(row.name));
    const changes = differing
      .filter((row) => row.mutable)
      .map((row) => ({ row, value: next.#configured[row.name] }));
    const error = this.#apply(changes);
    if (error !== undefined) return { changed: [], needRestart: [], error };
    for (const { row } of changes) {
      const origin = next.#origins.get(row.name);
      if (origin === undefined) this.#origins.delete(row.name);
      else this.#origins.set(row.name, origin);
    }
    const needRestart = differing.filter((row) => !row.mutable).map((row) => row.name);
    if (JSON.stringify(this.renames) !== JSON.stringify(next.renames))
      needRestart.push("rename-command");
    this.#state = { ...next.#state, renames: this.#state.renames };
    return { changed: changes.map(({ row }) => row.name), needRestart, error: "" };
  }

  #shown({ name, kind, hidden }: AnyDirective): string {
    const text = kind.print(this.#values[name]);
    return hidden && text !== "" ? HIDDEN : text;
  }

  /**
   * All changes, then their hooks, each once, so that a hook sees everything that belongs together. On the
   * first refusal all values are put back, and the hooks that had run are told, newest first.
   */
  #apply(changes: readonly Change[]): string | undefined {
    const before = changes.map(({ row, value }) => {
      const { name } = row;
      const old = { name, value: this.#values[name], configured: this.#configured[name] };
      this.#values[name] = value;
      this.#configured[name] = value;
      return old;
    });
    const putBack = (): void => {
      for (const { name, value, configured } of before) {
        this.#values[name] = value;
        this.#configured[name] = configured;
      }
    };
    const lack = tlsLack(this.settings);
    if (lack !== undefined) {
      putBack();
      return lack.message;
    }
    const done = new Map<SetHook<unknown>, () => void>();
    for (const [at, { row, value }] of changes.entries()) {
      const previous = before[at]?.value;
      for (const hook of this.#hooks.get(row.name) ?? []) {
        if (done.has(hook)) continue;
        const error = hook(value, previous);
        if (error === undefined) {
          done.set(hook, () => hook(previous, value));
          continue;
        }
        putBack();
        for (const undo of [...done.values()].reverse()) undo();
        return error;
      }
    }
    return undefined;
  }

  #lineOf(name: string, value: unknown): string {
    return `${name} ${findDirective(name)?.kind.write(value) ?? ""}`;
  }
}
