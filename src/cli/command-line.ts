/**
 * The options before a command, and the command itself, whose words are taken as they are.
 *
 * yargs reads until the first word that is no option; everything from there on belongs to the command, so a
 * body `1e3` or `--help` stays what it is. Subcommands of ours read their own options later.
 */
import yargs, { type Argv } from "yargs";
import { InputError, UsageError } from "./cli-error.ts";
import { type ConnectionArguments, withConnectionOptions } from "./connection-options.ts";
import { defaultFormat, type Format } from "./formats/format.ts";
import { lastOf, numberOption } from "./number-option.ts";

/** A day; longer waits are mistakes, and timers end at 24 days. */
export const INTERVAL_SECONDS_MAX = 86_400;
const PIPE_TIMEOUT_SECONDS = 30;

/** For all parsers of this program: values stay text, `--no-x` and dots mean nothing special. */
export const PARSER_SETTINGS = {
  "parse-numbers": false,
  "parse-positional-numbers": false,
  "boolean-negation": false,
  "camel-case-expansion": false,
  "dot-notation": false,
} as const;

/** The options of a command for the server. */
export interface CommandArguments extends ConnectionArguments {
  readonly repeat: number;
  readonly interval: number;
  readonly stdin?: boolean | undefined;
  readonly "stdin-tag"?: string | undefined;
  readonly raw?: boolean | undefined;
  readonly "no-raw"?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly csv?: boolean | undefined;
  readonly pipe?: boolean | undefined;
  readonly "pipe-timeout": number;
  readonly help?: boolean | undefined;
  readonly version?: boolean | undefined;
}

/** A command line taken apart. */
export interface CommandLine {
  readonly options: CommandArguments;
  /** The command's words. */
  readonly words: readonly string[];
}

const flag = (describe: string, group: string) => ({ type: "boolean", describe, group }) as const;

/** Lets a parser understand everything that may stand before a command. */
export function withCommandOptions(parser: Argv): Argv<CommandArguments> {
  const group = "One command:";
  const output = "Output:";
  return withConnectionOptions(parser).options({
    repeat: {
      ...numberOption("-r", {
        describe: "Run the command so many times; -1 means for ever",
        alias: "r",
        default: 1,
        min: -1,
        max: Number.MAX_SAFE_INTEGER,
        isWhole: true,
      }),
      group,
    },
    interval: {
      ...numberOption("-i", {
        describe: "Seconds between them",
        alias: "i",
        default: 0,
        min: 0,
        max: INTERVAL_SECONDS_MAX,
        isWhole: false,
      }),
      group,
    },
    stdin: { ...flag("Read the last argument from standard input", group), alias: "x" },
    "stdin-tag": {
      type: "string",
      describe: "Read the argument that is this word from standard input",
      group,
      alias: "X",
      requiresArg: true,
      coerce: lastOf,
    },
    pipe: flag("Send standard input as it is, and count replies and errors", group),
    "pipe-timeout": {
      ...numberOption("--pipe-timeout", {
        describe: "Seconds to wait for replies at the end of --pipe; 0 means for ever",
        default: PIPE_TIMEOUT_SECONDS,
        min: 0,
        max: INTERVAL_SECONDS_MAX,
        isWhole: false,
      }),
      group,
    },
    raw: flag("Show replies as they are (the default when nobody looks)", output),
    "no-raw": flag("Show replies with their types, also in a pipe", output),
    json: flag("Show replies as JSON", output),
    csv: flag("Show replies as comma-separated values", output),
    help: flag("Show this help, or that of a subcommand", output),
    version: { ...flag("Show the version", output), alias: "v" },
  }) as unknown as Argv<CommandArguments>;
}

/** Takes a command line apart. Throws UsageError. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const parser = withCommandOptions(
    yargs([...args])
      // One line of ours, in the language of all others.
      .locale("en")
      .help(false)
      .version(false),
  )
    .parserConfiguration({ ...PARSER_SETTINGS, "halt-at-non-option": true })
    .strictOptions()
    .exitProcess(false)
    .fail((message, error) => failWithUsage(message, error));
  const options = parser.parseSync();
  // From the end of what was given: not even the parser touches these words.
  return { options, words: args.slice(args.length - options._.length) };
}

/** The format that was asked for. Throws UsageError when several were. */
export function formatOf({ raw, "no-raw": noRaw, json, csv }: CommandArguments): Format {
  const asked = Object.entries({ raw, human: noRaw, json, csv })
    .filter(([, isAsked]) => isAsked === true)
    .map(([name]) => name as Format);
  if (asked.length > 1)
    throw new UsageError("--raw, --no-raw, --json and --csv exclude one another");
  return asked[0] ?? defaultFormat();
}

/**
 * Where standard input stands among the words of a command: behind them with -x, in place of the first one
 * that is the tag with -X, undefined without both. Throws UsageError when there is no such place.
 */
export function inputPlace(
  { stdin, "stdin-tag": tag }: CommandArguments,
  words: readonly string[],
): number | undefined {
  if (stdin !== true && tag === undefined) return undefined;
  if (stdin === true && tag !== undefined) throw new UsageError("-x and -X exclude one another");
  if (words.length === 0) throw new UsageError(`${stdin === true ? "-x" : "-X"} needs a command`);
  if (tag === undefined) return words.length;
  const at = words.indexOf(tag);
  if (at < 0) throw new UsageError(`-X: ${tag} is no argument of the command`);
  return at;
}

/**
 * What yargs does with a mistake: its message is our one line; errors of ours pass.
 *
 * @param command as yargs knows it, `tail <queue>`: yargs does not say which argument is missing
 */
export function failWithUsage(
  message: string | null,
  error: Error | undefined,
  command = "",
): never {
  if (error !== undefined && error !== null && message !== error.message) throw error;
  if (error instanceof UsageError || error instanceof InputError) throw error;
  const text = (message ?? "wrong usage").replace(/\s*\n\s*/g, " ");
  const isShort = text.startsWith("Not enough non-option arguments");
  throw new UsageError(isShort ? `${requiredIn(command)} is missing: ${command}` : text);
}

/** All of them: ours have one each. */
function requiredIn(command: string): string {
  return command.match(/<[^>]+>/g)?.join(" or ") ?? "a word";
}
