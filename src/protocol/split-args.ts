/**
 * Splitting a line into arguments, with the quoting rules of redis-cli and redis.conf.
 *
 * Arguments are separated by white space. `"..."` understands \n \r \t \b \a \xHH, and a backslash
 * before anything else yields that character; `'...'` understands only \'. Quotes may open in the
 * middle of an argument, but a closing quote ends it: white space or the end of the line must
 * follow. Used by inline requests, configuration lines and the command line client, which therefore
 * agree on every corner.
 *
 * A line is a latin1 string: one character per byte, NUL included. Empty quoted arguments are kept.
 */

/** The arguments of `line`, or undefined when its quotes are unbalanced. */
export function splitArgs(line: string): string[] | undefined {
  const args: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isBlank(line.charCodeAt(at))) at++;
    if (at === line.length) return args;
    let arg = "";
    while (at < line.length && !isBlank(line.charCodeAt(at))) {
      const quote = line[at] ?? "";
      if (quote !== '"' && quote !== "'") {
        arg += quote;
        at++;
        continue;
      }
      const close = closingQuote(line, at);
      if (close < 0 || (close + 1 < line.length && !isBlank(line.charCodeAt(close + 1))))
        return undefined;
      const inside = line.slice(at + 1, close);
      arg += quote === '"' ? unescapeDouble(inside) : inside.replaceAll("\\'", "'");
      at = close + 1;
    }
    args.push(arg);
  }
}

/** White space as C's isspace sees it: blank, tab, LF, VT, FF, CR. */
export function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

/** Position of the quote that closes the one at `open`, or -1. */
function closingQuote(line: string, open: number): number {
  const quote = line[open];
  let at = open + 1;
  while (at < line.length && line[at] !== quote) {
    const skipsNext = line[at] === "\\" && (quote === '"' || line[at + 1] === "'");
    at += skipsNext ? 2 : 1;
  }
  return at < line.length ? at : -1;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", a: "\x07" };

/** Backslash sequences of a double-quoted part. */
function unescapeDouble(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|(.))/gs,
    (_all, hex: string | undefined, other: string) =>
      hex === undefined ? (ESCAPES[other] ?? other) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
