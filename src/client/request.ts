/**
 * A command as it goes to the server: an array of bulk strings.
 *
 * Arguments go as they are. Nothing is trimmed, converted or guessed, so `1e3` arrives as these three bytes.
 */

/** One word of a command: bytes, or text that is sent as UTF-8. */
export type Argument = string | Buffer | number;

const LINE_END = Buffer.from("\r\n");

/** The bytes of a request. */
export function encodeRequest(args: readonly Argument[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg), "utf8");
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, LINE_END);
  }
  return Buffer.concat(parts);
}
