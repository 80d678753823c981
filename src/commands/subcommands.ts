/**
 * Commands with several forms: CONFIG GET, CLIENT LIST, CLUSTER INFO.
 *
 * A command lists its forms in a table; which one a request means, and the command's documentation,
 * follow from that. What to answer for a form that does not exist differs from command to command.
 */
import type { Request } from "../protocol/request.ts";
import type { ArgumentSpec, CommandSpec } from "./command.ts";
import type { ServerState } from "./server-state.ts";
import type { Session } from "./session.ts";

const NAME = 1;

/** One form of a command. */
export interface Subcommand {
  readonly name: string;
  readonly word: Uint8Array;
  /** Words of a request, the command and the form included. */
  readonly wordsMin: number;
  readonly wordsMax: number;
  /** What follows the form's name. */
  readonly arguments: readonly ArgumentSpec[];
  readonly run: CommandSpec["run"];
  /** It changes jobs, and its reply promises that: what the flag `write` says of a whole command. */
  readonly isWrite: boolean;
}

/** Describes a form. `words` is how many words a request has: exactly, or from and to. */
export function subcommand(
  name: string,
  words: number | readonly [min: number, max: number],
  args: readonly ArgumentSpec[],
  run: CommandSpec["run"],
): Subcommand {
  const [wordsMin, wordsMax] = typeof words === "number" ? [words, words] : words;
  const word = Buffer.from(name, "latin1");
  return { name, word, wordsMin, wordsMax, arguments: args, run, isWrite: false };
}

/** The same form of one that changes jobs. */
export function writing(form: Subcommand): Subcommand {
  return { ...form, isWrite: true };
}

/** Says of a request whether its form changes jobs (`CommandSpec.writes`). */
export function writesOf(forms: readonly Subcommand[]): NonNullable<CommandSpec["writes"]> {
  return (request) => findSubcommand(forms, request)?.isWrite === true;
}

/** The form a request names, whether or not its number of words is right. */
export function findSubcommand(
  forms: readonly Subcommand[],
  request: Request,
): Subcommand | undefined {
  return forms.find((form) => request.is(NAME, form.word));
}

/** Whether a request has as many words as the form takes. */
export function fitsSubcommand(form: Subcommand, request: Request): boolean {
  return request.count >= form.wordsMin && request.count <= form.wordsMax;
}

/** A handler that runs the form a request names, and answers `usageError` when there is none. */
export function runSubcommands(
  forms: readonly Subcommand[],
  usageError: (request: Request) => string,
): CommandSpec["run"] {
  return (server: ServerState, session: Session, request: Request) => {
    const form = findSubcommand(forms, request);
    if (form === undefined || !fitsSubcommand(form, request)) {
      session.reply.error(usageError(request));
    } else {
      form.run(server, session, request);
    }
  };
}

/** The forms as the one argument of their command. */
export function argumentsOf(forms: readonly Subcommand[]): ArgumentSpec[] {
  const parts = forms.map(({ name, arguments: rest }): ArgumentSpec => {
    const token = { name: name.toLowerCase(), token: name, type: "token" } as const;
    if (rest.length === 0) return token;
    return { name: token.name, type: "block", parts: [token, ...rest] };
  });
  return [{ name: "subcommand", type: "oneof", parts }];
}
