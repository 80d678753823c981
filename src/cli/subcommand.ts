/**
 * What a subcommand consists of: its words, its options, and what it does with a server.
 *
 * Every one understands the options that say which server is meant, before its name or behind it. What
 * it rejects with becomes one line and an exit code (main.ts).
 */
import type { Argv, CommandModule } from "yargs";
import type { Target } from "../client/target.ts";
import { failWithUsage } from "./command-line.ts";
import { type ConnectionArguments, targetOf, withConnectionOptions } from "./connection-options.ts";

/** Waits for a reply of a tool's question; no tool asks what takes long. */
const REPLY_TIMEOUT_MS = 10_000;

/** A subcommand in parts. */
export interface SubcommandParts<Arguments> {
  /** As yargs wants it: `tail <queue>`. */
  readonly command: string;
  readonly describe: string;
  readonly builder: (parser: Argv<ConnectionArguments>) => Argv<Arguments>;
  /** Resolves with the exit code. */
  readonly run: (target: Target, given: Arguments) => Promise<number>;
}

/** The parts as yargs wants them. What it has read has the types that `builder` says. */
export function subcommand<Arguments extends ConnectionArguments>(
  parts: SubcommandParts<Arguments>,
): CommandModule {
  const { command, describe, builder, run } = parts;
  return {
    command,
    describe,
    builder: (parser) =>
      (builder(withConnectionOptions(parser)) as Argv).fail((message, error) =>
        failWithUsage(message, error, command),
      ),
    handler: async (read) => {
      const given = read as unknown as Arguments;
      const target = { ...(await targetOf(given)), replyTimeoutMs: REPLY_TIMEOUT_MS };
      process.exitCode = await run(target, given);
    },
  };
}
