/**
 * Redis-style patterns, as in CONFIG GET `max*`.
 *
 * `*` any text, `?` any character, `[abc]` `[a-z]` `[^a]` one of a set, `\x` the character itself.
 * A set that is never closed ends with the pattern; a backslash at the very end stands for itself.
 *
 * Patterns come from clients, so the match must not explode: instead of recursing at every `*`,
 * only the last one is ever tried again (an earlier star can never do better than the last one).
 * That is at most pattern length times text length steps.
 */

/** Whether all of `text` fits `pattern`. With `ignoreCase`, letters A-Z and a-z are the same. */
export function globMatch(pattern: string, text: string, ignoreCase = false): boolean {
  const wanted = ignoreCase ? lowerAscii(pattern) : pattern;
  const given = ignoreCase ? lowerAscii(text) : text;
  let p = 0;
  let t = 0;
  let starAt = -1; // pattern position behind the last star
  let starText = 0; // text position from which that star goes on
  while (t < given.length) {
    if (wanted[p] === "*") {
      starAt = ++p;
      starText = t;
      continue;
    }
    const next = p < wanted.length ? matchOne(wanted, p, given.charCodeAt(t)) : MISMATCH;
    if (next !== MISMATCH) {
      p = next;
      t++;
    } else if (starAt >= 0) {
      p = starAt;
      t = ++starText;
    } else {
      return false;
    }
  }
  while (wanted[p] === "*") p++;
  return p === wanted.length;
}

const MISMATCH = -1;

/**
 * The pattern position behind the element at `p` when that element matches `code`, else MISMATCH.
 */
function matchOne(pattern: string, p: number, code: number): number {
  const element = pattern[p];
  if (element === "?") return p + 1;
  if (element === "[") return matchSet(pattern, p + 1, code);
  const escaped = element === "\\" && p + 1 < pattern.length;
  const literal = escaped ? p + 1 : p;
  return pattern.charCodeAt(literal) === code ? literal + 1 : MISMATCH;
}

/** As matchOne, for the set whose first character behind the bracket is at `p`. */
function matchSet(pattern: string, p: number, code: number): number {
  const negated = pattern[p] === "^";
  let at = negated ? p + 1 : p;
  let found = false;
  while (at < pattern.length && pattern[at] !== "]") {
    if (pattern[at] === "\\" && at + 1 < pattern.length) {
      at++;
      found ||= pattern.charCodeAt(at) === code;
    } else if (pattern[at + 1] === "-" && at + 2 < pattern.length) {
      const from = pattern.charCodeAt(at);
      const to = pattern.charCodeAt(at + 2);
      found ||= code >= Math.min(from, to) && code <= Math.max(from, to);
      at += 2;
    } else {
      found ||= pattern.charCodeAt(at) === code;
    }
    at++;
  }
  if (found === negated) return MISMATCH;
  return Math.min(at + 1, pattern.length);
}

/** Bytes above 127 have no case: they belong to a binary name, not to a letter. */
function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
