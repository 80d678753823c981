/**
 * What people read about the configuration: conf/ringq.conf, the README's table, `--print-config`.
 *
 * All of it comes from the table of directives; a test fails when the committed files differ.
 */

import type { Config } from "./config.ts";
import { type AnyDirective, GROUPS, type Group } from "./directive.ts";
import { directives, statements } from "./directives.ts";
import { quote, words } from "./text.ts";

const COLUMNS = 80;

const HEAD = `
ringq.conf: every directive of ringq-server, each with its default.

Nothing is active in this file: remove the # in front of a directive and change its value. Start
with \`ringq-server path/to/ringq.conf\`; \`ringq-server --check-config path/to/ringq.conf\` only
tells what is wrong.

A line is a name and its value. Values with blanks stand in "double quotes" (which know \\n, \\t,
\\xHH, \\" and \\\\) or 'single quotes'. A # begins a comment only at the start of a line. When a
directive stands twice, the last one counts.

Sizes may have a unit, in any case: 1k is 1000 bytes, 1kb 1024, 1m 1000000, 1mb 1048576, 1g
1000000000, 1gb 1073741824.

Every directive can also be given as a flag (--maxmemory 2gb) or as a variable of the environment
in capitals (RINGQ_CONF_MAXMEMORY=2gb). The default is the weakest, then come this file, the
environment, flags, and CONFIG SET while the server runs. CONFIG REWRITE writes the values in
force into this file and keeps its comments.
`;

const INTRODUCTIONS: Readonly<Partial<Record<Group, string>>> = {
  Persistence:
    "With appendonly yes all jobs are kept in a log below dir, and are there again after a " +
    "restart. Without it they live in memory only.",
  Cluster: "For nodes that work together. A node on its own does not use them.",
  "Without effect":
    "Accepted and shown by CONFIG GET, because existing files and tools have them. They do " +
    "nothing.",
};

/** The text of conf/ringq.conf. */
export function renderConfigFile(): string {
  const parts = [HEAD.trim().split("\n\n").map(comment).join("#\n"), "\n"];
  for (const group of GROUPS) {
    parts.push(title(group), "\n");
    const introduction = INTRODUCTIONS[group];
    if (introduction !== undefined) parts.push(comment(introduction), "\n");
    for (const row of rowsIn(group)) if (row.inFile) parts.push(describe(row), "\n");
  }
  parts.push(title("Other lines"), "\n");
  for (const { name, syntax, help } of statements)
    parts.push(comment(`${name}: ${help} It takes ${syntax}.`), "\n");
  return `${parts.join("").trimEnd()}\n`;
}

/** The README's table, in Markdown. */
export function renderDirectiveTable(): string {
  const lines = ["| Directive | Default | CONFIG SET | Meaning |", "|---|---|---|---|"];
  for (const group of GROUPS) {
    for (const row of rowsIn(group)) {
      const value = row.kind.write(row.default);
      const cells = [`\`${row.name}\``, `\`${value}\``, row.mutable ? "yes" : "no", row.help];
      lines.push(`| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
    }
  }
  for (const { name, help } of statements) lines.push(`| \`${name}\` | | no | ${help} |`);
  return `${lines.join("\n")}\n`;
}

/** The values in force, in the syntax of a file; secrets are left out. A byte string. */
export function renderSettings(config: Config): string {
  const lines = directives
    .filter((row) => row.inFile)
    .map((row) => {
      const value = config.settings[row.name as keyof typeof config.settings];
      if (row.secret && value !== row.default) return `# ${row.name} (set, not shown)`;
      return `${row.name} ${row.kind.write(value)}`;
    });
  const renames = config.renames.map(
    ({ from, to }) => `rename-command ${quote(from)} ${quote(to)}`,
  );
  return `${[...lines, ...renames].join("\n")}\n`;
}

function rowsIn(group: Group): AnyDirective[] {
  return directives.filter((row) => row.group === group);
}

/** Help, what it takes, and the default as a line that only lacks its activation. */
function describe(row: AnyDirective): string {
  const change = row.mutable ? " CONFIG SET changes it." : "";
  const facts = `Takes ${row.kind.syntax}.${change}`;
  return `${comment(row.help)}${comment(facts)}# ${row.name} ${row.kind.write(row.default)}\n`;
}

function title(name: string): string {
  return `${` ${name} `.padStart(8 + name.length, "#").padEnd(COLUMNS, "#")}\n`;
}

/** A paragraph as comment lines of at most COLUMNS characters. */
function comment(paragraph: string): string {
  let lines = "";
  let line = "#";
  for (const word of words(paragraph)) {
    if (line.length + 1 + word.length > COLUMNS && line !== "#") {
      lines += `${line}\n`;
      line = "#";
    }
    line += ` ${word}`;
  }
  return `${lines}${line}\n`;
}
