/**
 * Bytes that are no text, for people: place, sixteen bytes, and the letters among them.
 *
 *   00000010  68 65 6c 6c 6f 00 ff fe                          |hello...|
 */

const PER_LINE = 16;

/** The bytes of base64. */
export function fromBase64(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

/** Lines of at most so many bytes. */
export function hexDump(bytes: Uint8Array, bytesMax = 4096): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, bytesMax); at += PER_LINE) {
    const row = [...bytes.subarray(at, Math.min(at + PER_LINE, bytesMax))];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."))
      .join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(PER_LINE * 3 - 1)}  |${text}|`);
  }
  return lines.join("\n");
}

/** One line of a body for a table: letters that break lines or cannot be seen become dots. */
export function oneLine(text: string, charsMax = 120): string {
  const visible = text
    .slice(0, charsMax * 2)
    .replace(/[\p{C}\p{Z}]+/gu, (run) => (/^ +$/.test(run) ? " " : "·"));
  return visible.length > charsMax ? `${visible.slice(0, charsMax)}…` : visible;
}
