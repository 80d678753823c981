#!/usr/bin/env node
/**
 * ringq: the command line client and the tools beside the server.
 *
 * Decides between a subcommand of ours, a command for the server, and the prompt, and turns failures into
 * one line and an exit code: 0 all is well, 1 the server is not there or said no, 2 usage.
 */
import { ConnectionError, ServerError } from "../client/connection-error.ts";
import { packageVersion } from "../io/package-files.ts";
import { systemErrorText } from "../io/system-error.ts";
import { EXIT_SERVER, EXIT_USAGE, FailedError, InputError, UsageError } from "./cli-error.ts";
import { type CommandArguments, formatOf, inputPlace, parseCommandLine } from "./command-line.ts";
import { targetOf } from "./connection-options.ts";
import { runOneShot } from "./one-shot.ts";
import { complain, printLine } from "./terminal.ts";

const FOR_EVER_INTERVAL_MS = 1000;

async function main(args: readonly string[]): Promise<number | undefined> {
  const { options, words } = parseCommandLine(args);
  const leading = args.slice(0, args.length - words.length);
  if (options.version) printLine(`ringq ${packageVersion()}`);
  else if (options.help || words[0] === "help") await showHelp(words);
  else {
    const { meantSubcommand, subcommandFor } = await import("./subcommands.ts");
    const row = subcommandFor(words);
    const meant = meantSubcommand(words[0] ?? "");
    if (row === undefined && meant !== undefined) {
      throw new UsageError(`unknown command ${words[0]}; did you mean ${meant}?`);
    }
    if (row === undefined) return await serve(options, words);
    const { runSubcommand } = await import("./run-subcommand.ts");
    await runSubcommand(row, leading, words);
    return undefined;
  }
  return 0;
}

/** A command, or many: from the command line, from standard input, or typed. */
async function serve(options: CommandArguments, words: readonly string[]): Promise<number> {
  const format = formatOf(options);
  if (options.pipe && words.length > 0) throw new UsageError("--pipe takes no command");
  const inputAt = inputPlace(options, words);
  const target = await targetOf(options);
  if (options.pipe) {
    return (await import("./pipe.ts")).runPipe(target, options["pipe-timeout"] * 1000);
  }
  if (words.length > 0) {
    const { readStandardInput } = await import("./standard-input.ts");
    const isPaced = options.interval > 0 || options.repeat >= 0;
    return runOneShot(target, {
      words,
      ...(inputAt !== undefined && { input: { at: inputAt, bytes: await readStandardInput() } }),
      repeat: options.repeat,
      intervalMs: isPaced ? options.interval * 1000 : FOR_EVER_INTERVAL_MS,
      format,
    });
  }
  if (process.stdin.isTTY) return (await import("./repl/repl.ts")).runPrompt(target, format);
  return (await import("./standard-input.ts")).runLines(target, format);
}

async function showHelp(words: readonly string[]): Promise<void> {
  const { helpText } = await import("./run-subcommand.ts");
  printLine(await helpText(words[0] === "help" ? words.slice(1) : words));
}

/** What failed in one line, and the exit code for it; anything unexpected is thrown on. */
function exitCodeOf(error: unknown): number {
  if (error instanceof InputError) {
    complain(`ringq: ${error.message}`);
    return EXIT_USAGE;
  }
  if (error instanceof UsageError) {
    complain(`ringq: ${error.message}\nTry ringq --help`);
    return EXIT_USAGE;
  }
  const expected = [ConnectionError, ServerError, FailedError];
  if (!expected.some((kind) => error instanceof kind)) throw error;
  complain(`ringq: ${systemErrorText(error)}`);
  return EXIT_SERVER;
}

// Who reads our output may stop reading, as `head` does.
process.stdout.on("error", () => process.exit(0));

try {
  process.exitCode = (await main(process.argv.slice(2))) ?? process.exitCode;
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
