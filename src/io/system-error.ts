/**
 * The operating system's own words for a failed call.
 *
 * Several replies and messages end with them ("No space left on device"), as people know them from
 * other servers. Node's messages carry the code, the call and the path in one line; this is only
 * the reason.
 */
import { getSystemErrorMap } from "node:util";

/** The code of a failed system call, `ENOSPC` for instance; undefined for any other error. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/**
 * The reason in words: "No space left on device". Of an error that is not the system's, its
 * message.
 */
export function systemErrorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!("errno" in error) || typeof error.errno !== "number") return error.message;
  const words = getSystemErrorMap().get(error.errno)?.[1];
  if (words === undefined) return error.message;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The reason in words behind an error that wraps the system's own. */
export function causeText(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return systemErrorText(cause ?? error);
}
