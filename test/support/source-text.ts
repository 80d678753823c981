/**
 * Source text with its comments and literals replaced by blanks.
 *
 * The tidy rules look for words like "process" that are fine in prose and in error texts but not in
 * code. The result has the same length and the same line breaks, so that positions stay true.
 * This is a scanner, not a parser: it knows just enough of TypeScript to tell code from the rest.
 */

interface Span {
  start: number;
  end: number;
}

/** Code only; comments, strings, template text and regular expressions are blank. */
export function codeOnly(source: string): string {
  let result = "";
  let at = 0;
  for (const { start, end } of literalsAndComments(source)) {
    result += source.slice(at, start) + source.slice(start, end).replace(/[^\n]/g, " ");
    at = end;
  }
  return result + source.slice(at);
}

/** Every comment and literal, in order. Template expressions are code and not part of a span. */
function literalsAndComments(source: string): Span[] {
  const found: Span[] = [];
  const braces: ("code" | "template")[] = [];
  let at = 0;
  const add = (end: number): void => {
    found.push({ start: at, end });
    at = end;
  };
  const addTemplatePart = (): void => {
    const end = templatePartEnd(source, at + 1);
    if (source[end - 1] === "{") braces.push("template");
    add(end);
  };
  while (at < source.length) {
    const char = source[at];
    if (source.startsWith("//", at)) add(endOf(source, /\n|$/g, at));
    else if (source.startsWith("/*", at)) add(endOf(source, /\*\//g, at + 2));
    else if (char === '"' || char === "'") add(quotedEnd(source, at));
    else if (char === "`") addTemplatePart();
    else if (char === "}" && braces.pop() === "template") addTemplatePart();
    else if (char === "/" && startsRegex(source, at)) add(regexEnd(source, at));
    else {
      if (char === "{") braces.push("code");
      at++;
    }
  }
  return found;
}

/** The position after the next match of the (global) pattern; the end of the text without one. */
function endOf(source: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from;
  const match = pattern.exec(source);
  if (match === null) return source.length;
  return match[0] === "\n" ? match.index : match.index + match[0].length;
}

function quotedEnd(source: string, from: number): number {
  const quote = source[from];
  let at = from + 1;
  while (at < source.length && source[at] !== quote) at += source[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** Template text ends at the back quote or at the brace that opens an expression. */
function templatePartEnd(source: string, from: number): number {
  let at = from;
  while (at < source.length) {
    if (source[at] === "`") return at + 1;
    if (source.startsWith("${", at)) return at + 2;
    at += source[at] === "\\" ? 2 : 1;
  }
  return at;
}

/** A slash divides after a value, and starts a regular expression after anything else. */
function startsRegex(source: string, at: number): boolean {
  const before = source.slice(Math.max(0, at - 40), at).trimEnd();
  return /(^|[(,=:[!&|?{};>+*-]|\b(?:return|typeof|case|of|in))$/.test(before);
}

function regexEnd(source: string, from: number): number {
  let inClass = false;
  let at = from + 1;
  while (at < source.length && source[at] !== "\n") {
    if (source[at] === "/" && !inClass) return at + 1;
    if (source[at] === "[") inClass = true;
    if (source[at] === "]") inClass = false;
    at += source[at] === "\\" ? 2 : 1;
  }
  return at;
}
