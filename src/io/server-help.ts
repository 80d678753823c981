/**
 * `ringq-server --help`: the options as the table of directives has them, laid out by yargs.
 *
 * Reading the command line is not done here: one flag takes several values and a value may begin
 * with a dash, as Redis has it, which is decided in config/flags.ts.
 */
import yargs from "yargs";
import { directives } from "../config/directives.ts";
import { FILE_FLAGS, SPECIAL_FLAGS } from "../config/flags.ts";

const HELP_COLUMNS = 100;

/** The text of --help. */
export function helpText(): Promise<string> {
  let parser = yargs([])
    .scriptName("ringq-server")
    .usage("Usage: ringq-server [ringq.conf | -] [--directive value ...]")
    .help(false)
    .version(false)
    .wrap(HELP_COLUMNS)
    .epilogue("Variables RINGQ_CONF_<DIRECTIVE> set directives too; flags win over them.");
  for (const [name, description] of Object.entries(SPECIAL_FLAGS)) {
    parser = parser.option(name, { description, group: "Special:", type: "boolean" });
  }
  for (const [name, description] of Object.entries(FILE_FLAGS)) {
    parser = parser.option(name, { description, group: "Special:", type: "string" });
  }
  for (const row of directives) {
    if (row.unused || !row.inFile) continue;
    parser = parser.option(row.name, {
      description: firstSentence(row.help),
      group: `${row.group}:`,
      type: "string",
      defaultDescription: row.secret ? "none" : row.kind.print(row.default),
    });
  }
  return parser.getHelp();
}

function firstSentence(help: string): string {
  return /^.*?\.(?= |$)/.exec(help)?.[0] ?? help;
}
