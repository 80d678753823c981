/**
 * Options that are numbers, checked where they are read.
 *
 * yargs would turn what is no number into NaN and go on.
 */
import type { Options } from "yargs";
import { UsageError } from "./cli-error.ts";

/** Which numbers are meant, and how help shows the option. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  /** No fractions. */
  readonly isWhole: boolean;
  readonly describe: string;
  readonly alias?: string;
  readonly default?: number;
}

/** An option of that name for yargs; gives a number. */
export function numberOption(name: string, range: NumberRange) {
  const { describe, alias, default: standard } = range;
  return {
    // Text, so that nothing is converted before it is looked at.
    type: "string",
    describe,
    requiresArg: true,
    ...(alias !== undefined && { alias }),
    ...(standard !== undefined && { default: `${standard}`, defaultDescription: `${standard}` }),
    coerce: (given: string | string[] | undefined) => {
      const text = lastOf(given);
      return text === undefined ? undefined : numberIn(name, text, range);
    },
  } as const satisfies Options;
}

/** The number in a text. Throws UsageError when it is none of those meant. */
export function numberIn(
  name: string,
  text: string,
  range: Pick<NumberRange, "min" | "max" | "isWhole">,
): number {
  const { min, max, isWhole } = range;
  const number = /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max && (!isWhole || Number.isInteger(number))) return number;
  const kind = isWhole ? "whole number" : "number";
  throw new UsageError(`${name}: ${text} is not a ${kind} from ${min} to ${max}`);
}

/** What is said twice counts as it was said last; yargs would make a list of it. */
export function lastOf<T>(given: T | T[] | undefined): T | undefined {
  return Array.isArray(given) ? given[given.length - 1] : given;
}
