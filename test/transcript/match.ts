/**
 * Compares a reply with what a transcript expects, placeholders included.
 *
 * In an expected reply, alone or inside a longer string:
 *   <jobid:N> <nodeid:N>  an id; the first use binds N, later uses must be equal
 *   <cap:NAME>            text captured earlier by a named group
 *   <int> <digits> <str>  an integer, decimal digits, any text; <int:A..B> in that range
 * Alone: <re:EXPR> matches the whole value and captures its named groups, <any> is anything.
 * In what is sent: <jobid:N>, <nodeid:N>, <cap:NAME>, and <addr:CONN>, a connection's own address.
 */
import type { Reply } from "../support/reply.ts";
import type { ExpectedReply, Step } from "./format.ts";

/** What placeholders stand for, by their full name such as "jobid:1". */
export type Bindings = Map<string, string>;

const JOB_ID = "D-[0-9a-f]{8}-[A-Za-z0-9+/]{24}-[0-9a-f]{4}";
const NODE_ID = "[0-9a-f]{40}";
const placeholder = /<(jobid|nodeid|cap|int|digits|str)(?::([^<>]*))?>/g;

/** Does the reply match? Binds placeholders on the way, even when something later does not match. */
export function matchesReply(
  expected: ExpectedReply,
  actual: Reply,
  bindings: Bindings,
  mode: NonNullable<Step["match"]>,
): boolean {
  if (mode !== "shape" && expected.v === "<any>" && mode === "exact") return true;
  if (expected.t !== actual.t) return false;
  if (Array.isArray(actual.v)) {
    if (expected.v === "<any>") return true;
    return matchesItems(expected, actual.v, bindings, mode);
  }
  if (mode === "shape") return true;
  if (actual.t === ":") return matchesInteger(expected.v, actual.v);
  if (typeof actual.v === "boolean" || actual.t === "nil") return expected.v === actual.v;
  return matchesText(String(expected.v), String(actual.v), bindings);
}

/**
 * Where an ordered reply first differs from what was expected, in words: "item 3: expected ... got
 * ...". Whole replies where there is nothing more precise to say.
 */
export function describeMismatch(
  expected: ExpectedReply,
  actual: Reply,
  bindings: Bindings,
): string {
  const items = Array.isArray(expected.v) && !expected.unordered ? expected.v : [];
  const replies = Array.isArray(actual.v) ? actual.v : [];
  if (items.length === replies.length) {
    for (const [i, item] of items.entries()) {
      const reply = replies[i];
      if (reply !== undefined && !matchesReply(item, reply, new Map(bindings), "exact")) {
        return `item ${i}: ${describeMismatch(item, reply, bindings)}`;
      }
    }
  }
  return `expected ${JSON.stringify(expected)} got ${JSON.stringify(actual)}`;
}

function matchesItems(
  expected: ExpectedReply,
  actual: Reply[],
  bindings: Bindings,
  mode: NonNullable<Step["match"]>,
): boolean {
  const items = Array.isArray(expected.v) ? expected.v : [];
  if (items.length !== actual.length) return false;
  if (!expected.unordered || mode === "shape") {
    return items.every((item, i) => {
      const reply = actual[i];
      return reply !== undefined && matchesReply(item, reply, bindings, mode);
    });
  }
  const left = [...actual];
  return items.every((item) => {
    const found = left.findIndex((reply) => matchesReply(item, reply, bindings, mode));
    if (found >= 0) left.splice(found, 1);
    return found >= 0;
  });
}

function matchesInteger(expected: ExpectedReply["v"], actual: number): boolean {
  if (typeof expected !== "string") return expected === actual;
  if (expected === "<int>") return true;
  const range = /^<int:(.*)>$/.exec(expected)?.[1];
  return range !== undefined && isInRange(range, actual);
}

function isInRange(range: string, value: number): boolean {
  const [from, to] = range.split("..").map(Number);
  if (from === undefined || to === undefined || Number.isNaN(from + to)) {
    throw new Error(`not a range in a transcript: ${range}`);
  }
  return from <= value && value <= to;
}

/** Does the text match a pattern that may hold placeholders? Binds them when it does. */
export function matchesText(pattern: string, text: string, bindings: Bindings): boolean {
  if (pattern === "<any>" || pattern === "<str>") return true;
  if (pattern.startsWith("<re:") && pattern.endsWith(">")) {
    return matchesExpression(pattern.slice(4, -1), text, bindings);
  }
  if (!pattern.includes("<")) return pattern === text;
  const { source, captures } = compile(pattern, bindings);
  const match = wholeMatch(source, text);
  if (match === null) return false;
  for (const [i, { range }] of captures.entries()) {
    if (range !== undefined && !isInRange(range, Number(match[i + 1]))) return false;
  }
  for (const [i, { binds }] of captures.entries()) {
    if (binds !== undefined) bindings.set(binds, match[i + 1] ?? "");
  }
  return true;
}

function matchesExpression(expression: string, text: string, bindings: Bindings): boolean {
  // The recordings name groups the way Python does.
  const match = wholeMatch(expression.replaceAll("(?P<", "(?<"), text);
  if (match === null) return false;
  for (const [name, value] of Object.entries(match.groups ?? {}))
    bindings.set(`cap:${name}`, value);
  return true;
}

/** A capturing group of a compiled pattern: a name to bind, or a range to check. */
interface Capture {
  binds?: string;
  range?: string;
}

/** Turns text with placeholders into a regular expression. */
function compile(pattern: string, bindings: Bindings): { source: string; captures: Capture[] } {
  const captures: Capture[] = [];
  let source = "";
  let at = 0;
  for (const match of pattern.matchAll(placeholder)) {
    const [whole, kind = "", argument = ""] = match;
    source += escaped(pattern.slice(at, match.index));
    source += placeholderSource(kind, argument, bindings, captures);
    at = match.index + whole.length;
  }
  return { source: source + escaped(pattern.slice(at)), captures };
}

function placeholderSource(
  kind: string,
  argument: string,
  bindings: Bindings,
  captures: Capture[],
): string {
  const name = `${kind}:${argument}`;
  switch (kind) {
    case "cap":
      return escaped(boundText(name, bindings));
    case "jobid":
    case "nodeid": {
      const bound = bindings.get(name);
      if (bound !== undefined) return escaped(bound);
      captures.push({ binds: name });
      return kind === "jobid" ? `(${JOB_ID})` : `(${NODE_ID})`;
    }
    case "str":
      return ".*";
    default:
      if (kind === "digits" || argument === "") return "-?\\d+";
      captures.push({ range: argument });
      return "(-?\\d+)";
  }
}

/** The text with every placeholder replaced by what it stands for. Throws on an unbound one. */
export function substituted(
  text: string,
  bindings: Bindings,
  addressOf: (connection: string) => string,
): string {
  return text.replace(/<(jobid|nodeid|cap|addr):([^<>]*)>/g, (_, kind: string, name: string) =>
    kind === "addr" ? addressOf(name) : boundText(`${kind}:${name}`, bindings),
  );
}

/** The first job ID anywhere in a reply. */
export function findJobId(reply: Reply): string | undefined {
  if (Array.isArray(reply.v)) {
    for (const item of reply.v) {
      const found = findJobId(item);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return new RegExp(JOB_ID).exec(String(reply.v))?.[0];
}

function boundText(name: string, bindings: Bindings): string {
  const bound = bindings.get(name);
  if (bound === undefined) throw new Error(`nothing is bound to <${name}>`);
  return bound;
}

function wholeMatch(source: string, text: string): RegExpExecArray | null {
  return new RegExp(`^(?:${source})$`, "s").exec(text);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
