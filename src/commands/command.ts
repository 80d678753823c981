/**
 * What a command is: one object with everything ringq knows about it.
 *
 * Each command is one file that exports its spec; table.ts lists them. Lookup, arity checks, COMMAND
 * and COMMAND DOCS, the README's table and the fuzz tests are derived from the specs, so a command
 * cannot be documented differently from how it behaves. A handler runs synchronously and writes its
 * reply, or arranges that somebody will (a blocked GETJOB).
 */
import type { Request } from "../protocol/request.ts";
import type { ServerState } from "./server-state.ts";
import type { Session } from "./session.ts";

/** In the order in which COMMAND lists them (reference 2.1). */
export const COMMAND_FLAGS = ["write", "readonly", "denyoom", "admin", "loading", "fast"] as const;
/** What the gates of dispatch, and clients, want to know about a command. */
export type CommandFlag = (typeof COMMAND_FLAGS)[number];

/** Chapters of the documentation. */
export const COMMAND_GROUPS = ["job", "queue", "cluster", "connection", "server"] as const;
/** One chapter. */
export type CommandGroup = (typeof COMMAND_GROUPS)[number];

/** One argument as documentation shows it. */
export interface ArgumentSpec {
  readonly name: string;
  /** `queue` and `job` (its id) are strings whose meaning the server must know (concerns.ts). */
  readonly type: "string" | "queue" | "job" | "integer" | "token" | "block" | "oneof";
  /** The word that stands before the value, or is the whole argument for type "token". */
  readonly token?: string;
  readonly isOptional?: boolean;
  readonly isMultiple?: boolean;
  /** Parts of a block, or choices of a oneof. */
  readonly parts?: readonly ArgumentSpec[];
}

/** A command: its name, its limits, its documentation and its handler. */
export interface CommandSpec {
  /** Lower case. */
  readonly name: string;
  /** Words of a request, the name included: exact, at least (negative), or any number (0). */
  readonly arity: number;
  /** Most words, where `arity` cannot say it: clients read AUTH as exactly two, and it takes three. */
  readonly wordsMax?: number;
  readonly flags: readonly CommandFlag[];
  /** Not flagged `write`, and some of its forms change jobs all the same: whether this request does. */
  readonly writes?: (request: Request) => boolean;
  readonly group: CommandGroup;
  /** One sentence for people. */
  readonly summary: string;
  /** Version of ringq that has it. */
  readonly since: string;
  readonly arguments: readonly ArgumentSpec[];
  /** First words of the errors it may answer beyond ERR. */
  readonly errors: readonly string[];
  /** What it answers, for people. */
  readonly reply: string;
  /** Runs it. `request` is only valid until this returns. */
  readonly run: (server: ServerState, session: Session, request: Request) => void;
}

/** The arguments in one line, as usage texts show them: `queue job ms-timeout [TTL sec]`. */
export function usage(spec: Pick<CommandSpec, "name" | "arguments">): string {
  return [spec.name.toUpperCase(), ...spec.arguments.map(argumentUsage)].join(" ");
}

/** Whether a request with that many words fits the command. */
export function fitsArity(spec: Pick<CommandSpec, "arity" | "wordsMax">, words: number): boolean {
  const { arity } = spec;
  const wordsMax = spec.wordsMax ?? (arity > 0 ? arity : Number.POSITIVE_INFINITY);
  return words >= Math.abs(arity) && words <= wordsMax;
}

function argumentUsage(argument: ArgumentSpec): string {
  const plain = plainUsage(argument);
  // As Redis documents it, the word before a value that may be repeated stands once.
  const repeated = argument.isMultiple ? `${plain} [${valueUsage(argument)} ...]` : plain;
  if (!argument.isOptional) return repeated;
  return argument.isMultiple ? `[${plain} ...]` : `[${repeated}]`;
}

function plainUsage(argument: ArgumentSpec): string {
  if (argument.type === "token") return argument.token ?? argument.name;
  const value = valueUsage(argument);
  return argument.token === undefined ? value : `${argument.token} ${value}`;
}

/** The argument without the word that stands before it. */
function valueUsage(argument: ArgumentSpec): string {
  const parts = argument.parts ?? [];
  if (argument.type === "block") return parts.map(argumentUsage).join(" ");
  return argument.type === "oneof" ? parts.map(plainUsage).join("|") : argument.name;
}
