/**
 * What is known of the place where output goes: its width, whether it has colours, and how to paint.
 *
 * On a terminal output may be pretty; in a pipe it is plain, so that other programs can read it. Colours
 * obey NO_COLOR (no-color.org) and dumb terminals.
 */
import { writeSync } from "node:fs";

const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** How text can look. */
export type Style = keyof typeof CODES;

/** Whether a person looks at the output. */
export function isTerminal(): boolean {
  return process.stdout.isTTY === true;
}

/** Whether it may have colours. */
export function hasColours(): boolean {
  const { NO_COLOR = "", TERM = "" } = process.env;
  return isTerminal() && NO_COLOR === "" && TERM !== "dumb";
}

/** Whether the cursor can be moved: to redraw a line or the screen. */
export function canRedraw(): boolean {
  return isTerminal() && process.env.TERM !== "dumb";
}

/** Columns of the terminal; without one, lines are as long as they are. */
export function columns(): number {
  // 0: a terminal that has not been told its size.
  return isTerminal() ? process.stdout.columns || COLUMNS_DEFAULT : Number.POSITIVE_INFINITY;
}

/** Rows of the terminal. */
export function rows(): number {
  return process.stdout.rows || ROWS_DEFAULT;
}

/** The text in a style, where there are colours. */
export function paint(style: Style, text: string): string {
  return hasColours() && text !== "" ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text;
}

/** Writes a line to standard output. */
export function printLine(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a line to standard error. */
export function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Text of a server without what could drive a terminal: control characters become `?`. */
export function harmless(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}

/** Shows and hides the cursor, at once, even when the process is about to end. */
export function showCursor(isShown: boolean): void {
  if (canRedraw()) writeSync(1, isShown ? "\x1b[?25h" : "\x1b[?25l");
}
