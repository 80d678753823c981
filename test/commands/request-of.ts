/**
 * A Request made from its arguments, for tests of what reads requests.
 *
 * The arguments stand in the middle of a larger buffer, as in the one that sockets are read into.
 */
import { Request } from "../../src/protocol/request.ts";

const BEFORE = Buffer.from("before the request");
const AFTER = Buffer.from("and after it");

/** Strings are latin1. */
export function requestOf(...args: (string | number | Uint8Array)[]): Request {
  const request = new Request();
  const parts: Uint8Array[] = [BEFORE];
  let at = BEFORE.length;
  for (const [i, arg] of args.entries()) {
    const bytes = arg instanceof Uint8Array ? arg : Buffer.from(String(arg), "latin1");
    if (i === request.starts.length) request.growArguments();
    request.starts[i] = at;
    at += bytes.length;
    request.ends[i] = at;
    parts.push(bytes);
  }
  request.buffer = Buffer.concat([...parts, AFTER]);
  request.count = args.length;
  return request;
}
