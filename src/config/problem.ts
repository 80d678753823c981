/**
 * What can be wrong in a configuration, as a value, and where it was written.
 *
 * Reading a configuration never throws: it returns these, all of them at once, and the server
 * prints them in the reference's shape and exits. Passwords are blanked before they get here.
 */

import { findDirective } from "./directives.ts";
import { fromByteString } from "./text.ts";

const SHOWN_BYTES_MAX = 200;

/** Where a value comes from, weakest first. */
export type Origin =
  | { readonly from: "default" }
  | { readonly from: "file"; readonly file: string; readonly line: number }
  | { readonly from: "environment"; readonly variable: string }
  | { readonly from: "flag"; readonly flag: string }
  | { readonly from: "set" };

/** One mistake. */
export interface ConfigProblem {
  readonly origin: Origin;
  /** The directive as written, a byte string without secrets. */
  readonly text: string;
  /** The reference's text where it has one. */
  readonly message: string;
  /** What would have been right; empty when nothing helpful can be said. */
  readonly hint: string;
}

/** In a few words: `ringq.conf:12`, `RINGQ_CONF_PORT`, `--port`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.from) {
    case "default":
      return "the default";
    case "file":
      return `${origin.file}:${origin.line}`;
    case "environment":
      return origin.variable;
    case "flag":
      return origin.flag;
    case "set":
      return "CONFIG SET";
  }
}

/**
 * Problems for standard error, in the shape of the reference. Control characters are made visible
 * as `?`.
 */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  const blocks = problems.map((problem) => {
    const lines = [`Reading ${place(problem.origin)}`, `>>> '${problem.text}'`, problem.message];
    if (problem.hint !== "") lines.push(`(${problem.hint})`);
    return lines.map((line) => printable(line)).join("\n");
  });
  return `\n*** FATAL CONFIG FILE ERROR ***\n${blocks.join("\n\n")}\n`;
}

/**
 * Whether values of `name` must not be shown: the table says so, or it is in no table and looks so
 * (`requirepas`, `masterauth`). `tls-auth-clients` is no secret.
 */
export function isSecretName(name: string): boolean {
  const directive = findDirective(name);
  return directive === undefined ? /auth|pas|secret/.test(name) : directive.secret === true;
}

/**
 * A directive as written, fit to be shown: long lines are cut, and the values of secret directives
 * left out.
 */
export function shownText(name: string, text: string): string {
  if (isSecretName(name)) return `${name} (hidden)`;
  return text.length > SHOWN_BYTES_MAX ? `${text.slice(0, SHOWN_BYTES_MAX)}...` : text;
}

function place(origin: Origin): string {
  switch (origin.from) {
    case "file":
      return `the configuration file, at line ${origin.line} of ${origin.file}`;
    case "environment":
      return `the environment variable ${origin.variable}`;
    case "flag":
      return `the command line, at ${origin.flag}`;
    default:
      return describeOrigin(origin);
  }
}

/** A byte string or an ordinary one as a terminal may see it. */
function printable(line: string): string {
  const isBytes = /^[\0-\xff]*$/.test(line);
  return (isBytes ? fromByteString(line) : line).replace(/\p{Cc}/gu, "?");
}
