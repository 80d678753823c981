/**
 * Bytes in double quotes as Redis shows them: printable ASCII as it is, everything else escaped.
 *
 * What is shown can be typed again: `splitArgs` reads the same bytes back.
 */

const SHORT: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\x07", "\\a"],
  ["\b", "\\b"],
]);

/** The bytes in quotes. */
export function quoted(bytes: Buffer): string {
  const text = bytes.toString("latin1").replace(/[^ !#-[\]-~]/g, escaped);
  return `"${text}"`;
}

function escaped(char: string): string {
  return SHORT.get(char) ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
