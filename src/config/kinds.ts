/**
 * The kinds of value a directive can have: how each is read, shown and written.
 *
 * A kind is the only place that knows a notation, so the file, the environment, flags, CONFIG SET,
 * CONFIG GET and CONFIG REWRITE cannot disagree about it. What `print` and `write` produce, `parse`
 * reads back to the same value. Kinds know nothing of directives; texts peculiar to one directive
 * stand in its row.
 */

import { parseSize, printSize } from "../util/bytes.ts";
import { fromByteString, quote, toByteString } from "./text.ts";

/** A value, or why there is none. */
export type Parsed<T> = { readonly value: T } | { readonly error: string };

/**
 * One notation. Methods, not function properties, so that a `Kind<number>` is also a
 * `Kind<unknown>`.
 */
export interface Kind<T> {
  /** What may be written, for people; completes the sentence "<name> takes ...". */
  readonly syntax: string;
  /** Fewest and most arguments in a file or behind a flag. */
  readonly minArgs: number;
  readonly maxArgs: number;
  /**
   * CONFIG SET and the environment give one argument; lists split it themselves. `current` is what
   * holds now.
   */
  parse(args: readonly string[], current: T): Parsed<T>;
  /** CONFIG GET's text, a byte string. */
  print(value: T): string;
  /** What stands behind the name in a file, a byte string. */
  write(value: T): string;
}

/** The text of 9.3 of the reference for a wrong count, also of a list inside one argument. */
export const WRONG_COUNT = "Bad directive or wrong number of arguments";

/**
 * The largest count or number of seconds that makes sense anywhere; timers and the reference stop
 * there, too.
 */
export const COUNT_MAX = 2_147_483_647;

const PATH_BYTES_MAX = 4096;

/** `yes` or `no`. */
export function yesNo(): Kind<boolean> {
  return scalar<boolean>({
    syntax: "yes or no",
    read(text) {
      const word = text.toLowerCase();
      if (word !== "yes" && word !== "no") return { error: "argument must be 'yes' or 'no'" };
      return { value: word === "yes" };
    },
    print: (value) => (value ? "yes" : "no"),
  });
}

/**
 * Bounds of a number. `clamp` moves a number outside of them to the nearest bound instead of
 * refusing it.
 */
export interface IntegerRange {
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
  readonly clamp?: boolean;
}

/** A whole decimal number. */
export function integer(range: IntegerRange = {}): Kind<number> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER, clamp = false } = range;
  const syntax = `a number${range.unit === undefined ? "" : ` of ${range.unit}`}${bounds(range)}`;
  return scalar<number>({
    syntax,
    read(text) {
      const value = readInteger(text);
      if (value === undefined) return { error: "argument must be a whole number" };
      if (clamp) return { value: Math.min(Math.max(value, min), max) };
      if (value < min || value > max) return { error: `argument must be ${syntax}` };
      return { value };
    },
    print: String,
  });
}

/**
 * Bytes, with an optional unit: 100mb, 64k. Shown as plain bytes, written with the largest exact
 * unit.
 */
export function size(range: { readonly min?: number; readonly max?: number } = {}): Kind<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = range;
  const upTo = max === Number.MAX_SAFE_INTEGER ? "" : `, at most ${printSize(max)}`;
  const syntax = `a size in bytes or with a unit (b, k, kb, m, mb, g, gb)${upTo}`;
  return scalar<number>({
    syntax,
    read(text) {
      const value = parseSize(text);
      if (value === undefined) return { error: `argument must be ${syntax}` };
      if (value < min) return { error: `argument must be at least ${min}` };
      if (value > max) return { error: `argument must be at most ${printSize(max)}` };
      return { value };
    },
    print: String,
    write: printSize,
  });
}

/** One of some words, in any case; shown as spelled in the table. */
export function oneOf<const W extends string>(choices: readonly W[]): Kind<W> {
  const last = choices.at(-1) ?? "";
  return scalar<W>({
    syntax: `${choices.slice(0, -1).join(", ")} or ${last}`,
    read(text) {
      const wanted = text.toLowerCase();
      const value = choices.find((word) => word === wanted);
      if (value !== undefined) return { value };
      return { error: `argument must be one of ${choices.map((word) => `'${word}'`).join(", ")}` };
    },
    print: (value) => value,
  });
}

/** Any bytes up to a length. */
export function text(limit: { readonly maxBytes: number }): Kind<string> {
  return scalar<string>({
    syntax: `at most ${limit.maxBytes} bytes of text`,
    read(given) {
      if (given.length > limit.maxBytes)
        return { error: `argument is longer than ${limit.maxBytes} bytes` };
      return { value: given };
    },
    print: (value) => value,
    write: quote,
  });
}

/** A path as the file system takes it: the value is an ordinary string, not a byte string. */
export function path(options: { readonly mayBeEmpty: boolean }): Kind<string> {
  return scalar<string>({
    syntax: "a path",
    read(given) {
      const value = fromByteString(given);
      if (given === "" && !options.mayBeEmpty) return { error: "argument must not be empty" };
      if (given.length > PATH_BYTES_MAX)
        return { error: `path is longer than ${PATH_BYTES_MAX} bytes` };
      if (given.includes("\0")) return { error: "path must not contain a NUL byte" };
      if (toByteString(value) !== given) return { error: "path is not valid UTF-8" };
      return { value };
    },
    print: toByteString,
    write: (value) => quote(toByteString(value)),
  });
}

/** A file name without a folder. */
export function fileName(): Kind<string> {
  const anyPath = path({ mayBeEmpty: false });
  return {
    ...anyPath,
    syntax: "a file name without a folder",
    parse(args, current) {
      const parsed = anyPath.parse(args, current);
      if ("error" in parsed || !/[/\\]|^\.\.?$/.test(parsed.value)) return parsed;
      return { error: "argument must be a file name without a folder" };
    },
  };
}

/** A kind of exactly one argument. */
export function scalar<T>(parts: {
  readonly syntax: string;
  read(text: string): Parsed<T>;
  print(value: T): string;
  write?(value: T): string;
}): Kind<T> {
  const print = (value: T): string => parts.print(value);
  return {
    syntax: parts.syntax,
    minArgs: 1,
    maxArgs: 1,
    parse: (args) => parts.read(args[0] ?? ""),
    print,
    write: (value) => parts.write?.(value) ?? print(value),
  };
}

/** A whole number in canonical decimals (what is read is what is printed), or undefined. */
export function readInteger(text: string): number | undefined {
  if (!/^(?:0|-?[1-9]\d*)$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

function bounds({ min, max }: IntegerRange): string {
  const isBounded = max !== undefined && max !== COUNT_MAX;
  if (min !== undefined) return isBounded ? ` from ${min} to ${max}` : `, ${min} or more`;
  return isBounded ? `, ${max} or less` : "";
}
