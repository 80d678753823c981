/**
 * Bytes as printable ASCII, in the form Redis shows them: what is something else is escaped.
 *
 * Text has one character per byte (latin1). What stands in quotes is read back by protocol/split-args.
 */

/** The bytes that have a short escape; every other unprintable one is written as `\xHH`. */
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\x07", "\\a"],
  ["\b", "\\b"],
]);

/** The escape of every byte: lines of megabytes are made of them. */
const ESCAPES: readonly string[] = Array.from({ length: 256 }, (_, code) =>
  escapeOf(String.fromCharCode(code)),
);

/** For between double quotes: quotes and backslashes are escaped as well. */
export function escapedForQuotes(text: string): string {
  return text.replace(/[^ -~]|["\\]/g, escapedCharacter);
}

/** Only what cannot be printed is escaped. */
export function escapedControls(text: string): string {
  return text.replace(/[^ -~]/g, escapedCharacter);
}

function escapedCharacter(character: string): string {
  return ESCAPES[character.charCodeAt(0)] ?? escapeOf(character);
}

function escapeOf(character: string): string {
  const hex = character.charCodeAt(0).toString(16).padStart(2, "0");
  return SHORT_ESCAPES.get(character) ?? `\\x${hex}`;
}
