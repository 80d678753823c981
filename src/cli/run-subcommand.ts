/**
 * Running a subcommand, and the texts of `--help`, by yargs.
 *
 * Options that stood before the name are put behind it, so that both places mean the same.
 */
import yargs from "yargs";
import { failWithUsage, PARSER_SETTINGS, withCommandOptions } from "./command-line.ts";
import { type SubcommandRow, subcommandFor, subcommandRows } from "./subcommands.ts";
import { columns } from "./terminal.ts";

const HELP_COLUMNS_MAX = 100;
const USAGE = `ringq [options] COMMAND [ARGUMENT...]   runs a command of the server
       ringq [options]                         opens a prompt, or runs the lines of standard input
       ringq SUBCOMMAND [options]              runs a tool: see below, and ringq SUBCOMMAND --help`;
const EPILOGUE = `The password may be in RINGQ_AUTH (or REDISCLI_AUTH). Words of a command are taken as they are.
Exit codes: 0 all is well, 1 the server is not there or answered with an error, 2 wrong usage.`;

/** Runs it with the options before its name and the words from its name on. Sets the exit code. */
export async function runSubcommand(
  row: SubcommandRow,
  leading: readonly string[],
  words: readonly string[],
): Promise<void> {
  const hasAction = row.actions?.includes(words[1] ?? "") === true;
  const names = words.slice(0, hasAction ? 2 : 1);
  await (await parserFor(row, [...names, ...leading, ...words.slice(names.length)])).parseAsync();
}

/** The overview, or the help of the subcommand that is named. */
export async function helpText(words: readonly string[]): Promise<string> {
  const row = subcommandFor(words);
  if (row !== undefined) return (await parserFor(row, words)).getHelp();
  let parser = withCommandOptions(yargs([]).locale("en").help(false).version(false))
    .scriptName("ringq")
    .usage(`Usage: ${USAGE}`)
    .epilogue(EPILOGUE)
    .wrap(helpColumns());
  for (const { usage, summary } of subcommandRows) parser = parser.command(usage, summary);
  return parser.getHelp();
}

async function parserFor(row: SubcommandRow, args: readonly string[]) {
  return yargs([...args])
    .locale("en")
    .scriptName("ringq")
    .command(await row.load())
    .demandCommand(1)
    .strict()
    .help("help")
    .version(false)
    .parserConfiguration(PARSER_SETTINGS)
    .wrap(helpColumns())
    .exitProcess(false)
    .fail((message, error) => failWithUsage(message, error));
}

function helpColumns(): number {
  return Math.min(columns(), HELP_COLUMNS_MAX);
}
