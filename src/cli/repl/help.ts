/**
 * `help` at the prompt: all commands, or one of them.
 *
 * From the server's table; what only the prompt knows comes last.
 */
import { harmless, paint } from "../terminal.ts";
import { type CommandTable, usageLines } from "./command-table.ts";

const OWN = [
  ["help [COMMAND]", "this help, or that of one command"],
  ["connect HOST PORT", "another server; also connect HOST:PORT or a URL"],
  ["N COMMAND ...", "runs the command N times"],
  ["clear", "clears the screen"],
  ["exit", "ends; so do quit, Ctrl-D, and Ctrl-C on an empty line"],
] as const;

/** The lines of it. */
export function helpLines(table: CommandTable, words: readonly string[]): string[] {
  const [name] = words;
  if (name === undefined) return overview(table);
  const help = table.get(name.toLowerCase());
  if (help === undefined) return [`the server tells nothing about ${harmless(name)}`];
  return [
    ...usageLines(help).map((line) => paint("bold", harmless(line))),
    `  ${harmless(help.summary)}`,
    `  group: ${harmless(help.group)}, since ${harmless(help.since)}`,
  ];
}

function overview(table: CommandTable): string[] {
  const width = Math.max(
    ...[...table.keys(), ...OWN.map(([name]) => name)].map(({ length }) => length),
  );
  const row = (name: string, text: string): string => `  ${name.padEnd(width)}  ${harmless(text)}`;
  const groups = [...new Set([...table.values()].map(({ group }) => group))];
  const chapters = groups.map((group) => [
    paint("bold", harmless(group)),
    ...[...table.values()]
      .filter((help) => help.group === group)
      .map(({ name, summary }) => row(harmless(name.toUpperCase()), summary)),
  ]);
  const own = [paint("bold", "prompt"), ...OWN.map(([name, text]) => row(name, text))];
  return [...chapters, own].flat();
}
