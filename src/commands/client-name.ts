/**
 * Names that clients give themselves, with CLIENT SETNAME, CLIENT SETINFO and HELLO.
 *
 * They end up as columns of CLIENT LIST, so they may not contain blanks or anything unprintable.
 */
import type { Request } from "../protocol/request.ts";
import { errors } from "./errors.ts";

const NAME_BYTES_MAX = 1024;
const FIRST_PRINTABLE = 0x21;
const LAST_PRINTABLE = 0x7e;

/** Whether argument `i` consists of printable characters other than the blank; it may be empty. */
export function isPrintableWord(request: Request, i: number): boolean {
  for (let at = request.start(i); at < request.end(i); at++) {
    const byte = request.buffer[at] ?? 0;
    if (byte < FIRST_PRINTABLE || byte > LAST_PRINTABLE) return false;
  }
  return true;
}

/** Why argument `i` cannot be a client's name, or undefined. */
export function nameError(request: Request, i: number): string | undefined {
  if (request.size(i) > NAME_BYTES_MAX) return errors.clientNameTooLong;
  return isPrintableWord(request, i) ? undefined : errors.clientName;
}
