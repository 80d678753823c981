/**
 * "ms-timeout" arguments: milliseconds a client is ready to wait, 0 for ever (reference 1.4).
 *
 * ADDJOB and GETJOB share the rules and the texts; what is done with the time is theirs.
 */
import type { Request } from "../protocol/request.ts";
import { errors } from "./errors.ts";

/** What is wrong with argument `i` as a timeout, or undefined. */
export function timeoutError(request: Request, i: number): string | undefined {
  const timeoutMs = request.integer(i);
  if (Number.isNaN(timeoutMs)) return errors.timeoutNotAnInteger;
  return timeoutMs < 0 ? errors.timeoutNegative : undefined;
}
