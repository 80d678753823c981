/**
 * What people read about the commands: usage lines, help texts, the README's table.
 *
 * All of it comes from the specs; a test fails when the README differs.
 */
import { type ArgumentSpec, COMMAND_GROUPS, type CommandSpec, usage } from "./command.ts";

const GROUP_TITLES = {
  job: "Jobs",
  queue: "Queues",
  cluster: "Cluster",
  connection: "Connections",
  server: "Server",
} as const;

/** Every way to write the command: one line, or one for each of its forms. */
export function usages(spec: Pick<CommandSpec, "name" | "arguments">): string[] {
  const forms = formsOf(spec.arguments);
  if (forms === undefined) return [usage(spec)];
  const bare = spec.arguments[0]?.isOptional === true ? [usage({ ...spec, arguments: [] })] : [];
  return [...bare, ...forms.map((form) => usage({ ...spec, arguments: [form] }))];
}

/** The forms of a command that has nothing but forms (subcommands.ts). */
function formsOf(args: readonly ArgumentSpec[]): readonly ArgumentSpec[] | undefined {
  const only = args.length === 1 ? args[0] : undefined;
  return only?.name === "subcommand" && only.type === "oneof" ? only.parts : undefined;
}

/** Some lines about one command, for `HELP name`. */
export function commandHelp(spec: CommandSpec): string {
  const lines = [
    ...usages(spec),
    `  ${spec.summary}`,
    `  answers: ${spec.reply}`,
    `  errors: ${["ERR", ...spec.errors].join(", ")}`,
    `  group: ${spec.group}, since ${spec.since}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** The README's chapter: a table for each group, in Markdown. */
export function commandTables(specs: readonly CommandSpec[]): string {
  const chapters = COMMAND_GROUPS.map((group) => {
    const rows = specs.filter((spec) => spec.group === group).map(row);
    const head = ["| Command | What it does | Answer | Errors |", "|---|---|---|---|"];
    return `### ${GROUP_TITLES[group]}\n\n${[...head, ...rows].join("\n")}\n`;
  });
  return chapters.join("\n");
}

function row(spec: CommandSpec): string {
  const cells = [
    usages(spec).map(code).join("<br>"),
    cellText(spec.summary),
    cellText(spec.reply),
    spec.errors.map(code).join(" "),
  ];
  return `| ${cells.join(" | ")} |`;
}

function code(text: string): string {
  return `\`${cellText(text)}\``;
}

/** A bar would end the cell, even between backquotes. */
function cellText(text: string): string {
  return text.replaceAll("|", "\\|");
}
