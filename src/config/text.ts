/**
 * The two forms of text in a configuration.
 *
 * A directive's words are *byte strings*: one character per byte (latin1), as the request reader
 * and `splitArgs` produce them, so that a password may contain any byte. The environment, the
 * command line and file names are ordinary strings. This file converts between the two, and writes
 * a byte string in quotes so that `splitArgs` reads the same bytes back.
 */

import { isBlank } from "../protocol/split-args.ts";

/** The UTF-8 bytes of an ordinary string, one character each. */
export function toByteString(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The ordinary string whose UTF-8 bytes these are; bytes that are not UTF-8 become U+FFFD. */
export function fromByteString(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** `text` in double quotes, in one line, so that `splitArgs` gives back exactly the same bytes. */
export function quote(text: string): string {
  let quoted = "";
  for (const char of text) {
    const code = char.charCodeAt(0);
    if (char === '"' || char === "\\") quoted += `\\${char}`;
    else if (code < 32 || code === 127) quoted += `\\x${code.toString(16).padStart(2, "0")}`;
    else quoted += char;
  }
  return `"${quoted}"`;
}

/**
 * The blank-separated words of `text`. Not `split(/\s/)`: that takes byte 0xA0 for a blank, which
 * is the second half of many UTF-8 letters.
 */
export function words(text: string): string[] {
  return text.split(/[ \t\n\v\f\r]+/).filter((word) => word !== "");
}

/** `line` without the blanks around it, by the same definition of a blank. */
export function trimBlanks(line: string): string {
  let from = 0;
  let to = line.length;
  while (from < to && isBlank(line.charCodeAt(from))) from++;
  while (to > from && isBlank(line.charCodeAt(to - 1))) to--;
  return line.slice(from, to);
}
