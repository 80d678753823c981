/**
 * Options of commands: `RETRY 60`, `ASYNC`, `STATE queued`, in any order.
 *
 * A command declares its options as objects; reading a request fills their `value`s, checking each
 * against its limits in the order given, as clients of the reference expect. The objects belong to
 * the command and are filled anew for every request: nothing is allocated for the hot commands.
 */
import type { Request } from "../protocol/request.ts";
import { errors } from "./errors.ts";

/** How an option's value is read. */
type OptionKind = "integer" | "argument" | "repeated" | "switch";

/** What an option may be and what it is worth when absent. */
interface OptionSpec {
  readonly word: string;
  readonly kind: OptionKind;
  readonly min: number;
  readonly max: number;
  readonly absent: number;
  readonly error: string;
  readonly errorBelow?: string;
  readonly errorAbove?: string;
}

/** One option of a command, with the value of the request at hand. */
export class CommandOption {
  readonly word: Uint8Array;
  readonly kind: OptionKind;
  readonly min: number;
  readonly max: number;
  /** Value when the request does not have the option. */
  readonly absent: number;
  /** What to answer for a value that is no number, one below `min` and one above `max`. */
  readonly error: string;
  readonly errorBelow: string;
  readonly errorAbove: string;
  /** The number; for "argument" the position of the value; for "switch" 0 or 1. */
  value: number;
  /** For "repeated", the positions of all values. */
  values: number[] = [];

  constructor(spec: OptionSpec) {
    this.word = Buffer.from(spec.word, "latin1");
    this.kind = spec.kind;
    this.min = spec.min;
    this.max = spec.max;
    this.absent = spec.absent;
    this.error = spec.error;
    this.errorBelow = spec.errorBelow ?? spec.error;
    this.errorAbove = spec.errorAbove ?? spec.error;
    this.value = spec.absent;
  }
}

/**
 * An option with a whole number from min to max; `error` is answered for anything else, unless
 * there is an error of its own for numbers below or above.
 */
export function integerOption(
  word: string,
  limits: Pick<OptionSpec, "min" | "max" | "absent" | "error" | "errorBelow" | "errorAbove">,
): CommandOption {
  return new CommandOption({ word, kind: "integer", ...limits });
}

/** An option that is there or not. */
export function switchOption(word: string): CommandOption {
  return new CommandOption({ word, kind: "switch", min: 0, max: 1, absent: 0, error: "" });
}

/** An option with any value; `value` is its position in the request, 0 when absent. */
export function argumentOption(word: string): CommandOption {
  return new CommandOption({ word, kind: "argument", min: 0, max: 0, absent: 0, error: "" });
}

/** An option that may be given several times; `values` are the positions. */
export function repeatedOption(word: string): CommandOption {
  return new CommandOption({ word, kind: "repeated", min: 0, max: 0, absent: 0, error: "" });
}

/** Reads the options of one command. */
export class OptionReader {
  /** What to answer when `read` gave -1. */
  error = "";
  readonly #options: readonly CommandOption[];

  constructor(options: readonly CommandOption[]) {
    this.#options = options;
  }

  /** Forgets the previous request. */
  reset(): void {
    for (const option of this.#options) {
      option.value = option.absent;
      if (option.values.length > 0) option.values = [];
    }
  }

  /**
   * Reads options from argument `i` on. Returns the first argument that is no option, or the option
   * whose value is missing; -1 when a value is bad. A repeated option counts with its last value.
   */
  read(request: Request, i: number): number {
    let at = i;
    while (at < request.count) {
      const option = this.#match(request, at);
      if (option === undefined) return at;
      if (option.kind === "switch") {
        option.value = 1;
        at++;
        continue;
      }
      if (at + 1 === request.count) return at;
      const error = readValue(option, request, at + 1);
      if (error !== undefined) {
        this.error = error;
        return -1;
      }
      at += 2;
    }
    return at;
  }

  #match(request: Request, i: number): CommandOption | undefined {
    for (const option of this.#options) {
      if (request.is(i, option.word)) return option;
    }
    return undefined;
  }
}

/** Reads all options from argument `i` to the end; the error to answer, or undefined. */
export function readAllOptions(
  reader: OptionReader,
  request: Request,
  i: number,
): string | undefined {
  reader.reset();
  const end = reader.read(request, i);
  if (end === -1) return reader.error;
  return end < request.count ? errors.syntax : undefined;
}

/** What is wrong with the value of an option, or undefined when it is taken. */
function readValue(option: CommandOption, request: Request, i: number): string | undefined {
  if (option.kind === "argument") {
    option.value = i;
    return undefined;
  }
  if (option.kind === "repeated") {
    option.values.push(i);
    return undefined;
  }
  const value = request.integer(i);
  if (Number.isNaN(value)) return option.error;
  if (value < option.min) return option.errorBelow;
  if (value > option.max) return option.errorAbove;
  option.value = value;
  return undefined;
}
