/**
 * Arguments as text where only short ones make sense: names, patterns, words echoed in errors.
 *
 * An argument may be half a gigabyte, which is more than a string can hold once something stands in
 * front of it. Longer ones are cut and marked; what is marked so is no valid value of anything.
 */
import type { Request } from "../protocol/request.ts";
import { latin1Text } from "../util/byte-text.ts";

/** More than any name, path or setting. */
const CHARS_MAX = 8192;
const CUT = "...";

/** Argument `i` in latin1, at most 8192 characters of it and then three dots. */
export function shortText(request: Request, i: number): string {
  if (request.size(i) <= CHARS_MAX) return request.text(i);
  const start = request.start(i);
  return latin1Text(request.buffer, start, start + CHARS_MAX) + CUT;
}
