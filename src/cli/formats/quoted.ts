/**
 * Bytes in double quotes as Redis shows them: printable ASCII as it is, everything else escaped.
 *
 * What is shown can be typed again: `splitArgs` reads the same bytes back.
 */
import { escapedForQuotes } from "../../util/escaped.ts";

/** The bytes in quotes. */
export function quoted(bytes: Buffer): string {
  return `"${escapedForQuotes(bytes.toString("latin1"))}"`;
}
