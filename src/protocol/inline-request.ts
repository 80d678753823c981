/**
 * Inline requests: a line of text instead of an array, for people with nothing but telnet.
 *
 * Without quotes the arguments stay where they are in the receive buffer, as those of array
 * requests do. A line with quotes is rare and small (64 KB at most), so it simply becomes strings
 * and a buffer of its own.
 */
import { latin1Bytes, latin1Text } from "../util/byte-text.ts";
import type { Request } from "./request.ts";
import { isBlank, splitArgs } from "./split-args.ts";

const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;

/**
 * Fills in the arguments of the line `buffer[start, end)`. Returns their number, 0 for a blank
 * line, or -1 when its quotes are unbalanced.
 */
export function splitInline(request: Request, buffer: Buffer, start: number, end: number): number {
  return hasQuotes(buffer, start, end)
    ? splitQuoted(request, buffer, start, end)
    : splitPlain(request, buffer, start, end);
}

function hasQuotes(buffer: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (buffer[at] === DOUBLE_QUOTE || buffer[at] === SINGLE_QUOTE) return true;
  }
  return false;
}

/** Arguments separated by white space, left where they are. Returns their number. */
function splitPlain(request: Request, buffer: Buffer, start: number, end: number): number {
  let count = 0;
  let at = start;
  for (;;) {
    while (at < end && isBlank(buffer[at] ?? 0)) at++;
    if (at === end) break;
    if (count === request.starts.length) request.growArguments();
    request.starts[count] = at;
    while (at < end && !isBlank(buffer[at] ?? 0)) at++;
    request.ends[count] = at;
    count++;
  }
  request.buffer = buffer;
  return count;
}

/** Arguments with quotes: unquoted into a buffer of their own. Returns their number, or -1. */
function splitQuoted(request: Request, buffer: Buffer, start: number, end: number): number {
  const args = splitArgs(latin1Text(buffer, start, end));
  if (args === undefined) return -1;
  let at = 0;
  for (const [index, arg] of args.entries()) {
    if (index === request.starts.length) request.growArguments();
    request.starts[index] = at;
    at += arg.length;
    request.ends[index] = at;
  }
  request.buffer = latin1Bytes(args.join(""));
  return args.length;
}
