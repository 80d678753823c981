/**
 * Text in the format of redis.conf to a list of statements.
 *
 * A line is a name and arguments, quoted as in `splitArgs`; blank lines and lines that begin with #
 * say nothing; `include` puts another file in its place. What the names mean is none of this file's
 * business. Texts are byte strings (read the file as latin1). Files come from strangers' machines,
 * so everything is bounded: the length of a line, the depth and the number of includes.
 */

import { splitArgs } from "../protocol/split-args.ts";
import { type Origin, shownText } from "./problem.ts";
import { fromByteString, trimBlanks, words } from "./text.ts";

/** A directive with its arguments, and where it was written. */
export interface Statement {
  /** Lower case. */
  readonly name: string;
  readonly args: readonly string[];
  /** As written, secrets left out; for error messages. */
  readonly text: string;
  readonly origin: Origin;
  /** Why the line, or the file it includes, could not be read; empty normally. */
  readonly unreadable: string;
}

/** One line of a file. `broken` lines cannot be split; their name is the first word. */
export type Line =
  | { readonly type: "blank" }
  | { readonly type: "comment" }
  | { readonly type: "broken"; readonly name: string; readonly message: string }
  | { readonly type: "statement"; readonly name: string; readonly args: readonly string[] };

/** Reads a file as latin1. The path is an ordinary string, relative to the working directory. */
export type ReadFile = (path: string) => { readonly text: string } | { readonly error: string };

const LINE_BYTES_MAX = 65_536;
const INCLUDE_DEPTH_MAX = 16;
const FILES_MAX = 256;

const BYTE_ORDER_MARK = "\xef\xbb\xbf";

/** Splits one line, without its line feed. */
export function parseLine(raw: string): Line {
  const line = trimBlanks(raw);
  if (line === "") return { type: "blank" };
  if (line.startsWith("#")) return { type: "comment" };
  const firstWord = (words(line.slice(0, LINE_BYTES_MAX))[0] ?? "").toLowerCase();
  const broken = (message: string): Line => ({ type: "broken", name: firstWord, message });
  if (line.length > LINE_BYTES_MAX) return broken(`Line is longer than ${LINE_BYTES_MAX} bytes`);
  if (line.includes("\0")) return broken("Line contains a NUL byte");
  const args = splitArgs(line);
  if (args === undefined) return broken("Unbalanced quotes in configuration line");
  const [name = "", ...rest] = args;
  return { type: "statement", name: name.toLowerCase(), args: rest };
}

/**
 * Lines of `text`: a last line may lack its line feed, a UTF-8 byte order mark is not part of the
 * first.
 */
export function linesOf(text: string): string[] {
  const lines = (
    text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text
  ).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/**
 * All statements of `text`, the content of `file`, with those of included files in their places.
 */
export function parseFile(file: string, text: string, readFile: ReadFile): readonly Statement[] {
  const reading = new Reading(readFile);
  reading.text(file, text);
  return reading.statements;
}

/**
 * Replaces `include` statements that stand elsewhere (flags, environment) by the files' statements.
 */
export function expandIncludes(
  statements: readonly Statement[],
  readFile: ReadFile,
): readonly Statement[] {
  const reading = new Reading(readFile);
  for (const statement of statements) reading.statement(statement);
  return reading.statements;
}

/** One walk through a file and what it includes. */
class Reading {
  readonly statements: Statement[] = [];
  readonly #readFile: ReadFile;
  /** The files being read right now, outermost first. */
  readonly #open: string[] = [];
  #filesRead = 0;

  constructor(readFile: ReadFile) {
    this.#readFile = readFile;
  }

  text(file: string, text: string): void {
    this.#open.push(file);
    for (const [index, raw] of linesOf(text).entries()) {
      const line = parseLine(raw);
      if (line.type === "blank" || line.type === "comment") continue;
      this.statement({
        name: line.name,
        args: line.type === "broken" ? [] : line.args,
        text: shownText(line.name, trimBlanks(raw)),
        origin: { from: "file", file, line: index + 1 },
        unreadable: line.type === "broken" ? line.message : "",
      });
    }
    this.#open.pop();
  }

  statement(statement: Statement): void {
    const isInclude = statement.name === "include" && statement.args.length === 1;
    if (!isInclude) {
      this.statements.push(statement);
      return;
    }
    const path = fromByteString(statement.args[0] ?? "");
    const file = this.#load(path);
    if ("error" in file) this.statements.push({ ...statement, unreadable: file.error });
    else this.text(path, file.text);
  }

  /** The content of an included file, or why it is not read. */
  #load(path: string): ReturnType<ReadFile> {
    if (this.#open.includes(path)) return { error: `${path} includes itself` };
    if (this.#open.length > INCLUDE_DEPTH_MAX) {
      return { error: `Includes are nested deeper than ${INCLUDE_DEPTH_MAX} files` };
    }
    this.#filesRead++;
    // Depth alone does not bound the work: a file that includes its like twice doubles it at every
    // level.
    if (this.#filesRead > FILES_MAX) return { error: `More than ${FILES_MAX} files are included` };
    const file = path.includes("\0") ? { error: "path contains a NUL byte" } : this.#readFile(path);
    return "error" in file ? { error: `Can't open the included file: ${file.error}` } : file;
  }
}
