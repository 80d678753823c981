/**
 * The lines `rename-command OLD NEW`, in order: which names there are after each of them.
 *
 * A line counts as it stands behind those before it, so two names can be exchanged over a third one,
 * and a name that was taken away is free. Most mistakes come from two lines about one command, in two
 * files or in a file and a flag; so it is told where the other one stands. Who finds commands by their
 * names is commands/command-table.ts.
 */

import type { Rename } from "./config.ts";
import { describeOrigin, type Origin } from "./problem.ts";
import { nearest } from "./suggest.ts";

/** What clients can type, and what a line of the protocol and of a log can show. */
const NEW_NAME = /^[\x21-\x7e]{0,128}$/;

/** Why a line is refused: the reference's text, and what would help. */
export interface RenameRefusal {
  readonly message: string;
  readonly hint: string;
}

/** Reads the lines of one configuration. */
export class RenameReader {
  /** What was taken, in lower case. */
  readonly renames: Rename[] = [];
  /** Names as they are so far; undefined when nobody knows which there are. */
  readonly #names: Set<string> | undefined;
  /** Lines that took a name away, or made one. */
  readonly #leftAt = new Map<string, string>();
  readonly #madeAt = new Map<string, string>();

  /** @param commandNames all commands; without them any name passes */
  constructor(commandNames: readonly string[] | undefined) {
    if (commandNames === undefined) return;
    this.#names = new Set(commandNames.map((name) => name.toLowerCase()));
  }

  /** Takes one line, or says why not. Byte strings. */
  take(oldName: string, newName: string, origin: Origin): RenameRefusal | undefined {
    const from = oldName.toLowerCase();
    const to = newName.toLowerCase();
    if (!NEW_NAME.test(newName)) {
      const hint = "a name takes up to 128 letters, digits and signs of ASCII, without blanks";
      return { message: "Invalid command name in rename-command", hint };
    }
    if (this.#names?.has(from) === false) {
      return { message: "No such command in rename-command", hint: this.#missingHint(from) };
    }
    if (this.#names?.has(to)) {
      return { message: "Target command name already exists", hint: this.#takenHint(to) };
    }
    this.#names?.delete(from);
    this.#leftAt.set(from, describeOrigin(origin));
    if (to !== "") {
      this.#names?.add(to);
      this.#madeAt.set(to, describeOrigin(origin));
    }
    this.renames.push({ from, to });
    return undefined;
  }

  #missingHint(name: string): string {
    const place = this.#leftAt.get(name);
    if (place !== undefined) return `${name} was renamed or removed before, at ${place}`;
    const meant = nearest(name, [...(this.#names ?? [])]);
    const guess = meant === undefined ? "" : `; did you mean ${meant}?`;
    return `there is no command ${name}${guess}`;
  }

  #takenHint(name: string): string {
    const place = this.#madeAt.get(name);
    if (place !== undefined) return `another command got the name ${name} before, at ${place}`;
    return `there is a command ${name}; name it otherwise or remove it in an earlier line`;
  }
}
