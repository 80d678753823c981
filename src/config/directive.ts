/**
 * One row of the table of directives: everything ringq knows about a setting, in one place.
 *
 * From the rows come the typed settings, the checks of file, environment and flags, CONFIG GET, SET
 * and REWRITE, conf/ringq.conf and the README's table. A row says what a value may be and who may
 * change it, not what it does: whoever acts on a change registers with `Config.onSet`.
 */

import type { Kind } from "./kinds.ts";

/** The chapters of conf/ringq.conf, in its order. */
export const GROUPS = [
  "Network",
  "Clients",
  "Security",
  "TLS",
  "HTTP",
  "Memory",
  "Logging",
  "Process",
  "Persistence",
  "Cluster",
  "Without effect",
] as const;

/** One of these chapters. */
export type Group = (typeof GROUPS)[number];

/** What a row may say beyond its name and kind. */
export interface DirectiveOptions<T> {
  readonly default: T;
  /**
   * One to three sentences for somebody who runs a server; printed in conf/ringq.conf and --help.
   */
  readonly help: string;
  /** Place in CONFIG GET, as the reference orders it; rows without one follow in table order. */
  readonly position?: number;
  /** CONFIG SET may change it. Default: no. */
  readonly mutable?: boolean;
  /** A file, the environment or a flag may set it. Default: yes. */
  readonly inFile?: boolean;
  /** Whether CONFIG REWRITE writes it: when set or changed (default), always, or never. */
  readonly rewrite?: "changed" | "always" | "never";
  /** Never shown in logs and error messages. Default: no. */
  readonly secret?: boolean;
  /** CONFIG GET does not give its value either, as nobody needs to read it back. Default: no. */
  readonly hidden?: boolean;
  /** Accepted because existing files have it, with a warning. Default: no. */
  readonly unused?: boolean;
  /** The reference's text for a bad value at start, where it has one of its own. */
  readonly invalid?: string;
  /** Why a value of the right kind is refused nevertheless, or undefined. */
  readonly refuse?: (value: T) => string | undefined;
}

/**
 * A row. The methods of `Kind` make a `Directive<"port", number>` usable as a `Directive<string,
 * unknown>`.
 */
export interface Directive<N extends string, T> {
  readonly name: N;
  readonly group: Group;
  readonly kind: Kind<T>;
  readonly default: T;
  readonly help: string;
  readonly position: number | undefined;
  readonly mutable: boolean;
  readonly inFile: boolean;
  readonly rewrite: "changed" | "always" | "never";
  readonly secret: boolean;
  readonly hidden: boolean;
  readonly unused: boolean;
  readonly invalid: string | undefined;
  refuse(value: T): string | undefined;
}

/** A row whose value type does not matter. */
export type AnyDirective = Directive<string, unknown>;

/** Makes the rows of one chapter; types come from the kind. */
export function rowsOf(group: Group) {
  return <const N extends string, T>(
    name: N,
    kind: Kind<T>,
    options: DirectiveOptions<NoInfer<T>>,
  ): Directive<N, T> => ({
    name,
    group,
    kind,
    default: options.default,
    help: options.help,
    position: options.position,
    mutable: options.mutable ?? false,
    inFile: options.inFile ?? true,
    rewrite: options.rewrite ?? "changed",
    secret: options.secret ?? false,
    hidden: options.hidden ?? false,
    unused: options.unused ?? false,
    invalid: options.invalid,
    refuse: (value) => options.refuse?.(value),
  });
}
